// Facets, rate-quality curves and BD-rate on the page of a benchmark, in the real browser.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openLab, type Lab } from '#lab/lab';
import { startServer, type RunningServer } from '#server/start-server';
import { buildPage } from './build-page.ts';
import { hasChromium, openBrowser, openPage, type OpenedBrowser } from './open-page.ts';
import { fillLadder, fillScaling, finishLadder } from './sample-ladder.ts';

let folder: string;
let lab: Lab;
let server: RunningServer;
let browser: OpenedBrowser;

beforeAll(async () => {
  const webRoot = buildPage();
  folder = await mkdtemp(join(tmpdir(), 'encodelab-compare-'));
  lab = await openLab(folder);
  await fillLadder(lab);
  await fillScaling(lab);
  server = await startServer({ lab, port: 0, webRoot });
  if (hasChromium) browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await server.close();
  await lab.close();
  await rm(folder, { recursive: true });
});

async function open(path: string, on: OpenedBrowser = browser): Promise<Page> {
  const page = await openPage(on, server, path);
  await page.locator('.compare').waitFor();
  return page;
}

/** Goes there by key, as a reader would. */
async function openCompare(path: string, on?: OpenedBrowser): Promise<Page> {
  const page = await open(path, on);
  await page.keyboard.press('c');
  await page.locator('.compare svg.plot').waitFor();
  return page;
}

const facets = (page: Page) =>
  page.locator('.compare svg.plot [aria-label="fx-axis tick label"] text').allTextContents();
const dots = (page: Page) => page.locator('.compare svg.plot [aria-label="dot"] path').count();

test.runIf(hasChromium)('results are drawn with facets, colours and intervals, and a table behind them', async () => {
  const page = await openCompare('/benchmarks/ladder');
  expect(await facets(page)).toEqual(['preset=fast', 'preset=slow']);
  expect(await page.locator('.plot-legend button').allTextContents()).toEqual([' x264', ' x265', ' av1']);
  // 30 cells, two of them without a run.
  expect(await dots(page)).toBe(28);
  expect(await page.locator('.compare svg.plot [aria-label="rule"] line').count()).toBeGreaterThan(20);
  const axes = await page.locator('.compare svg.plot').textContent();
  expect(axes).toContain('encode.fps, frame/s');
  expect(axes).toContain('400k800k1600k3200k6400k');
  await page.getByRole('region', { name: 'Compare' }).getByRole('button', { name: 'Table' }).click();
  expect(await page.locator('.compare-table tbody tr').count()).toBe(28);
  expect(new URL(page.url()).search).toContain('compare-table=1');
});

test.runIf(hasChromium)('what goes where is chosen, kept in the address, and there again after a reload', async () => {
  const page = await openCompare('/benchmarks/ladder');
  await page.locator('.compare').getByRole('combobox', { name: 'Columns' }).selectOption('codec');
  await page.locator('.compare').getByRole('combobox', { name: 'Rows' }).selectOption('preset');
  await page.locator('.compare').getByRole('combobox', { name: 'y axis' }).selectOption('quality.vmaf');
  await expect.poll(() => facets(page)).toEqual(['codec=x264', 'codec=x265', 'codec=av1']);
  const { search } = new URL(page.url());
  expect(Object.fromEntries(new URLSearchParams(search))).toMatchObject({
    'across-facets': 'codec',
    'down-facets': 'preset',
    metric: 'quality.vmaf',
  });
  await page.reload();
  await page.locator('.compare').waitFor();
  await page.keyboard.press('c');
  await expect.poll(() => facets(page)).toEqual(['codec=x264', 'codec=x265', 'codec=av1']);
  expect(await page.locator('.compare svg.plot [aria-label="fy-axis tick label"] text').allTextContents()).toEqual([
    'fast',
    'slow',
  ]);
});

test.runIf(hasChromium)('the filter holds here too, and a click in the legend isolates', async () => {
  const page = await openCompare('/benchmarks/ladder?filter=preset%3Dfast&across-facets=none');
  expect(await page.locator('.compare-note').innerText()).toContain('a line for each preset');
  expect(await dots(page)).toBe(15);
  await page.locator('.plot-legend').getByRole('button', { name: 'av1' }).click();
  await expect.poll(() => dots(page)).toBe(10);
  expect(new URL(page.url()).searchParams.get('filter')).toBe('codec=av1');
});

test.runIf(hasChromium)('the pointer tells a point: its cell, its value, its interval, its runs', async () => {
  const page = await openCompare('/benchmarks/ladder');
  const dot = (await page.locator('.compare svg.plot [aria-label="dot"] path').first().boundingBox())!;
  await page.mouse.move(dot.x + dot.width / 2, dot.y + dot.height / 2);
  await page.locator('.compare [aria-label="tip"] text').first().waitFor();
  const tip = await page.locator('.compare [aria-label="tip"]').textContent();
  expect(tip).toMatch(
    /codec=x264.*preset=fast.*bitrate=400k.*encode\.fps 1\d\d frame\/s.*range of the runs .* to .*3 runs/,
  );
});

