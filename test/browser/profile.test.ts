// The page of a profile in Chromium, on a profile that perf took of a real encode.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Profile } from '#core/profile';
import { openLab, type Lab } from '#lab/lab';
import { frameRanges } from '#profile/frame-ranges';
import { sampleRowsWithin } from '#profile/selection';
import { readProfile } from '#recording/profile-tables';
import { RunPages } from '#server/run-pages';
import { startServer, type RunningServer } from '#server/start-server';
import { cli, temporaryFolder } from '../cli/run-cli.ts';
import { ownThreads } from '#profile/selection';
import { frameTimes } from '../../src/web/profile/profile-chosen.ts';
import { buildPage } from './build-page.ts';
import { hasChromium, openBrowser, openPage, type OpenedBrowser } from './open-page.ts';
import { HARD_FRAME, hardFrameBenchmark, withMessages } from './sample-profile.ts';

const FOLDED = 'encode;x264_encoder_encode;x264_me_search 30\nencode;x264_encoder_encode;x264_pixel_satd 12\n';

const folder = temporaryFolder();
const labFolder = join(folder, 'lab');
/** Null where perf may not record here. */
let run: string | null = null;
let profile: Profile | null = null;
let lab: Lab;
let server: RunningServer;
let browser: OpenedBrowser;

beforeAll(async () => {
  if (!hasChromium) return;
  const bench = await cli('bench', 'run', hardFrameBenchmark(folder), '--profile', '--lab', labFolder);
  expect(bench.stderr + bench.stdout).toContain('ok:');
  lab = await openLab(labFolder);
  const [record] = await lab.catalogue.runs({ limit: 1 });
  profile = await readProfile(lab.recordingFolder(record!.id));
  if (profile !== null && profile.samples.timeNs.length > 0) run = record!.id;
  server = await startServer({ lab, port: 0, webRoot: buildPage() });
  browser = await openBrowser();
}, 150_000);

afterAll(async () => {
  await browser?.close();
  await server?.close();
  await lab?.close();
  rmSync(folder, { recursive: true });
});

const isPainted = (page: Page, part: string) =>
  page
    .getByRole('region', { name: part, exact: true })
    .locator('canvas')
    .first()
    .evaluate((canvas: HTMLCanvasElement) => {
      const { width, height } = canvas;
      if (width === 0 || height === 0) return false;
      // A copy: reading the page's own canvas again and again would make the browser complain.
      const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
      copy.drawImage(canvas, 0, 0);
      return copy.getImageData(0, 0, width, height).data.some((byte, i) => i % 4 === 3 && byte > 0);
    });
const chosen = (page: Page) => page.getByRole('region', { name: 'What is chosen' }).getByRole('status');
const query = (page: Page) => new URL(page.url()).searchParams;

/** Samples of the encoder's own code while the frame was waited for, by the frame's number. */
async function encoderSamples(of: Profile, id: string): Promise<Map<number, number>> {
  const pages = new RunPages(lab);
  const frames = frameTimes(await pages.frames(id, { from: undefined, to: undefined, buckets: 1_000 }))!;
  const originNs = (await pages.originUs(id)) * 1e3;
  const own = ownThreads(of);
  const { stack, thread } = of.samples;
  const isEncoders = (sample: number) =>
    (own === null || own.has(thread[sample]!)) &&
    stack[sample]! >= 0 &&
    of.libraries[of.functions.library[of.stacks.function[stack[sample]!]!]!] === 'node-av.node';
  const counted = new Map<number, number>();
  for (let row = 0; row < frames.frame.length; row++) {
    let samples = 0;
    sampleRowsWithin(of.samples, frameRanges(frames, Uint32Array.of(row), undefined, originNs).rangesNs, (from, to) => {
      for (let sample = from; sample < to; sample++) if (isEncoders(sample)) samples++;
    });
    counted.set(frames.frame[row]!, samples);
  }
  return counted;
}

/** Of what is drawn on a canvas: another picture is another number. */
const pictureOf = (page: Page) =>
  page.locator('canvas.flame-canvas').evaluate((canvas: HTMLCanvasElement) => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true })!;
    copy.drawImage(canvas, 0, 0);
    const pixels = new Uint32Array(copy.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
    return pixels.reduce((hash, pixel) => (Math.imul(hash, 31) + pixel) | 0, 0);
  });

