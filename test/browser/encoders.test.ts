import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLab, type Lab } from '#lab/lab';
import { startServer, type RunningServer } from '#server/start-server';
import { buildPage } from './build-page.ts';
import { keepKnownEncoders, takeKnownEncoders } from './known-encoders.ts';
import { hasChromium, openBrowser, openPage, type OpenedBrowser } from './open-page.ts';
import { sampleBenchmark, sampleCells } from './sample-lab.ts';

/** Trying every encoder for the first time, on a machine with much else to do. */
const DISCOVERY_MS = 80_000;

let folder: string;
let lab: Lab;
let server: RunningServer;
let browser: OpenedBrowser;
/** An executable that is no ffmpeg; a benchmark names it. */
let broken: string;

beforeAll(async () => {
  if (!hasChromium) return;
  const webRoot = buildPage();
  folder = await mkdtemp(join(tmpdir(), 'encodelab-encoders-'));
  lab = await openLab(join(folder, 'lab'));
  await takeKnownEncoders(lab.cacheFolder);
  broken = join(folder, 'my ffmpeg');
  await writeFile(broken, '#!/bin/sh\nexit 3\n');
  await chmod(broken, 0o755);
  const cells = sampleCells().map((cell) => ({ ...cell, settings: { ...cell.settings, engine: broken } }));
  await lab.catalogue.saveBenchmark(sampleBenchmark('odd engine'), cells);
  server = await startServer({ lab, port: 0, webRoot });
  browser = await openBrowser();
});

afterAll(async () => {
  if (!hasChromium) return;
  await browser.close();
  await server.close();
  await keepKnownEncoders(lab.cacheFolder);
  await lab.close();
  await rm(folder, { recursive: true });
});

const open = (path: string, complaintsExpected?: readonly RegExp[]) =>
  openPage(browser, server, path, complaintsExpected);
const rows = (page: Page) => page.locator('.encoder-list tbody tr:not(.spacer)');
const parameter = (page: Page, name: string) => new URL(page.url()).searchParams.get(name);

test.runIf(hasChromium)(
  'the engines stand beside each other, and one that can not be used says why without breaking the page',
  async () => {
    const page = await open('/encoders');
    await page.locator('.engines > li').nth(2).waitFor();
    const cards = await page.locator('.engines > li').allInnerTexts();
    expect(cards[0]).toMatch(/^bundled\s+FFmpeg 8/);
    expect(cards[2]).toMatch(/can’t be used[^]*my ffmpeg[^]*in odd engine/);
    await page.locator('.engines .choose').nth(2).click();
    expect(parameter(page, 'engine')).toBe(broken);
    expect(await page.locator('.message').innerText()).toContain('can’t be used');
  },
);

test.runIf(hasChromium)(
  'the list of encoders filters by text, codec and what works, tells why one does not, and opens by keyboard',
  async () => {
    const page = await open('/encoders?engine=bundled');
    await rows(page).first().waitFor({ timeout: DISCOVERY_MS });
    const all = await page.locator('.counted').innerText();
    expect(all).toMatch(/^\d{2,3} encoders, \d{2,3} work here$/);
    expect(await rows(page).first().innerText()).toMatch(/^libx264\s+h264\s+software/);

    await page.keyboard.press('/');
    await page.keyboard.type('vaapi');
    await page.waitForFunction(() => document.querySelector('.counted')!.textContent!.includes(' of '));
    for (const text of await rows(page).allInnerTexts()) expect(text).toMatch(/vaapi/);
    const unavailable = page.locator('.encoder-list tr.unavailable');
    if ((await unavailable.count()) > 0)
      expect(await unavailable.first().locator('.bad').getAttribute('title')).toMatch(/VAAPI|render/);
    expect(parameter(page, 'filter')).toBe('vaapi');

    await page.getByRole('searchbox').fill('');
    await page.getByLabel('codec').selectOption('av1');
    await page.getByRole('button', { name: 'works here' }).click();
    await page.getByRole('button', { name: 'software' }).click();
    const left = await rows(page).allInnerTexts();
    expect(left.some((text) => text.startsWith('libsvtav1'))).toBe(true);
    for (const text of left) expect(text).toMatch(/\sav1\s+software[^]*✓ works/);
    await page.getByRole('searchbox').fill('nothing like this');
    await page.getByRole('button', { name: 'Show all' }).click();
    await rows(page).nth(5).waitFor();

    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await page.locator('h1').click();
    await page.keyboard.press('Enter');
    await page.locator('.encoder table.parameters').waitFor();
    expect(new URL(page.url()).pathname).toBe('/encoders/bundled/libx264');
    await page.keyboard.press('u');
    await rows(page).first().waitFor();
  },
);

