import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openLab, type Lab } from '#lab/lab';
import { startServer, type RunningServer } from '#server/start-server';
import { buildPage } from './build-page.ts';
import { hasChromium, openBrowser, openPage, type OpenedBrowser } from './open-page.ts';
import { FFMPEG, addScoredRun, hasFfmpeg } from './quality-sample.ts';
import { addRun, sampleBenchmark, sampleCells, seededRandom } from './sample-lab.ts';

const canRun = hasChromium && hasFfmpeg;
const wants = `(wants chromium and ${FFMPEG})`;

let folder: string;
let lab: Lab;
let server: RunningServer;
let browser: OpenedBrowser;
/** 48 frames, three of them as pictures, two of them said to be the same as their source. */
let scored: string;
/** The same without the times of encoding. */
let untimed: string;
/** A run without scores. */
let plain: string;

beforeAll(async () => {
  if (!canRun) return;
  const webRoot = buildPage();
  folder = await mkdtemp(join(tmpdir(), 'encodelab-quality-pages-'));
  lab = await openLab(folder);
  const sample = { frames: 48, width: 320, height: 180, bitrate: '60k', pictures: 3 };
  scored = await addScoredRun(lab, { ...sample, identical: [10, 11] });
  untimed = await addScoredRun(lab, { ...sample, pictures: 1, encodeTimes: false });
  const cells = sampleCells();
  await lab.catalogue.saveBenchmark(sampleBenchmark('bunny'), cells);
  plain = await addRun(lab, 'bunny', cells[0]!, 1, seededRandom(7));
  server = await startServer({ lab, port: 0, webRoot });
  browser = await openBrowser();
});

afterAll(async () => {
  if (!canRun) return;
  await browser.close();
  await server.close();
  await lab.close();
  await rm(folder, { recursive: true });
});

const open = (path: string) => openPage(browser, server, path);
const chart = '[data-chart="Quality"]';
const parameter = (page: Page, name: string) => new URL(page.url()).searchParams.get(name);

/** Mean brightness of the first canvas in the viewer. */
const canvasLook = (page: Page) =>
  page.evaluate(() => {
    const shown = document.querySelector<HTMLCanvasElement>('.pane canvas')!;
    const { width, height } = shown;
    // A copy: reading the page's own canvas again and again would make the browser complain.
    const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
    copy.drawImage(shown, 0, 0);
    const { data } = copy.getImageData(0, 0, width, height);
    let sum = 0;
    for (let i = 0; i < data.length; i += 4) sum += data[i]! + data[i + 1]! + data[i + 2]!;
    return sum / (data.length / 4) / 3;
  });

test.skipIf(!canRun)(
  `the score of each frame stands with pooled scores, what made them, and what did not match ${wants}`,
  async () => {
    const page = await open(`/runs/${scored}`);
    await page.locator(`${chart} .u-over`).waitFor();
    const legend = await page.locator(`${chart} .u-legend`).innerText();
    expect(legend).toMatch(/PSNR[^]*identical to the source[^]*worst, with pictures/);
    const facts = await page.locator('.quality-facts').innerText();
    expect(facts).toMatch(/PSNR(\s+\d\d\.\d\d){5}\s+48\s+psnr of FFmpeg/);
    expect(facts).toMatch(/48 frames compared at 320×180[^]*3 dropped source frames 17, 18, 40/);
    expect(facts).toContain('vmaf: no ffmpeg on this machine has libvmaf');
    await page.getByRole('button', { name: 'SSIM' }).click();
    await page.locator(`${chart} .u-legend`, { hasText: 'SSIM' }).waitFor();
    expect(parameter(page, 'quality')).toBe('ssim');
    await page.getByRole('button', { name: 'plane Y' }).click();
    await page.locator(`${chart} .u-legend`, { hasText: 'SSIM Y' }).waitFor();
    const again = await open(new URL(page.url()).pathname + new URL(page.url()).search);
    await again.locator(`${chart} .u-legend`, { hasText: 'SSIM Y' }).waitFor();
  },
);

test.skipIf(!canRun)(
  `a frame that is the same as its source is called identical in the table, and is no zero ${wants}`,
  async () => {
    const page = await open(`/runs/${scored}`);
    await page.locator(chart).getByRole('button', { name: 'table' }).click();
    const rows = await page.locator(`${chart} .chart-table tbody tr:not(.spacer)`).allInnerTexts();
    expect(rows.filter((row) => row.includes('identical')).length).toBeGreaterThanOrEqual(2);
    expect(rows.find((row) => /^\S+\s+10\s/.test(row))).toContain('identical');
    expect(rows.some((row) => /\s0(\.00)?$/.test(row))).toBe(false);
  },
);

