// The page of a profile in Chromium, on a profile that perf took of a real encode.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openLab, type Lab } from '#lab/lab';
import { readProfile } from '#recording/profile-tables';
import { startServer, type RunningServer } from '#server/start-server';
import { benchmarkFile, cli, temporaryFolder } from '../cli/run-cli.ts';
import { buildPage } from './build-page.ts';
import { hasChromium, openBrowser, openPage, type OpenedBrowser } from './open-page.ts';

const FOLDED = 'encode;x264_encoder_encode;x264_me_search 30\nencode;x264_encoder_encode;x264_pixel_satd 12\n';

const folder = temporaryFolder();
const labFolder = join(folder, 'lab');
/** Null where perf may not record here. */
let run: string | null = null;
let lab: Lab;
let server: RunningServer;
let browser: OpenedBrowser;

beforeAll(async () => {
  if (!hasChromium) return;
  const file = benchmarkFile(folder, 'matrix: {g: [8]}\nquality: none\n');
  const bench = await cli('bench', 'run', file, '--profile', '--lab', labFolder);
  expect(bench.stderr + bench.stdout).toContain('ok:');
  lab = await openLab(labFolder);
  const [record] = await lab.catalogue.runs({ limit: 1 });
  const profile = await readProfile(lab.recordingFolder(record!.id));
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
      const pixels = width === 0 ? [] : canvas.getContext('2d')!.getImageData(0, 0, width, height).data;
      return pixels.some((byte, i) => i % 4 === 3 && byte > 0);
    });
const chosen = (page: Page) => page.getByRole('region', { name: 'What is chosen' }).getByRole('status');
const query = (page: Page) => new URL(page.url()).searchParams;

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
  });

  test('a time that is dragged over on a chart is chosen on every one, and frames can be chosen from a table', async ({
    skip,
  }) => {
    skip(run === null, 'perf may not record here');
    const page = await openPage(browser, server, `/runs/${run}/profile`);
    const plot = page.locator('figure[data-chart="Encode time of each frame"] .u-over');
    // What comes late moves what is below it.
    await page.getByText('looking for what stands out').waitFor({ state: 'detached' });
    await page.locator('figure[data-chart="CPU of the encode"] .u-over').waitFor();
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
