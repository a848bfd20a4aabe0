// Stats of people's own in Chromium, computed from real recordings by the real server.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLab, type Lab } from '#lab/lab';
import { readTable } from '#recording/read-recording';
import { startServer, type RunningServer } from '#server/start-server';
import { temporaryFolder } from '../cli/run-cli.ts';
import { fillFewRuns } from '../explore/few-runs.ts';
import { buildPage } from './build-page.ts';
import { hasChromium, openBrowser, openPage, type OpenedBrowser } from './open-page.ts';

const folder = temporaryFolder();
const SAMPLE = '/explore?v=1&b=few';
let lab: Lab;
let server: RunningServer;
let browser: OpenedBrowser;
let ids: string[];

beforeAll(async () => {
  if (!hasChromium) return;
  lab = await openLab(join(folder, 'lab'));
  ids = await fillFewRuns(lab, 'few');
  server = await startServer({ lab, port: 0, webRoot: buildPage() });
  browser = await openBrowser();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await server?.close();
  await lab?.close();
  rmSync(folder, { recursive: true });
});

const drawn = (page: Page) =>
  page.locator('figure.explore-plot').evaluateAll((all) => all.map((one) => one.getAttribute('data-stat')));

describe.skipIf(!hasChromium)('stats of one’s own', () => {
  test('are made from a preset by keyboard, tried, saved, drawn, still there in a link opened again, and deleted', async () => {
    const page = await openPage(browser, server, `${SAMPLE}&plot=bars`);
    await page.locator('.scene-overlay').waitFor();
    await page.keyboard.press('e');
    const sheet = page.getByRole('dialog');
    await sheet.getByRole('listbox', { name: 'Recorded columns' }).selectOption('frames.bytes');
    await sheet.getByRole('button', { name: 'average of keyframes' }).focus();
    await page.keyboard.press('Enter');
    expect(await sheet.getByLabel('Expression').inputValue()).toBe('mean(frames.bytes where key)');
    const { bytes, key } = await readTable(lab.recordingFolder(ids[0]!), 'frames');
    const sizes = [...bytes].filter((_, row) => key[row] === 1);
    const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
    await sheet.getByRole('cell', { name: `${(mean / 1e3).toPrecision(3)} kB` }).waitFor();
    await sheet.getByLabel('Name').fill('key size');
    await page.keyboard.press('Enter');
    await sheet.waitFor({ state: 'detached' });
    await expect.poll(() => drawn(page)).toEqual(['encode.fps', 'key size']);
    expect(new URL(page.url()).search).toBe('?v=1&b=few&stat=encode.fps,key+size&plot=bars');

    await page.reload();
    await expect.poll(() => drawn(page)).toEqual(['encode.fps', 'key size']);
    await page.locator('[data-stat="key size"]').getByRole('button', { name: 'Table' }).click();
    await page.locator('[data-stat="key size"] table').getByText('kB').first().waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Report as Markdown' }).click();
    const report = await readFile(await (await download).path(), 'utf8');
    expect(report).toContain('- **key size**: mean(frames.bytes where key)');

    await page.keyboard.press('e');
    await page.getByRole('heading', { name: 'The stat key size' }).waitFor();
    await sheet.getByRole('button', { name: 'Delete' }).click();
    await sheet.getByRole('button', { name: 'Really delete?' }).click();
    await page.getByRole('heading', { name: 'A stat of your own' }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => drawn(page)).toEqual(['encode.fps']);
    await page.goBack();
    await page.locator('.explore-gone').getByText('No run has the metric key size').waitFor();
  }, 60_000);

  test('a bad expression has its place marked and is not saved; what no run has is told', async () => {
    const page = await openPage(browser, server, SAMPLE);
    await page.locator('.scene-overlay').waitFor();
    await page.getByRole('button', { name: 'New stat …' }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByRole('listbox', { name: 'Recorded columns' }).waitFor();
    await sheet.getByLabel('Name').fill('wrong');
    await sheet.getByLabel('Expression').fill('mean(frames.bytes wher key)');
    await sheet.getByText('Character 19: `)` is expected, and not `wher`').waitFor();
    expect(await sheet.locator('mark').textContent()).toBe('wher');
    expect(await sheet.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await sheet.getByLabel('Expression').fill('mean(frames.bytes) + mean(cpu.busy)');
    await sheet.getByText("Character 20: byte and core can't be added or subtracted").waitFor();
    expect(await sheet.locator('mark').textContent()).toBe('+');
    await sheet.getByLabel('Expression').fill('mean(frames.bites where key)');
    await sheet.getByText('Character 6: none of the runs tried has frames.bites: did you mean frames.bytes?').waitFor();
    await sheet.getByText('5 without a value: its recording has no frames.bites').waitFor();
    await sheet.getByLabel('Name').fill('encode.fps');
    await sheet.getByText('encode.fps is measured in these runs').waitFor();
    await sheet.getByLabel('Name').fill('bites');
    await sheet.getByRole('button', { name: 'Save' }).click();
    await page
      .getByRole('status', { name: 'Stats of your own' })
      .getByText('6 runs have no value: its recording has no frames.bites')
      .waitFor();
  }, 60_000);

  test('where a saved stat has the name of a recorded metric the metric is drawn, and that is said', async () => {
    const file = join(folder, 'lab', 'explore', 'stats', 'encode.fps.json');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify({ name: 'encode.fps', expression: '1 + 1', unit: null, better: null }));
    const page = await openPage(browser, server, `${SAMPLE}&stat=encode.fps&plot=bars`);
    await page.locator('.explore-gone').getByText('encode.fps is what was recorded').waitFor();
    await page.locator('[data-stat="encode.fps"]').getByRole('button', { name: 'Table' }).click();
    await page.locator('[data-stat="encode.fps"] table').getByText('frame/s').first().waitFor();
    rmSync(file);
    await page.reload();
    await page.locator('.scene-overlay').waitFor();
    expect(await page.locator('.explore-gone').count()).toBe(0);
  }, 60_000);

  test('computing is cancelled and goes on', async () => {
    const page = await openPage(browser, server, '/');
    await page.request.put(`${server.address}/api/v1/explore/stats/slow`, {
      data: { expression: 'p95(cpu.busy)', unit: null, better: null },
      headers: { origin: server.address },
    });
    let answer = (): void => undefined;
    const asked = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route('**/explore/stats/values', async (route) => {
      await asked;
      await route.continue().catch(() => undefined);
    });
    await page.goto(`${server.address}${SAMPLE}&stat=slow`);
    const lines = page.getByRole('status', { name: 'Stats of your own' });
    await lines.getByText('0 of 6 runs').waitFor();
    await lines.getByRole('button', { name: 'Cancel' }).click();
    await lines.getByText('stopped: the others have no value').waitFor();
    answer();
    await lines.getByRole('button', { name: 'Go on' }).click();
    await lines.waitFor({ state: 'detached' });
    await page.locator('[data-stat="slow"] .scene-overlay').waitFor();
  }, 60_000);
});
