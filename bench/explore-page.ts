// How long the explorer takes to answer: from a click or a key to the painted plot, in Chromium; beside it, in the same browser, the time
// that Plotly takes to draw the same plots from data that is ready.
//   node --conditions=encodelab-source bench/explore-page.ts [RUNS …]

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { quantileSorted } from '#analysis/quantile';
import { defaultPlaced, placedCount } from '#explore/arrange';
import { NO_NAMES } from '#explore/data/dataset';
import { filterRows } from '#explore/data/filter-rows';
import { choosePlot, makePlot } from '#explore/plots/make-plot';
import type { Plot } from '#explore/plots/plot';
import type { LinesMark, PointsMark, RectsMark } from '#explore/scene/scene';
import { readViewText } from '#explore/view-text';
import { openLab, type Lab } from '#lab/lab';
import { readDataset } from '#lab/read-dataset';
import { startServer, type RunningServer } from '#server/start-server';
import { openBrowser, type OpenedBrowser } from '../test/browser/open-page.ts';
import { fillSampleLab } from '../test/explore/sample-lab.ts';

const METRICS = 30;
const FIRST_VIEWS = 3;
/** Rounds over all steps; the first one warms up and does not count. */
const ROUNDS = 6;
/** Plotly is slower: it has fewer. */
const PLOTLY_ROUNDS = 3;
/** The server looks for findings when the first plot is painted, on a core of its own for seconds: nothing is timed beside it. */
const NOT_ASKED = '*/api/v1/explore/findings*';
const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [10_000, 100_000];
const MARK = 'encodelab:explore-drawn';

interface Step {
  /** Steps of one kind are told together. */
  readonly kind: 'filter' | 'reorder' | 'reorder facets' | 'another kind of plot' | 'another stat';
  readonly act: (page: Page) => Promise<void>;
}

/** What a person does, one after the other: the last of them takes back what the others did. */
const STEPS: readonly Step[] = [
  { kind: 'filter', act: (page) => click(page, 'codec', 'x264') },
  { kind: 'filter', act: (page) => click(page, 'codec', 'av1') },
  { kind: 'filter', act: (page) => click(page, 'preset', 'fast') },
  { kind: 'filter', act: (page) => click(page, 'preset', 'all') },
  { kind: 'filter', act: (page) => click(page, 'codec', 'all') },
  { kind: 'reorder', act: (page) => move(page, '[data-property="codec"]', 'ArrowRight') },
  { kind: 'reorder', act: (page) => move(page, '[data-property="codec"]', 'ArrowRight') },
  { kind: 'reorder', act: (page) => move(page, '[data-property="codec"]', 'ArrowLeft') },
  { kind: 'reorder', act: (page) => move(page, '[data-property="codec"]', 'ArrowLeft') },
  // The column's property to the rows, that of the rows to the columns; and back.
  { kind: 'reorder facets', act: (page) => move(page, '[data-slot="column"] .explore-chip', 'ArrowRight') },
  { kind: 'reorder facets', act: (page) => move(page, '[data-slot="row"] .explore-chip', 'ArrowLeft') },
  { kind: 'another kind of plot', act: (page) => choosePlotKind(page, 'distribution') },
  { kind: 'another kind of plot', act: (page) => choosePlotKind(page, 'heatmap') },
  { kind: 'another kind of plot', act: (page) => choosePlotKind(page, '') },
  { kind: 'another stat', act: (page) => press(page, 'm') },
  { kind: 'another stat', act: (page) => press(page, 'M') },
];
const isChange = ({ kind }: Step) => kind === 'filter' || kind.startsWith('reorder');

