// The pages of titles in Chromium, on titles that the command line made.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLab, type Lab } from '#lab/lab';
import { startServer, type RunningServer } from '#server/start-server';
import type { RunningChild } from '#system/child-process';
import { cli, startCli, temporaryFolder } from '../cli/run-cli.ts';
import { hasFfmpeg } from '../package/sample-renditions.ts';
import { makeSource } from '../pipeline/made-source.ts';
import { buildPage } from './build-page.ts';
import { hasChromium, openBrowser, openPage, type OpenedBrowser } from './open-page.ts';

const PATIENCE = { timeout: 30_000 };
const folder = temporaryFolder();
const ladder = join(folder, 'ladder.yaml');
const slowLadder = join(folder, 'slow.yaml');
let lab: Lab;
let emptyLab: Lab;
let server: RunningServer;
let emptyServer: RunningServer;
let browser: OpenedBrowser;
let encoding: RunningChild | null = null;

const ladderText = (name: string, preset: string) => `name: ${name}
gop: 1s
rungs:
  - {encoder: libx264, resolution: 320x180, preset: ${preset}, crf: 28}
  - {encoder: libx264, resolution: 160x90, preset: ultrafast, crf: 30}
`;

beforeAll(async () => {
  if (!hasChromium || !hasFfmpeg) return;
  const labPath = join(folder, 'lab');
  const source = await makeSource(folder, 'two scenes.mp4', { seconds: 6, audio: false });
  writeFileSync(ladder, ladderText('small', 'ultrafast'));
  writeFileSync(slowLadder, ladderText('slow', 'placebo'));
  const made = await cli('encode', source, '--ladder', ladder, '--chunk', '2s', '--lab', labPath, '--protect', 'cenc');
  expect(made.code, made.stderr).toBe(0);
  lab = await openLab(labPath);
  emptyLab = await openLab(join(folder, 'empty'));
  const webRoot = buildPage();
  server = await startServer({ lab, port: 0, webRoot });
  emptyServer = await startServer({ lab: emptyLab, port: 0, webRoot });
  browser = await openBrowser();
});

afterAll(async () => {
  encoding?.kill();
  await browser?.close();
  await Promise.all([server?.close(), emptyServer?.close()]);
  await Promise.all([lab?.close(), emptyLab?.close()]);
});

const seconds = (page: Page) => page.evaluate(() => document.querySelector('video')!.currentTime);

describe.skipIf(!hasChromium || !hasFfmpeg)('the pages of titles', () => {
  test('a lab without titles says how one is made, and asking makes nothing', async () => {
    const page = await openPage(browser, emptyServer, '/titles');
    await page.getByRole('heading', { name: 'No title was made in this lab yet' }).waitFor();
    expect(await page.getByText('encodelab encode film.mp4').count()).toBe(1);
    const missing = await openPage(browser, emptyServer, '/titles/none', [/404/]);
    await missing.getByText('there is no title none in this lab').waitFor();
  });

  test('a published title is listed, shown with its pipeline, and plays protected, with its seams marked', async () => {
    const page = await openPage(browser, server, '/titles');
    await page.getByRole('link', { name: 'two scenes' }).click();
    await page
      .getByRole('img', { name: /^encode .*: \d+ of \d+ done$/ })
      .first()
      .waitFor();
    await page.getByRole('img', { name: /^Timeline of \d+ lanes/ }).waitFor();
    expect(await page.getByRole('row', { name: /320x180.*144/ }).count()).toBe(1);
    await page.getByText('protected by cenc').waitFor();
    await page.getByRole('option', { name: /320x180/ }).waitFor({ state: 'attached' });
    expect(await page.locator('.seek .seam').count()).toBeGreaterThanOrEqual(1);
    await page
      .getByLabel('rung')
      .selectOption({ label: (await page.getByRole('option', { name: /320x180/ }).textContent())! });
    await page.getByRole('button', { name: 'Play' }).click();
    await page.waitForFunction(() => document.querySelector('video')!.currentTime > 0.5, undefined, PATIENCE);
    await page.getByRole('button', { name: 'Pause' }).click();
    const at = await seconds(page);
    await page.getByLabel('Position').press('ArrowLeft');
    await expect.poll(() => seconds(page)).toBeLessThan(at);
  });

  test('the table of items leads to the run of a chunk', async () => {
    const page = await openPage(browser, server, '/titles');
    await page.getByRole('link', { name: 'two scenes' }).click();
    await page.locator('.item-table summary').click();
    const row = page.getByRole('row').filter({ hasText: 'encode/00000/' }).first();
    await row.getByRole('link').first().click();
    await page.waitForURL(/\/runs\//);
    await page.getByText('two scenes.mp4').first().waitFor();
  });

  test('a title that is being made is paused, goes on, is cancelled and deleted from its page', async () => {
    const source = await makeSource(folder, 'long.mp4', { seconds: 24, audio: false, scenes: ['testsrc2'] });
    const args = ['encode', source, '--ladder', slowLadder, '--chunk', '2s', '--lab', lab.path];
    encoding = startCli(args);
    const page = await openPage(browser, server, '/titles');
    await page.getByRole('link', { name: 'long' }).click(PATIENCE);
    await page
      .getByRole('img', { name: /^encode .*running$/ })
      .first()
      .waitFor(PATIENCE);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Resume' }).click(PATIENCE);
    await page.getByRole('button', { name: 'Pause' }).waitFor(PATIENCE);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('heading', { name: /cancelled/ }).waitFor(PATIENCE);
    // It ends by itself once it learns that its leases are lost; that is tested elsewhere, and takes a third of a lease.
    encoding.kill();
    await encoding.result;
    page.on('dialog', (dialog) => void dialog.accept());
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.waitForURL(/\/titles$/);
    await page.getByRole('link', { name: 'two scenes' }).waitFor();
    await page.getByRole('link', { name: 'long' }).waitFor({ state: 'detached' });
  });
});