/** When nothing moves any more. */
async function stillPicture(page: Page): Promise<number> {
  let last = NaN;
  await expect
    .poll(async () => {
      const before = last;
      last = await pictureOf(page);
      return last === before;
    })
    .toBe(true);
  // Longer than the motion of a zoom: what comes in between is another picture.
  await page.waitForTimeout(250);
  return pictureOf(page);
}

/** Where a heatmap of lines has its crosshair: nothing else on it is as tall, in the colour of text. Pixels of the window. */
const crosshairs = (page: Page) =>
  page.locator('canvas.heatmap-overlay').evaluate((canvas: HTMLCanvasElement) => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true })!;
    copy.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--text');
    copy.fillRect(0, 0, 1, 1);
    const [text] = new Uint32Array(copy.getImageData(0, 0, 1, 1).data.buffer);
    copy.clearRect(0, 0, canvas.width, canvas.height);
    copy.drawImage(canvas, 0, 0);
    const plot = canvas.parentElement!.querySelector('.heatmap-cells')!.getBoundingClientRect();
    const { left } = canvas.getBoundingClientRect();
    const line = new Uint32Array(copy.getImageData(0, 10, canvas.width, 1).data.buffer);
    return [...line.keys()].filter((x) => line[x] === text && x + left >= plot.left).map((x) => x + left + 0.5);
  });

/** What comes late moves what is below it. */
async function settled(page: Page): Promise<void> {
  await page.getByText('looking for what stands out').waitFor({ state: 'detached' });
  await page.locator('figure[data-chart="CPU of the encode"] .u-over').waitFor();
  await page.locator('figure[data-chart="Encode time of each frame"] .u-over').waitFor();
  await expect.poll(() => isPainted(page, 'Heatmap')).toBe(true);
}

