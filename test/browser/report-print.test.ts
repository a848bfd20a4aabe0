// A report on paper: nothing of it lies beyond the edge of the page, and none of its columns is lost.

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { makeReport } from '#explore/report/report';
import { reportHtml } from '#explore/report/report-html';
import { NO_NAMES } from '#explore/data/dataset';
import { EMPTY_VIEW } from '#explore/view';
import { madeDataset } from '../explore/made-dataset.ts';
import { hasChromium, openBrowser, type OpenedBrowser } from './open-page.ts';

/** CSS pixels of A4 between margins of 10 mm, upright and on its side. */
const [UPRIGHT, SIDEWAYS] = [718, 1047];

const metric = (unit: string) => ({
  unit,
  better: 'higher' as const,
  of: (_: unknown, repeat: number) => 1234.5 + repeat,
});
const UNITS = { 'encode.fps': 'frame/s', 'cpu.time per frame': 'ms', 'quality.psnr': 'dB' };

/** As many metrics of another tool as are asked for, all in one table. */
function reportOf(units: Readonly<Record<string, string>>): string {
  const settings = { encoder: ['libx264', 'libx265'], preset: ['ultrafast', 'medium'], bitrate: ['1000k', '2500k'] };
  const metrics = Object.fromEntries(Object.entries(units).map(([name, unit]) => [name, metric(unit)]));
  const dataset = madeDataset(settings, 5, metrics);
  const view = { ...EMPTY_VIEW, stats: Object.keys(units) };
  const input = { dataset, metrics: dataset.metrics, names: NO_NAMES, view };
  const nothing = { findings: [], findingNotes: [], remarks: [] };
  return reportHtml(makeReport({ title: 'paper', madeAt: '2026-11-21T10:00:00.000Z', ...input, ...nothing }), '');
}

describe.skipIf(!hasChromium)('a report', { timeout: 60_000 }, () => {
  let browser: OpenedBrowser;
  beforeAll(async () => {
    browser = await openBrowser();
  }, 60_000);
  afterAll(() => browser.close());

  async function show(html: string, width: number, media: 'print' | 'screen') {
    const { page } = await browser.open();
    onTestFinished(() => page.close());
    await page.setViewportSize({ width, height: 1000 });
    await page.emulateMedia({ media });
    await page.setContent(html);
    return page;
  }

  const long = {
    'encode.fps': 'frame/s',
    'a.metric.with.a.name.of.very.many.words.joined.to.one.that.has.no.room': 'ms',
  };
  const many = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`stage${i}.duration p95`, 'ms']));
  test.each([
    ['upright', UNITS, UPRIGHT, 'auto'],
    ['with words that are longer than others', long, SIDEWAYS, 'sideways'],
    ['on a page on its side, where its columns are many', many, SIDEWAYS, 'sideways'],
  ])('is whole on paper: %s', async (_, units, width, turned) => {
    const page = await show(reportOf(units), width, 'print');
    const boxes = await page.locator('.wide').evaluateAll((all) =>
      all
        .filter((one) => one.checkVisibility())
        .map((one) => ({
          page: getComputedStyle(one).getPropertyValue('page'),
          right: Math.max(
            ...[one, ...one.querySelectorAll('table, th, td, :scope > svg')].map(
              (part) => part.getBoundingClientRect().right,
            ),
          ),
          inner: one.scrollWidth - one.clientWidth,
        })),
    );
    expect(boxes.length).toBeGreaterThan(1);
    for (const { right, inner } of boxes) expect([right <= width, inner]).toEqual([true, 0]);
    expect(boxes.at(-1)!.page).toBe(turned);
  });

  test('on screen what is wider than it can be reached by keyboard, and has a name', async () => {
    const page = await show(reportOf(UNITS), 500, 'screen');
    const cells = page.getByRole('region', { name: 'Cells' });
    await cells.focus();
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => cells.evaluate((one) => one.scrollLeft)).toBeGreaterThan(0);
    expect(await page.getByRole('region', { name: 'Plot of encode.fps' }).count()).toBe(1);
  });
});