test.runIf(hasChromium)('a benchmark of threads and encodes at once offers the view of its scaling', async () => {
  const page = await openCompare('/benchmarks/scaling');
  await page.getByRole('button', { name: 'Codec scaling' }).click();
  await expect.poll(() => facets(page)).toEqual(['codec=x264', 'codec=x265', 'codec=av1', 'codec=vp9']);
  expect(await page.locator('.plot-legend').innerText()).toMatch(/concurrent\s+1\s+2\s+4/);
  expect(await dots(page)).toBe(36);
});

test.runIf(hasChromium)(
  'curves are drawn and compared; a refused one says why; a row makes it the reference',
  async () => {
    const page = await openCompare('/benchmarks/ladder');
    await page.getByRole('button', { name: 'Rate and quality' }).click();
    const table = page.getByRole('table', { name: 'BD-rate' });
    await table.waitFor();
    expect(await table.innerText()).toMatch(
      /codec=av1 preset=slow\s+5\s+−53\.1 %\s+\+2\.27 dB\s+× 12\.9\s+33\.94 dB to 40\.00 dB/,
    );
    expect(await table.innerText()).toMatch(/preset=slow\s+3 of 5\s+–\s+this curve can't be compared: it has 3 points/);
    expect(await dots(page)).toBe(28);
    await page.locator('.compare svg.plot').waitFor();
    const axes = await page.locator('.compare svg.plot').textContent();
    expect(axes).toContain('bitrate, Mbit/s');
    expect(axes).toContain('quality.xpsnr, dB');
    await table.getByRole('button', { name: 'codec=av1 preset=slow' }).click();
    await expect.poll(() => table.innerText()).toMatch(/codec=x264 preset=fast\s+5\s+\+113\.\d %/);
    await page.locator('.compare').getByRole('combobox', { name: 'Quality' }).selectOption('quality.vmaf');
    await expect.poll(() => table.innerText()).toContain('BD-VMAF');
    const query = new URL(page.url()).searchParams;
    expect([query.get('compare'), query.get('against'), query.get('quality')]).toEqual([
      'curves',
      'codec=av1 preset=slow',
      'quality.vmaf',
    ]);
  },
);

test.runIf(hasChromium)('while results come in, curves and points grow', async () => {
  await fillLadder(lab, 'growing');
  const page = await openCompare('/benchmarks/growing?compare=curves');
  const table = page.getByRole('table', { name: 'BD-rate' });
  expect(await table.innerText()).toContain('it has 3 points');
  await finishLadder(lab, 'growing');
  await expect.poll(() => table.innerText(), { timeout: 30_000 }).toMatch(/codec=x265 preset=slow\s+5\s+−37\.\d %/);
  await page.getByRole('button', { name: 'Results', exact: true }).click();
  await expect.poll(() => dots(page)).toBe(30);
});

test.runIf(hasChromium)('a benchmark without picture quality says how it is had', async () => {
  const page = await open('/benchmarks/scaling?compare=curves');
  await page.keyboard.press('c');
  await page.locator('.compare-empty').filter({ hasText: 'No run has a picture quality yet' }).waitFor();
});

test.runIf(hasChromium)('the picture is saved as PNG and as SVG, with its title and its legend', async () => {
  const page = await openCompare('/benchmarks/ladder');
  const save = async (kind: string) => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('.compare').getByRole('button', { name: kind }).click(),
    ]);
    return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
  };
  const svg = await save('SVG');
  expect(svg.name).toBe('ladder-encode.fps-by-bitrate.svg');
  expect(svg.bytes.toString()).toMatch(
    /^<svg [^]*ladder: encode\.fps by bitrate<\/text>[^]*>x265<\/text>[^]*preset=fast/,
  );
  const png = await save('PNG');
  expect(png.bytes.subarray(1, 4).toString()).toBe('PNG');
  // Sharp, and not empty: a blank picture of this size packs into far less.
  expect(png.bytes.readUInt32BE(16)).toBeGreaterThan(2000);
  expect(png.bytes.length).toBeGreaterThan(30_000);
});

test.runIf(hasChromium)('in a dark system the plot is dark', async () => {
  const dark = await openBrowser('dark');
  onTestFinished(() => dark.close());
  const page = await openCompare('/benchmarks/ladder', dark);
  const dot = page.locator('.compare svg.plot [aria-label="dot"] path').first();
  expect(await dot.evaluate((path) => getComputedStyle(path).fill)).toBe('rgb(99, 176, 238)');
});

test.runIf(hasChromium)('the library that draws is loaded with the first plot, not with the page', async () => {
  const page = await browser.context.newPage();
  onTestFinished(() => page.close());
  const loaded: string[] = [];
  page.on('request', (request) => loaded.push(request.url()));
  await page.goto(server.link());
  await page.locator('.benchmark-list').waitFor();
  expect(loaded.filter((url) => url.includes('plot-chart'))).toEqual([]);
});