for (const runs of sizes) {
  const folder = await mkdtemp(join(tmpdir(), 'encodelab-bench-explore-'));
  const filled = await openLab(folder);
  await fillSampleLab(filled.catalogue, { runs, metrics: METRICS });
  await filled.close();
  const browser = await openBrowser();
  try {
    const first: number[] = [];
    // A server that has read nothing yet, each time.
    for (let trial = 0; trial < FIRST_VIEWS; trial++)
      await withServer(folder, async (server) => {
        const page = await openExplorer(browser, server);
        first.push(await firstView(page, server));
        await page.close();
      });
    await withServer(folder, async (server, lab) => {
      const page = await openExplorer(browser, server);
      await firstView(page, server);
      const again: number[] = [];
      for (let trial = 0; trial < FIRST_VIEWS; trial++) again.push(await firstView(page, server));
      const { dataset } = await readDataset(lab, ['sample']);
      const plotly = await openPlotly(browser);
      const own = new Map(STEPS.map(({ kind }) => [kind, [] as number[]]));
      const theirs: number[] = [];
      for (let round = 0; round < ROUNDS; round++)
        for (const step of STEPS) {
          const took = await timed(page, step.act);
          if (round > 0) own.get(step.kind)!.push(took);
          if (round >= PLOTLY_ROUNDS || !isChange(step)) continue;
          const plotlyTook = await drawInPlotly(plotly, tracesOf(dataset, new URL(page.url()).search));
          if (round > 0) theirs.push(plotlyTook);
        }
      console.log(`### ${runs} runs × ${METRICS} metrics (load ${loadavg()[0]!.toFixed(1)})\n`);
      console.log('| ms | median | p95 | worst |\n|---|--:|--:|--:|');
      console.log(`| first view, from a server that has read nothing yet | ${line(first)} |`);
      console.log(`| first view, from a server that has read the runs | ${line(again)} |`);
      const changes = [...own].flatMap(([kind, values]) => (isChange({ kind, act: inFront }) ? values : []));
      console.log(`| **a filter or an order, from the click to the painted page** | ${line(changes)} |`);
      for (const [kind, values] of own) console.log(`| ${kind} | ${line(values)} |`);
      console.log(`| Plotly: the same plots of each filter and order, from data that is ready | ${line(theirs)} |\n`);
    });
  } finally {
    await browser.close();
    await rm(folder, { recursive: true });
  }
}
console.log(`${cpus().length} × ${cpus()[0]!.model}, Node ${process.version}`);

function line(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  return `${quantileSorted(sorted, 0.5).toFixed(0)} | ${quantileSorted(sorted, 0.95).toFixed(0)} | ${sorted.at(-1)!.toFixed(0)}`;
}

async function withServer(folder: string, use: (server: RunningServer, lab: Lab) => Promise<void>): Promise<void> {
  const lab = await openLab(folder);
  const server = await startServer({ lab, port: 0 });
  try {
    await use(server, lab);
  } finally {
    await server.close();
    await lab.close();
  }
}

async function openExplorer(browser: OpenedBrowser, server: RunningServer): Promise<Page> {
  const { page } = await browser.open(server.link());
  await page.setViewportSize({ width: 1440, height: 1000 });
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.setBlockedURLs', { urls: [NOT_ASKED] });
  return page;
}

/** Milliseconds from the navigation to the first painted plot. */
async function firstView(page: Page, server: RunningServer): Promise<number> {
  await page.goto('about:blank');
  await inFront(page);
  await page.goto(`${server.address}/explore?v=1&b=sample&stat=encode.fps`);
  await page.waitForFunction((mark) => performance.getEntriesByName(mark).length > 0, MARK);
  const took = await page.evaluate((mark) => performance.getEntriesByName(mark)[0]!.startTime, MARK);
  return took;
}

async function openPlotly(browser: OpenedBrowser): Promise<Page> {
  const { page } = await browser.open('about:blank');
  await page.setViewportSize({ width: 1440, height: 1000 });
  await page.addScriptTag({ content: await readFile('node_modules/plotly.js-dist-min/plotly.min.js', 'utf8') });
  await page.evaluate(() => {
    const place = document.createElement('div');
    place.id = 'plot';
    place.style.cssText = 'width:1130px;height:900px';
    document.body.append(place);
  });
  return page;
}

async function click(page: Page, property: string, value: string): Promise<void> {
  await page.evaluate(
    ({ name, text }) => {
      const group = document.querySelector(`[aria-label="Filter by ${name}"]`)!;
      const buttons = [...group.querySelectorAll('.explore-values button')] as HTMLButtonElement[];
      const button = buttons.find((one) => one.firstChild?.textContent?.trim() === text)!;
      (globalThis as unknown as { began: number }).began = performance.now();
      button.click();
    },
    { name: property, text: value },
  );
}

/** Presses a key on a chip. */
async function move(page: Page, chip: string, key: string): Promise<void> {
  await page.evaluate(
    ({ selector, pressed }) => {
      const element = document.querySelector<HTMLElement>(`.explore-shelf ${selector}`)!;
      element.focus();
      (globalThis as unknown as { began: number }).began = performance.now();
      element.dispatchEvent(new KeyboardEvent('keydown', { key: pressed, bubbles: true, cancelable: true }));
    },
    { selector: chip, pressed: key },
  );
}

