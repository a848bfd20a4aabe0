// The explorer in Chromium, on runs that the real catalogue keeps.

import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunRecord } from '#core/run';
import { openLab, type Lab } from '#lab/lab';
import { startServer, type RunningServer } from '#server/start-server';
import { newId } from '#system/clock';
import { temporaryFolder } from '../cli/run-cli.ts';
import { fillSampleLab } from '../explore/sample-lab.ts';
import { buildPage } from './build-page.ts';
import { hasChromium, openBrowser, openPage, type OpenedBrowser } from './open-page.ts';

const folder = temporaryFolder();
const SAMPLE = '/explore?v=1&b=sample';
let lab: Lab;
let emptyLab: Lab;
let server: RunningServer;
let emptyServer: RunningServer;
let browser: OpenedBrowser;

beforeAll(async () => {
  if (!hasChromium) return;
  lab = await openLab(join(folder, 'lab'));
  emptyLab = await openLab(join(folder, 'empty'));
  await fillSampleLab(lab.catalogue, { runs: 1080, metrics: 8 });
  await lab.catalogue.restoreRuns([
    ...['the encoder ended with code 17', 'the encoder ended with code 23', 'no such file: a.mp4'].map((reason) =>
      ownRun('broken', 'failed', reason),
    ),
    ownRun('single', 'ok', null),
  ]);
  const webRoot = buildPage();
  server = await startServer({ lab, port: 0, webRoot });
  emptyServer = await startServer({ lab: emptyLab, port: 0, webRoot });
  browser = await openBrowser();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await Promise.all([server?.close(), emptyServer?.close()]);
  await Promise.all([lab?.close(), emptyLab?.close()]);
  rmSync(folder, { recursive: true });
});

const selection = (page: Page) => page.getByRole('group', { name: 'Selection' });
const slot = (page: Page, name: string) => page.getByRole('group', { name, exact: true });
const runsLeft = async (page: Page) => Number(await selection(page).locator('b').first().textContent());

