// The page of shapes in Chromium, on shapes that a recorder wrote and the store merged.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLab, type Lab } from '#lab/lab';
import type { ShapesPage } from '#server/shapes-wire';
import { startServer, type RunningServer } from '#server/start-server';
import { temporaryFolder } from '../cli/run-cli.ts';
import { recordShapes, samplePiece } from '../lab/sample-shapes.ts';
import { buildPage } from './build-page.ts';
import { hasChromium, openBrowser, openPage, type OpenedBrowser } from './open-page.ts';

const folder = temporaryFolder();
const PIECES = 36;
let lab: Lab;
let emptyLab: Lab;
let server: RunningServer;
let emptyServer: RunningServer;
let browser: OpenedBrowser;

beforeAll(async () => {
  if (!hasChromium) return;
  lab = await openLab(join(folder, 'lab'));
  emptyLab = await openLab(join(folder, 'empty'));
  const pieces = Array.from({ length: PIECES }, (_, n) => samplePiece(n, n === 0 ? { outcome: 'failed' } : {}));
  await recordShapes(lab, pieces.flat());
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

describe.skipIf(!hasChromium)('the page of shapes', () => {
  test('a lab without work says how some is made', async () => {
    const page = await openPage(browser, emptyServer, '/shapes');
    await page.getByText('No work was measured in this lab yet').waitFor();
    await page.getByText('encodelab encode film.mp4').waitFor();
  });

  test('groups, their phases and what is missing of predictions are shown, and a codec can be isolated', async () => {
    const page = await openPage(browser, server, '/');
    await page.getByRole('link', { name: 'Shapes' }).click();
    const groups = page.getByRole('region', { name: 'By codec and resolution' });
    await groups.waitFor();
    const rows = groups.locator('tbody tr');
    expect(await rows.count()).toBe(9);
    expect(await rows.filter({ hasText: '✕ 1' }).count()).toBe(1);
    // 4 pieces of each of the nine; CPU seconds of a piece over the pixels of its 96 frames.
    const small = rows.filter({ hasText: 'libx264' }).filter({ hasText: '640×360' });
    expect(await small.locator('td').nth(3).textContent()).toContain('4');
    expect(await small.locator('td').nth(4).textContent()).toMatch(/0\.\d+ · 0\.\d+/);
    expect(await small.locator('td').nth(5).textContent()).toContain('100 MB');

    const phases = page.getByRole('region', { name: 'Phases' });
    expect(await phases.locator('li').count()).toBe(9);
    expect(await phases.locator('.shape-legend > span').allTextContents()).toEqual(
      ['open', 'encode', 'flush', 'mux', 'check', 'plan', 'keep'].map((name) => ` ${name}`),
    );
    await page.getByText('Nothing was predicted yet').waitFor();

    await page.getByRole('button', { name: 'av1' }).click();
    await expect.poll(() => rows.count()).toBe(3);
    expect(new URL(page.url()).searchParams.get('codec')).toBe('av1');
    await page.reload();
    await expect.poll(() => rows.count()).toBe(3);
  }, 60_000);

  test('on a narrow page bars have its width, what is wider scrolls, and small numbers are written as the others', async () => {
    const page = await openPage(browser, server, '/');
    await page.setViewportSize({ width: 390, height: 844 });
    await page.route('**/api/v1/shapes', async (route) => {
      const answer = (await (await route.fetch()).json()) as ShapesPage;
      const groups = answer.groups.map((group, i) => ({
        ...group,
        encoder: 'libaom-av1+libsvtav1+libvpx-vp9+libx264',
        cpuPerMpixel: { median: [2.3e-4, 6.43e-4, 0][i % 3]!, p95: 6.43e-4 },
      }));
      await route.fulfill({ json: { ...answer, groups } });
    });
    await page.goto(`${server.address}/shapes`);
    const phases = page.getByRole('region', { name: 'Phases' });
    await phases.waitFor();
    const widths = await phases.locator('.shape-bar').evaluateAll((bars) => bars.map((bar) => bar.clientWidth));
    expect(Math.max(...widths)).toBeGreaterThan(200);
    const table = page.getByRole('region', { name: 'Figures of each group' });
    expect(await table.evaluate(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)).toBe(true);
    const cells = await table.locator('tbody tr td:nth-child(5)').allTextContents();
    expect(cells.slice(0, 3)).toEqual(['0.000230 · 0.000643', '0.000643 · 0.000643', '0 · 0.000643']);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  }, 60_000);

  test('predictions are drawn against what came true, with how far off they were', async () => {
    const page = await openPage(browser, server, '/');
    const points = Array.from({ length: 40 }, (_, i) => {
      const truth = 2 * 1.1 ** i;
      const value = truth * (1 + 0.2 * Math.sin(i));
      // Every tenth is so wrong that its bounds do not hold the truth.
      const low = i % 10 === 0 ? truth * 1.05 : value * 0.7;
      return {
        id: String(i),
        codec: i % 2 === 0 ? 'av1' : 'h264',
        basis: 'model',
        truth,
        value,
        low,
        high: value * 1.4,
      };
    });
    await page.route('**/api/v1/shapes', async (route) => {
      const answer = (await (await route.fetch()).json()) as object;
      const row = { quantity: 'cpuS', siblings: 3, medianError: 0.12, inside: 0.95, notAbove: 0.96, reserved: 1.3 };
      const model = { number: 4, trainedAt: 0, pieces: 900, titles: 45, rows: [row] };
      await route.fulfill({ json: { ...answer, predicted: { coverage: 0.95, points }, model } });
    });
    await page.goto(`${server.address}/shapes`);
    const panel = page.getByRole('region', { name: 'Prediction against truth' });
    await panel.getByText(/half of 40 pieces within 1\d(\.\d)? %; bounds held 90 % \(made for 95 %\)/).waitFor();
    await panel.getByRole('img', { name: 'CPU time predicted against CPU time that it took' }).waitFor();
    expect(await panel.locator('.shape-legend > span').count()).toBe(2);
    await panel.getByText('from 900 pieces of 45 titles').waitFor();
    expect(await panel.locator('tbody td').allTextContents()).toEqual(['3', '12 %', '95 %', '96 %', '1.30 x']);

    // A model of few titles knows of no lower bound.
    points.forEach((point) => Object.assign(point, { low: 0 }));
    await page.reload();
    await panel.getByText('upper bounds held 100 % (made for 95 %)').waitFor();
    await panel.getByRole('img', { name: 'CPU time predicted against CPU time that it took' }).waitFor();
  }, 60_000);
});
