// Debian's Chromium, started anew, on the page of a lab.

import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import type { RunningServer } from '#server/start-server';

export const CHROMIUM = '/usr/bin/chromium';
export const hasChromium = existsSync(CHROMIUM);

/** Root may not use the sandbox; the rest keeps the browser from calling home. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** For one step; a page that takes longer hangs. */
const TIMEOUT_MS = 30_000;

/** What a page is opened of. */
export type Served = Pick<RunningServer, 'address' | 'link'>;

/**
 * Opens a page for one test and closes it with the test; what the browser complains of fails the test.
 * @param expected complaints that belong to the test
 */
export async function openPage(
  browser: OpenedBrowser,
  server: Served,
  path: string,
  expected: readonly RegExp[] = [],
): Promise<Page> {
  const { page, complaints } = await browser.open(browser.signedIn.has(server.address) ? undefined : server.link());
  browser.signedIn.add(server.address);
  onTestFinished(async () => {
    await page.close();
    expect(complaints.filter((one) => !expected.some((known) => known.test(one)))).toEqual([]);
  });
  await page.goto(`${server.address}${path}`);
  return page;
}

export interface OpenedBrowser {
  readonly context: BrowserContext;
  /** Addresses of servers that know this browser already. */
  readonly signedIn: Set<string>;
  /** Opens a page, at an address where one is given, and keeps what it complains of. */
  open(url?: string): Promise<{ page: Page; complaints: string[] }>;
  close(): Promise<void>;
}

export async function openBrowser(
  scheme: 'light' | 'dark' = 'light',
  width = 1400,
  height = 900,
): Promise<OpenedBrowser> {
  const profile = await mkdtemp(join(tmpdir(), 'encodelab-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    args: FLAGS,
    colorScheme: scheme,
    viewport: { width, height },
    acceptDownloads: true,
  });
  context.setDefaultTimeout(TIMEOUT_MS);
  return {
    context,
    signedIn: new Set(),
    async open(url) {
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
      if (url !== undefined) await page.goto(url);
      return { page, complaints };
    },
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