/** Presses a key where nothing has the focus. */
async function press(page: Page, key: string): Promise<void> {
  await page.evaluate((pressed) => {
    (document.activeElement as HTMLElement | null)?.blur();
    (globalThis as unknown as { began: number }).began = performance.now();
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: pressed, bubbles: true, cancelable: true }));
  }, key);
}

/** Empty lets the page choose. */
async function choosePlotKind(page: Page, kind: string): Promise<void> {
  await page.evaluate((value) => {
    const select = document.querySelector<HTMLSelectElement>('select[data-shortcut="plot"]')!;
    (globalThis as unknown as { began: number }).began = performance.now();
    select.value = value;
    select.dispatchEvent(new Event('change', { bubbles: true }));
  }, kind);
}

/** Milliseconds from the act to the mark that the page sets once its plots are painted. */
async function timed(page: Page, act: (page: Page) => Promise<void>): Promise<number> {
  await inFront(page);
  await page.evaluate((mark) => performance.clearMarks(mark), MARK);
  await act(page);
  await page.waitForFunction((mark) => performance.getEntriesByName(mark).length > 0, MARK, { polling: 'raf' });
  return page.evaluate(
    (mark) => performance.getEntriesByName(mark)[0]!.startTime - (globalThis as unknown as { began: number }).began,
    MARK,
  );
}

interface Trace {
  readonly type: 'scattergl' | 'bar';
  readonly mode?: 'markers' | 'lines';
  readonly x: readonly (number | null)[];
  readonly y: readonly (number | null)[];
}

/** The marks of the plot that the page shows for this address, as traces in pixels. */
function tracesOf(dataset: Parameters<typeof filterRows>[0], search: string): Trace[] {
  const { view } = readViewText(search);
  const { rows } = filterRows(dataset, view.filters);
  const placed = view.placed ?? defaultPlaced(dataset, rows);
  const metric = dataset.metrics.find(({ name }) => name === 'encode.fps')!;
  const plot = makePlot(view.plot ?? choosePlot(placedCount(placed)), {
    dataset,
    rows,
    metric,
    metrics: dataset.metrics,
    placed,
    names: NO_NAMES,
    brushed: null,
    options: {},
    width: 1100,
    height: 900,
  });
  return plot.ok ? marksOf(plot) : [];
}

function marksOf({ scene }: Plot): Trace[] {
  return scene.marks.flatMap((mark): Trace[] => {
    if (mark.kind === 'points') return byLook(mark, 'markers', Array.from(mark.x), Array.from(mark.y));
    if (mark.kind === 'lines') return linesOf(mark);
    return mark.kind === 'rects' && !mark.outlined ? [barsOf(mark)] : [];
  });
}

function byLook({ looks }: PointsMark, mode: 'markers', x: readonly number[], y: readonly number[]): Trace[] {
  const of = Map.groupBy(looks.keys(), (i) => looks[i]!);
  return [...of.values()].map((own) => ({
    type: 'scattergl',
    mode,
    x: own.map((i) => x[i]!),
    y: own.map((i) => y[i]!),
  }));
}

/** Lines of one look are one trace, with holes between them. */
function linesOf({ x, y, first, looks }: LinesMark): Trace[] {
  const of = Map.groupBy(looks.keys(), (i) => looks[i]!);
  return [...of.values()].map((own) => {
    const trace: { x: (number | null)[]; y: (number | null)[] } = { x: [], y: [] };
    for (const i of own) {
      trace.x.push(...x.subarray(first[i]!, first[i + 1]!), null);
      trace.y.push(...y.subarray(first[i]!, first[i + 1]!), null);
    }
    return { type: 'scattergl', mode: 'lines', ...trace };
  });
}

function barsOf({ x, height }: RectsMark): Trace {
  return { type: 'bar', x: Array.from(x), y: Array.from(height) };
}

/** A page behind another one is painted once a second only. */
async function inFront(page: Page): Promise<void> {
  await page.bringToFront();
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
}

async function drawInPlotly(page: Page, traces: readonly Trace[]): Promise<number> {
  await inFront(page);
  return page.evaluate(async (data) => {
    const { Plotly } = globalThis as unknown as {
      Plotly: { react(place: string, data: unknown, layout: object): Promise<unknown> };
    };
    const began = performance.now();
    await Plotly.react('plot', data, { showlegend: true, width: 1130, height: 900 });
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    return performance.now() - began;
  }, traces);
}
