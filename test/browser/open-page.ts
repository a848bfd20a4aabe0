// Debian's Chromium, started anew, on the page of a lab.

import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';

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
const TIMEOUT_MS = 10_000;

export interface OpenedBrowser {
  readonly context: BrowserContext;
  /** Opens a page and keeps what it complains of. */
  open(url: string): Promise<{ page: Page; complaints: string[] }>;
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
    async open(url) {
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
      await page.goto(url);
      return { page, complaints };
    },
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