test.skipIf(!canRun)(
  `the crosshair on a worst frame marks its card, and the quality chart zooms with the others ${wants}`,
  async () => {
    const page = await open(`/runs/${scored}`);
    await page.locator('.worst button').first().waitFor();
    expect(await page.locator('.worst button').count()).toBe(3);
    const frame = Number(await page.locator('.worst button').first().getAttribute('data-frame'));
    for (let at = 0; at < frame; at++) await page.keyboard.press('ArrowRight');
    expect(await page.locator('.worst [aria-current]').count()).toBe(frame === 0 ? 0 : 1);
    expect(await page.locator('.worst [aria-current]').getAttribute('data-frame')).toBe(String(frame));
    const box = (await page.locator(`${chart} .u-over`).boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.3, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + 20, { steps: 4 });
    await page.mouse.up();
    await page.waitForFunction(() => location.search.includes('from='));
  },
);

test.skipIf(!canRun)(
  `the viewer goes from frame to frame, and from source to output to difference, by keyboard ${wants}`,
  async () => {
    const page = await open(`/runs/${scored}`);
    await page.locator('.worst button').first().waitFor();
    await page.keyboard.press('w');
    await page.locator('.viewer .pane canvas').nth(1).waitFor();
    const frames = await page
      .locator('.worst button')
      .evaluateAll((cards) => cards.map((card) => (card as HTMLElement).dataset['frame']));
    expect(parameter(page, 'picture')).toBe(frames[0]);
    await page.keyboard.press('ArrowRight');
    await page.locator('.viewer h2', { hasText: `frame ${frames[1]}` }).waitFor();
    expect(parameter(page, 'picture')).toBe(frames[1]);
    expect(await page.locator('.readout').innerText()).toContain(`frame\n${frames[1]}`);
    await page.keyboard.press('ArrowLeft');
    expect(parameter(page, 'picture')).toBe(frames[0]);

    await page.keyboard.press('s');
    await page.locator('.pane[data-content="source"]').waitFor();
    const source = await canvasLook(page);
    await page.keyboard.press('o');
    await page.locator('.pane[data-content="output"]').waitFor();
    const output = await canvasLook(page);
    expect(output).not.toBe(source);
    await page.keyboard.press('d');
    await page.locator('.pane[data-content="difference"]').waitFor();
    const faint = await canvasLook(page);
    await page.keyboard.press(']');
    expect(parameter(page, 'gain')).toBe('16');
    await page.waitForFunction(() => document.querySelector('.pane .tag')!.textContent!.includes('×16'));
    expect(await canvasLook(page)).toBeGreaterThan(faint);
    expect(faint).toBeLessThan(source);

    await page.keyboard.press('i');
    const line = page.locator('.wipe-line');
    await line.waitFor();
    const before = (await line.boundingBox())!.x;
    await page.getByLabel('Share of the source').focus();
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction((x) => document.querySelector('.wipe-line')!.getBoundingClientRect().left > x, before);
    expect(parameter(page, 'picture')).toBe(frames[0]);

    await page.keyboard.press('1');
    expect(await page.locator('.viewer .zoom').innerText()).not.toContain(' 100 %');
    await page.keyboard.press('Escape');
    await page.locator('.viewer').waitFor({ state: 'detached' });
    expect(parameter(page, 'picture')).toBe(null);
  },
);

test.skipIf(!canRun)(`a link to a picture opens it, and closing leaves the run ${wants}`, async () => {
  const first = await open(`/runs/${scored}`);
  const frame = await first.locator('.worst button').nth(2).getAttribute('data-frame');
  const page = await open(`/runs/${scored}?picture=${frame}&view=wipe`);
  await page.locator('.wipe-line').waitFor();
  expect(await page.locator('.viewer .steps').innerText()).toContain('3 of 3 worst');
  await page.getByRole('button', { name: 'Close' }).click();
  await page.locator('.worst').waitFor();
});

test.skipIf(!canRun)(
  `without the times of encoding the chart is over the time in the video, and says so ${wants}`,
  async () => {
    const page = await open(`/runs/${untimed}`);
    await page.locator(`${chart} .u-over`).waitFor();
    expect(await page.locator(`${chart} .note`).innerText()).toContain('when each frame was encoded is not known');
    const box = (await page.locator(`${chart} .u-over`).boundingBox())!;
    await page.mouse.move(box.x + box.width - 2, box.y + 20);
    expect(await page.locator(`${chart} .u-legend`).innerText()).toMatch(/PSNR\s*\d\d\.\d\d/);
  },
);

test.skipIf(!canRun)(`a run without scores says that nothing asked for them ${wants}`, async () => {
  const page = await open(`/runs/${plain}`);
  await page.locator('.not-scored').waitFor();
  expect(await page.locator('.not-scored').innerText()).toContain('nothing asked for it');
});

test.skipIf(!canRun)(`pictures and scores are refused to a browser that is not signed in ${wants}`, async () => {
  const other = await openBrowser();
  onTestFinished(() => other.close());
  const page = await open(`/runs/${scored}`);
  const address = await page.locator('.worst img').first().getAttribute('src');
  const own = await page.request.get(`${server.address}${address}`);
  expect([own.status(), own.headers()['content-type']]).toEqual([200, 'image/png']);
  const { page: stranger } = await other.open(`${server.address}${address}`);
  expect((await stranger.request.get(`${server.address}${address}`)).status()).toBe(401);
  expect((await stranger.request.get(`${server.address}/api/v1/runs/${scored}/quality`)).status()).toBe(401);
});