describe.skipIf(!hasChromium)('the explorer', () => {
  test('filters by values and by a range count what they leave, and can be taken away one by one', async () => {
    const page = await openPage(browser, server, SAMPLE);
    await expect.poll(() => runsLeft(page)).toBe(1060);
    await page.getByRole('group', { name: 'Filter by codec' }).getByRole('button', { name: 'x264' }).click();
    await expect.poll(() => runsLeft(page)).toBe(540);
    await page.getByLabel('threads to', { exact: true }).fill('2');
    await page.getByLabel('threads to', { exact: true }).press('Enter');
    await expect.poll(() => runsLeft(page)).toBe(360);
    expect(new URL(page.url()).search).toContain('f.codec=x264&f.threads=..2');
    await page.getByRole('button', { name: 'Take the filter codec: x264 away' }).click();
    expect(new URL(page.url()).search).not.toContain('f.codec');
    await page.goBack();
    await selection(page).getByText('codec: x264').waitFor();
  }, 60_000);

  test('a property moves between places by arrow keys, is announced, and Escape takes it back', async () => {
    const page = await openPage(browser, server, SAMPLE);
    const chip = slot(page, 'x axis').getByRole('button', { name: 'threads' });
    await chip.focus();
    await page.keyboard.press('ArrowRight');
    await slot(page, 'Colour').getByRole('button', { name: 'threads' }).waitFor();
    await page.getByRole('status').getByText('threads: colour').waitFor();
    await page.keyboard.press('ArrowRight');
    await slot(page, 'Shape').getByRole('button', { name: 'threads' }).waitFor();
    expect(new URL(page.url()).searchParams.get('shape')).toBe('threads');
    await page.keyboard.press('Escape');
    await slot(page, 'x axis').getByRole('button', { name: 'threads' }).waitFor();
    expect(new URL(page.url()).searchParams.has('shape')).toBe(false);
  }, 60_000);

  test('a chip that is dragged onto another changes places with it', async () => {
    const page = await openPage(browser, server, `${SAMPLE}&x=bitrate&color=codec`);
    await slot(page, 'x axis').getByRole('button', { name: 'bitrate' }).hover();
    await page.mouse.down();
    await slot(page, 'Colour').hover();
    await page.mouse.up();
    await slot(page, 'Colour').getByRole('button', { name: 'bitrate' }).waitFor();
    await slot(page, 'x axis').getByRole('button', { name: 'codec' }).waitFor();
  }, 60_000);

  test('stats are found by typing, the plot is switched, and a link opened again shows the same', async () => {
    const page = await openPage(browser, server, `${SAMPLE}&f.resolution=640x360`);
    await page.locator('.scene-overlay').waitFor();
    await page.keyboard.press('s');
    await page.getByRole('combobox', { name: 'Search stats' }).fill('bitrate');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await page.getByRole('combobox', { name: 'Plot', exact: true }).selectOption('bars');
    await expect.poll(() => page.locator('figure.explore-plot').count()).toBe(2);
    const shown = async () => [
      await runsLeft(page),
      await page.locator('figure.explore-plot').evaluateAll((all) => all.map((one) => one.getAttribute('data-stat'))),
      await page.locator('.scene-overlay').first().getAttribute('aria-label'),
    ];
    const before = await shown();
    expect(before[0]).toBeGreaterThan(100);
    await page.reload();
    await page.locator('.scene-overlay').first().waitFor();
    expect(await shown()).toEqual(before);
    expect(new URL(page.url()).search).toBe('?v=1&b=sample&f.resolution=640x360&stat=encode.fps,bitrate&plot=bars');
  }, 60_000);

  test('what a link asks for and the lab does not have is told, and the rest is shown', async () => {
    const page = await openPage(browser, server, `${SAMPLE}&f.codec=x264,vvc&f.tune=film&stat=vmaf&x=preset&plot=bars`);
    const told = page.locator('.explore-gone');
    await told.waitFor();
    expect(await told.locator('li').allTextContents()).toEqual([
      'No run has codec vvc: the other values are kept.',
      'No run has the property tune: its filter is left out.',
      'No run has the metric vmaf: its plot is left out.',
    ]);
    expect(await runsLeft(page)).toBe(540);
    await page.getByRole('button', { name: 'Clean the link up' }).click();
    await told.waitFor({ state: 'detached' });
    expect(new URL(page.url()).search).toBe('?v=1&b=sample&f.codec=x264&x=preset&plot=bars');

    await page.goto(`${server.address}/explore?v=1&b=lost`);
    await page.getByRole('heading', { name: 'The benchmark lost is gone' }).waitFor();
  }, 60_000);

  test('a brush over one plot narrows the runs of all, and is kept as a filter', async () => {
    const page = await openPage(
      browser,
      server,
      `${SAMPLE}&x=preset&color=codec&stat=encode.fps,bitrate&plot=bars&brush.encode.fps=100..1000`,
    );
    await selection(page).getByText('brushed').waitFor();
    const left = await runsLeft(page);
    const listed = page
      .getByRole('region', { name: 'Runs' })
      .locator('header')
      .getByText(/\d+ runs/);
    expect(Number.parseInt((await listed.textContent())!, 10)).toBeLessThan(left);
    await page.getByRole('button', { name: 'Keep as filter' }).click();
    await page.getByText('preset: fast').waitFor();
    expect(new URL(page.url()).search).not.toContain('brush');

    const plot = page.locator('.scene-overlay').first();
    const box = (await plot.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + 140, { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => new URL(page.url()).search).toContain('brush.encode.fps=');
  }, 60_000);

  test('a bar opens the list of its runs, by keys, and one further opens a run', async () => {
    const page = await openPage(browser, server, `${SAMPLE}&x=preset&color=codec&plot=bars`);
    await page.locator('.scene-overlay').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const sheet = page.getByRole('dialog');
    await sheet.getByRole('heading', { name: /^\d+ runs$/ }).waitFor();
    const run = sheet.getByRole('link').first();
    expect(await run.getAttribute('href')).toMatch(/^\/runs\//);
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'detached' });
  }, 60_000);

  test('names are edited in place and kept by the lab; a view is saved, opened and deleted', async () => {
    const page = await openPage(browser, server, `${SAMPLE}&f.codec=av1`, [/400/]);
    await page.getByRole('button', { name: 'Names of gop' }).click();
    await page.getByLabel('Name of gop', { exact: true }).fill('keyframe period');
    await page.getByLabel('Name of gop 24', { exact: true }).fill('240');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Two values would be called 240').waitFor();
    await page.getByLabel('Name of gop 24', { exact: true }).fill('one second');
    await page.getByRole('button', { name: 'Save' }).click();
    const control = page.getByRole('group', { name: 'Filter by keyframe period' });
    await control.getByRole('button', { name: 'one second' }).waitFor();

    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByLabel('Name of the view').fill('only/av1');
    await page.keyboard.press('Enter');
    await page.getByText("can't be the name of a view; letters and digits").waitFor();
    expect(await page.getByLabel('Name of the view').inputValue()).toBe('only/av1');
    await page.getByLabel('Name of the view').fill('only av1');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'only av1' }).waitFor();

    await page.goto(`${server.address}${SAMPLE}`);
    await control.waitFor();
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('link', { name: 'only av1' }).click();
    await expect.poll(() => new URL(page.url()).search).toBe('?v=1&b=sample&f.codec=av1');
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('button', { name: 'Delete the view only av1', exact: true }).click();
    await page.getByRole('button', { name: 'Really delete the view only av1' }).click();
    await page.getByText('No view is saved yet').waitFor();
  }, 60_000);

  test('a run is left out with a reason, listed and marked, taken in again; deleting asks twice', async () => {
    const page = await openPage(browser, server, `${SAMPLE}&f.codec=x264&f.preset=fast&f.threads=4&f.gop=24`);
    const runs = page.getByRole('region', { name: 'Runs' });
    const before = await runsLeft(page);
    await runs.getByRole('checkbox').first().check();
    await runs.getByRole('button', { name: 'Leave out' }).click();
    await page.getByLabel('Reason').fill('a neighbour was loud');
    await page.keyboard.press('Enter');
    await expect.poll(() => runsLeft(page)).toBe(before - 1);
    await page.getByLabel('Show invalid runs').check();
    const left = runs.locator('tr.explore-bad-run').filter({ hasText: 'a neighbour was loud' });
    await left.getByRole('checkbox').check();
    await runs.getByRole('button', { name: 'Take in' }).click();
    await expect.poll(() => runsLeft(page)).toBe(before);

    await runs.getByRole('checkbox').first().check();
    await runs.getByRole('button', { name: 'Delete …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Delete …' }).press('Enter');
    await dialog.getByRole('heading', { name: 'Really delete one run?' }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Delete for good');
    await page.keyboard.press('Enter');
    await page.getByRole('status').getByText('one run deleted').waitFor();
    await expect.poll(() => runsLeft(page)).toBe(before - 1);
  }, 60_000);

  test('the numbers behind a plot are a table and a CSV, its picture an SVG with its legend', async () => {
    const page = await openPage(browser, server, `${SAMPLE}&x=preset&color=codec&plot=bars`);
    const plot = page.locator('figure.explore-plot');
    await plot.getByRole('button', { name: 'Table' }).click();
    await plot.getByRole('table').waitFor();
    const save = async (name: string) => {
      const [download] = await Promise.all([page.waitForEvent('download'), plot.getByRole('button', { name }).click()]);
      return readFile(await download.path(), 'utf8');
    };
    expect((await save('CSV')).split('\r\n').length).toBeGreaterThan(6);
    const svg = await save('SVG');
    expect(svg).toMatch(/^<svg[^]*encode\.fps bars[^]*x264[^]*<\/svg>$/);
  }, 60_000);

  test('filters that leave nothing say which of them to take away', async () => {
    const page = await openPage(browser, server, `${SAMPLE}&f.codec=av1&f.encoder=libx264`);
    await page.getByRole('heading', { name: 'The filters leave no run' }).waitFor();
    await page.getByRole('button', { name: 'Take encoder: libx264 away' }).click();
    await expect.poll(() => runsLeft(page)).toBeGreaterThan(500);
  }, 60_000);

  test('no run, one run and only failed runs have pages of their own', async () => {
    const page = await openPage(browser, server, '/explore?v=1&b=broken');
    const failed = page.getByRole('region', { name: 'All failed' });
    await failed.getByText('failed: the encoder ended with code …').waitFor();
    expect(await failed.locator('li').allTextContents()).toEqual([
      '✕ 2failed: the encoder ended with code …run 1run 2',
      '✕ 1failed: no such file: a.mp4run 1',
    ]);
    await page.goto(`${server.address}/explore?v=1&b=single`);
    const one = page.getByRole('region', { name: 'One run' });
    await one.getByRole('row', { name: /encode\.fps.*71 frame\/s/ }).waitFor();
    await one.getByRole('link', { name: 'Open the run' }).waitFor();

    const empty = await openPage(browser, emptyServer, '/explore');
    await empty.getByRole('heading', { name: 'This lab has no runs yet' }).waitFor();
  }, 60_000);
});

function ownRun(benchmark: string, outcome: 'ok' | 'failed', reason: string | null): RunRecord {
  const id = newId();
  return {
    id,
    kind: 'encode',
    benchmark,
    cell: 'codec=x264',
    repeat: 1,
    settings: { codec: 'x264' },
    labels: [],
    sameKey: benchmark,
    outcome,
    reason,
    interrupted: false,
    startedAt: '2026-11-01T12:00:00.000Z',
    durationS: 1,
    metrics: outcome === 'ok' ? { 'encode.fps': { value: 71, unit: 'frame/s', better: 'higher' } } : {},
    recording: null,
  };
}