describe.skipIf(!hasChromium)('the page of a profile', () => {
  test('from the run to the flame graph of its keyframes, and their difference from all others, in three clicks', async ({
    skip,
  }) => {
    skip(run === null, 'perf may not record here');
    const page = await openPage(browser, server, `/runs/${run}`);
    await page.getByRole('link', { name: 'profile' }).click();
    await expect.poll(() => isPainted(page, 'Heatmap')).toBe(true);
    await expect.poll(() => isPainted(page, 'Flame graph')).toBe(true);
    const all = await chosen(page).innerText();
    await page.getByRole('button', { name: 'keyframes' }).click();
    await page.getByText('3 frames.').waitFor();
    expect(await chosen(page).innerText()).not.toBe(all);
    await page.getByRole('button', { name: 'difference from the rest' }).click();
    await page.getByText('compared with the rest').waitFor();
    expect([query(page).get('sel'), query(page).get('vs')]).toEqual(['frames=keyframes', 'rest']);
    await page.reload();
    await page.getByText('compared with the rest').waitFor();
    await page.getByText('3 frames.').waitFor();
    await page.keyboard.press('a');
    await expect.poll(() => chosen(page).innerText()).toBe(all);
    // Two choices: the one that was kept, and another.
    await page.keyboard.press('3');
    await page.keyboard.press('k');
    await page.keyboard.press('2');
    await page.getByText('compared with frames=largest:1%', { exact: true }).waitFor();
    expect([query(page).get('sel'), query(page).get('vs')]).toEqual(['frames=keyframes', 'sel:frames=largest:1%']);
  });

  test('an encoder with lookahead: the time of a hard frame is the one in which the encoder worked on it', async ({
    skip,
  }) => {
    skip(run === null, 'perf may not record here');
    const counted = [...(await encoderSamples(profile!, run!))].toSorted(([, a], [, b]) => b - a);
    // A machine that does other things may hold up another frame; a hard one has the most work all the same.
    expect(counted.slice(0, 3).map(([frame]) => frame)).toContain(HARD_FRAME);
    expect(profile!.header.processes).toHaveLength(1);
    const page = await openPage(browser, server, `/runs/${run}/profile?sel=frames=frames:${HARD_FRAME}`);
    await page.getByText('1 frame. Their time is that before their packets').waitFor();
    await page.getByText('Functions as a table').click();
    await page.getByRole('cell', { name: 'node-av.node' }).first().waitFor();
  });

  test('what the address names and is not there is told; chosen frames are marked and named', async ({ skip }) => {
    skip(run === null, 'perf may not record here');
    const page = await openPage(
      browser,
      server,
      `/runs/${run}/profile?finding=99&from=abc&to=x&vs=run:nothing&way=zzz&heat=zzz`,
    );
    for (const words of [
      'a finding that is not there',
      '“from=abc&to=x” is no part of',
      '“run:nothing” is no run',
      '“way=zzz”, “heat=zzz”',
    ])
      await page.getByText(words).waitFor();
    const address = new URL(page.url());
    address.search = `?sel=frames=frames:${HARD_FRAME}`;
    await page.goto(address.href);
    await page.getByText(`Chosen: frame ${HARD_FRAME}.`).waitFor();
    await page.locator('figure[data-chart="Encode time of each frame"] .u-legend').getByText('chosen').waitFor();
    address.search = '?sel=0.1-0.105&vs=rest';
    await page.goto(address.href);
    await page.getByText('Too few samples to compare').waitFor();
  });

  test('every plot has one axis: equal times stand exactly above each other', async ({ skip }) => {
    skip(run === null, 'perf may not record here');
    const page = await openPage(browser, server, `/runs/${run}/profile?heat=linear,thread`);
    for (const width of [1400, 800]) {
      await page.setViewportSize({ width, height: 900 });
      await settled(page);
      await expect
        .poll(async () => {
          const plots = await page.locator('.u-over, canvas.heatmap-cells, .phase-track').all();
          const boxes = await Promise.all(plots.map(async (plot) => (await plot.boundingBox())!));
          const edges = boxes.map((box) => [Math.round(box.x), Math.round(box.x + box.width)].join(' to '));
          return [plots.length, new Set(edges).size];
        })
        .toEqual([5, 1]);
      const chart = page.locator('figure[data-chart="CPU of the encode"] .u-over');
      await chart.hover({ position: { x: 200.4, y: 30 } });
      await expect.poll(async () => (await crosshairs(page)).length).toBe(1);
      const [crosshair] = await crosshairs(page);
      const cursors = await page.locator('.u-cursor-x').evaluateAll((lines) =>
        lines.map((line) => {
          const { left, right } = line.getBoundingClientRect();
          return (left + right) / 2;
        }),
      );
      expect(cursors).toHaveLength(3);
      for (const cursor of cursors) expect(Math.abs(cursor - crosshair!)).toBeLessThanOrEqual(1);
      await page.mouse.move(0, 0);
    }
  });

  test('functions are found with their share, zoomed to and listed, and a drag over the heatmap is another graph', async ({
    skip,
  }) => {
    skip(run === null, 'perf may not record here');
    const page = await openPage(browser, server, `/runs/${run}/profile?heat=folded`);
    await settled(page);
    const panel = page.getByRole('region', { name: 'Flame graph', exact: true });
    await page.keyboard.press('/');
    await page.keyboard.type('nothing is called like this');
    await panel.getByText('nothing is called so').waitFor();
    await panel.getByRole('searchbox').fill('node-av.node');
    await panel.getByText(/^\d+\.\d % in [\d,]+ nodes?$/).waitFor();
    await page.keyboard.press('Escape');
    const before = await pictureOf(page);
    await page.keyboard.press('n');
    await expect.poll(() => query(page).get('flame')).toMatch(/^node:\d+,find:node-av\.node$/);
    await panel.getByRole('navigation', { name: 'Zoomed to' }).waitFor();
    await expect.poll(() => pictureOf(page)).not.toBe(before);
    // Pointing draws above the graph, and not the graph.
    const zoomed = await stillPicture(page);
    await panel.locator('canvas.flame-canvas').hover({ position: { x: 400, y: 40 } });
    expect(await pictureOf(page)).toBe(zoomed);
    await panel.getByText('Functions as a table').click();
    await panel.getByTitle('its callers and callees').first().click();
    await panel.getByText('callers and callees of').waitFor();
    await panel.getByRole('button', { name: 'all functions' }).click();
    await panel.getByRole('searchbox').first().fill('');

    const samples = await chosen(page).innerText();
    const heatmap = page.locator('canvas.heatmap-overlay');
    await heatmap.scrollIntoViewIfNeeded();
    const box = (await heatmap.boundingBox())!;
    await page.mouse.move(box.x + 150, box.y + 200);
    await page.mouse.down();
    await page.mouse.move(box.x + 150, box.y + 120, { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => query(page).get('sel')).toMatch(/^-?[\d.]+--?[\d.]+$/);
    // By its samples, not by its picture: a piece of it may look as the whole does.
    await expect.poll(() => chosen(page).innerText()).not.toBe(samples);
  });

  test('the run’s own processes are chosen, and everything that ran is one click away', async ({ skip }) => {
    skip(run === null || ownThreads(profile!) === null, 'perf may not record all that runs here');
    const page = await openPage(browser, server, `/runs/${run}/profile`);
    const samples = async () =>
      Number(/([\d,]+) samples/.exec(await chosen(page).innerText())![1]!.replaceAll(',', ''));
    const [own, all] = ['the run’s processes', 'all that ran'].map((name) => page.getByRole('button', { name }));
    await own!.waitFor();
    expect(await own!.getAttribute('aria-pressed')).toBe('true');
    const few = await samples();
    await all!.click();
    await expect.poll(samples).toBeGreaterThan(few);
    expect(query(page).get('seen')).toBe('all');
    await page.keyboard.press('e');
    await expect.poll(samples).toBe(few);
    await page.keyboard.press('?');
    const keys = await page.locator('dialog kbd').allInnerTexts();
    for (const one of ['[', ']', 'p', ',', '.', 'u']) expect(keys.filter((key) => key === one)).toHaveLength(1);
  });

  test('on a narrow screen nothing is wider than the page, and a short profile is one line of time', async ({
    skip,
  }) => {
    skip(run === null, 'perf may not record here');
    const page = await openPage(browser, server, `/runs/${run}/profile`);
    await page.setViewportSize({ width: 420, height: 900 });
    await settled(page);
    await page.locator('.profile-finding, .profile-none').first().waitFor();
    const widths = () => page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    await expect.poll(async () => (await widths())[0]!).toBeLessThanOrEqual(420);
    const seconds = (profile!.header.endNs - profile!.header.startNs) / 1e9;
    const line = page.getByRole('button', { name: 'One line' });
    expect(await line.getAttribute('aria-pressed')).toBe(String(seconds < 5));
  });

  test('a marker stands on the timeline, and a click on it chooses the frames around it', async ({ skip }) => {
    skip(run === null, 'perf may not record here');
    const startUs = await new RunPages(lab).originUs(run!);
    const marked = await withMessages(lab, run!, [
      { timeUs: startUs + 400_000, source: 'operator', text: 'is it sharp?' },
      { timeUs: startUs + 300_000, source: 'ann', text: '! blurred here' },
    ]);
    const page = await openPage(browser, server, `/runs/${marked}/profile`);
    await page.getByRole('button', { name: '0.30 s, ann: blurred here' }).click();
    await expect.poll(() => query(page).get('sel')).toBe('frames=around:0.3/0.5');
    await page.getByText(/^\d+ frames\. Their time is/).waitFor();
    const list = page.getByRole('combobox', { name: 'of a marker' });
    expect(await list.locator('option').allInnerTexts()).toEqual(['of a marker', '0.30 s, ann: blurred here']);
    await list.selectOption('of a marker');
    await expect.poll(() => query(page).get('sel')).toBeNull();
    const file = await fetch(`${server.address}/api/v1/runs/${marked}/profile.html`, {
      headers: { authorization: `Bearer ${server.token}` },
    });
    expect(await file.text()).toContain('"markers":[{"timeS":0.3,"source":"ann","text":"blurred here"}]');
  });

  test('a time that is dragged over on a chart is chosen on every one, and frames can be chosen from a table', async ({
    skip,
  }) => {
    skip(run === null, 'perf may not record here');
    const page = await openPage(browser, server, `/runs/${run}/profile`);
    const plot = page.locator('figure[data-chart="Encode time of each frame"] .u-over');
    await settled(page);
    await plot.hover();
    const box = (await plot.boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.3, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + 40, { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => query(page).get('sel')).toMatch(/^[\d.]+-[\d.]+$/);
    expect(await chosen(page).innerText()).toContain(query(page).get('sel')!);
    await page.getByRole('button', { name: 'zoom to it' }).click();
    expect(Number(query(page).get('to'))).toBeGreaterThan(Number(query(page).get('from')));
    await page.getByRole('button', { name: 'choose from a table' }).click();
    await page.getByRole('columnheader', { name: 'frame', exact: true }).getByRole('button').click();
    await page.getByLabel('frame 5', { exact: true }).check();
    await page.getByLabel('frame 6', { exact: true }).check();
    await expect.poll(() => query(page).get('sel')).toBe('frames=frames:5-6');
    await page.keyboard.press('Escape');
    await page.getByRole('region', { name: 'How it was taken' }).getByText('Stacks and names').waitFor();
  });

  test('its HTML file works from a disk without any network, and opens another one that is dropped on it', async ({
    skip,
  }) => {
    skip(run === null, 'perf may not record here');
    const answer = await fetch(`${server.address}/api/v1/runs/${run}/profile.html`, {
      headers: { authorization: `Bearer ${server.token}` },
    });
    const file = join(folder, 'profile.html');
    writeFileSync(file, await answer.bytes());
    const alone = await openBrowser('dark');
    onTestFinished(() => alone.close());
    await alone.context.setOffline(true);
    const { page, complaints } = await alone.open(pathToFileURL(file).href);
    await expect.poll(() => isPainted(page, 'Heatmap')).toBe(true);
    await expect.poll(() => isPainted(page, 'Flame graph')).toBe(true);
    await page.getByRole('button', { name: 'keyframes' }).click();
    await page.getByText('3 frames.').waitFor();
    const renamed = readFileSync(file, 'utf8').replace(/"name":"[^"]*"/, '"name":"another one"');
    const picker = page.locator('input[type=file]');
    await picker.setInputFiles({ name: 'x.html', mimeType: 'text/html', buffer: Buffer.from(renamed) });
    await page.getByText('of another one').waitFor();
    // What was chosen in the one before is not asked of it.
    await page.getByRole('region', { name: 'What is chosen' }).getByText('all of it').waitFor();
    expect(new URL(page.url()).search).toBe('');
    await picker.setInputFiles({ name: 'x.txt', mimeType: 'text/plain', buffer: Buffer.from('nothing') });
    await page
      .getByRole('alert')
      .getByText(/x\.txt/)
      .waitFor();
    await picker.setInputFiles({ name: 'y.folded', mimeType: 'text/plain', buffer: Buffer.from(FOLDED) });
    await page.getByText('of y.folded').waitFor();
    expect(complaints).toEqual([]);
  });

  test('a file that is dropped on the start page becomes a run, whose profile is opened', async () => {
    const page = await openPage(browser, server, '/');
    await page.getByRole('button', { name: 'Open a profile' }).waitFor();
    await page.evaluate((text) => {
      const dropped = new DataTransfer();
      dropped.items.add(new File([text], 'before.folded'));
      dispatchEvent(new DragEvent('drop', { dataTransfer: dropped, cancelable: true }));
    }, FOLDED);
    await page.waitForURL(/\/runs\/.*\/profile/);
    await expect.poll(() => isPainted(page, 'Flame graph')).toBe(true);
    expect(await chosen(page).innerText()).toContain('all of it');
    await page.getByText('before.folded').first().waitFor();
    await page.getByText('Nothing can be told: it has no times').waitFor();
  });

  test('a run that there is not, and one without a profile, say so', async () => {
    const page = await openPage(browser, server, '/runs/nothing/profile', [/404/]);
    await page.getByText('there is no run nothing in this lab').waitFor();
    await page.getByRole('button', { name: 'Open a file' }).waitFor();
  });
});