test.runIf(hasChromium)(
  'an encoder shows its parameters with values and ranges, and makes the line for a benchmark file',
  async () => {
    const page = await open('/encoders/bundled/libx264');
    const row = (name: string) => page.locator(`tr[data-parameter="${name}"]`);
    await row('crf').waitFor({ timeout: DISCOVERY_MS });
    expect(await row('aq-mode').innerText()).toMatch(/enum\s+4 values[^]*autovariance/);
    expect(await row('crf').locator('td').nth(5).innerText()).toBe('–');
    await page.getByLabel('use crf', { exact: true }).check();
    await page.getByLabel('value of crf', { exact: true }).fill('23');
    await page.getByLabel('use aq-mode', { exact: true }).check();
    await page.getByLabel('value of aq-mode', { exact: true }).selectOption('variance');
    expect(await page.locator('.copy-line code').innerText()).toBe(
      'settings: {encoder: libx264, crf: 23, aq-mode: variance}',
    );
    expect(parameter(page, 'use')).toBe('crf:23,aq-mode:variance');
    await page.getByLabel('Filter parameters').fill('look');
    await row('rc-lookahead').waitFor();
    expect(await row('crf').count()).toBe(0);
    await page.getByRole('button', { name: /^of every encoder/ }).click();
    await page.getByRole('button', { name: 'Show all' }).or(row('nothing')).first().click();
    await row('threads').waitFor();
    const again = await open(new URL(page.url()).pathname + new URL(page.url()).search);
    await again.locator('.copy-line', { hasText: 'crf: 23' }).waitFor();
  },
);

test.runIf(hasChromium)('an encoder that does not work here says why above its parameters', async () => {
  const page = await open('/encoders/bundled/dnxhd');
  await page.locator('.encoder .reason').waitFor({ timeout: DISCOVERY_MS });
  expect(await page.locator('.encoder .reason').innerText()).toMatch(/dnxhd can't/);
  expect(await page.locator('.encoder h1').innerText()).toContain('not here');
  expect(await page.getByRole('button', { name: 'Prove' }).isDisabled()).toBe(true);
});

test.runIf(hasChromium)('what is not there is said: an encoder, and an engine that no benchmark names', async () => {
  const gone = await open('/encoders/bundled/libx999', [/404/]);
  await gone.locator('.message', { hasText: 'no encoder libx999' }).waitFor({ timeout: DISCOVERY_MS });
  const strange = await open('/encoders?engine=%2Fusr%2Fbin%2Fyes');
  await strange.locator('.message', { hasText: 'No benchmark of this lab names that engine' }).waitFor();
});

test.runIf(hasChromium)(
  'what a working encoder takes is proved from the page, shown while it goes on, and stops when told to',
  async () => {
    const page = await open('/encoders/bundled/libx264');
    await page.getByRole('button', { name: 'Prove' }).click({ timeout: DISCOVERY_MS });
    await page.locator('.proof', { hasText: / of \d+ parameters/ }).waitFor({ timeout: DISCOVERY_MS });
    await page.waitForFunction(
      () => /^[1-9]\d* of/.test(document.querySelector('.proof [role=status]')?.textContent ?? ''),
      null,
      {
        timeout: DISCOVERY_MS,
      },
    );
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('button', { name: 'Prove' }).waitFor({ timeout: DISCOVERY_MS });
    // What was decided until then is kept.
    await page.locator('tr[data-parameter] details.live').first().waitFor();
    expect(await page.locator('.proof').innerText()).not.toContain('116 of 116');
  },
);
