import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openLab, type Lab } from '#lab/lab';
import { startServer, type RunningServer } from '#server/start-server';
import { newId } from '#system/clock';
import { buildPage } from './build-page.ts';
import { hasChromium, openBrowser, openPage, type OpenedBrowser } from './open-page.ts';
import {
  REPEATS,
  addRun,
  fillSampleLab,
  sampleBenchmark,
  sampleCells,
  sampleMetrics,
  seededRandom,
  startedRun,
  type SampleRun,
} from './sample-lab.ts';

let webRoot: URL;
let folder: string;
let lab: Lab;
let server: RunningServer;
let browser: OpenedBrowser;
let runs: string[];

beforeAll(async () => {
  webRoot = buildPage();
  folder = await mkdtemp(join(tmpdir(), 'encodelab-pages-'));
  lab = await openLab(folder);
  runs = await fillSampleLab(lab);
  await writeFile(join(lab.benchmarksFolder, 'bunny.yaml'), 'name: bunny\nmatrix: {}\n');
  server = await startServer({ lab, port: 0, webRoot });
  if (hasChromium) browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await server.close();
  await lab.close();
  await rm(folder, { recursive: true });
});

const open = (path: string, on: OpenedBrowser = browser) => openPage(on, server, path);
const texts = (page: Page, selector: string) => page.locator(selector).allInnerTexts();

test.runIf(hasChromium)(
  'the start lists benchmarks with what is done of them, and leads there by keyboard',
  async () => {
    const page = await open('/');
    await page.locator('.benchmark-list li').waitFor();
    expect(new URL(page.url()).search).toBe('');
    expect(await page.locator('.benchmark-list').innerText()).toMatch(/bunny[^]*36\s+of 36 runs[^]*1 failed/);
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.locator('.matrix').waitFor();
    expect(new URL(page.url()).pathname).toBe('/benchmarks/bunny');
    await page.goBack();
    await page.locator('.benchmark-list').waitFor();
  },
);

test.runIf(hasChromium)(
  'the matrix has a tile for each cell, with its value, its state in words, and a link to a run',
  async () => {
    const page = await open('/benchmarks/bunny');
    await page.locator('.tile[data-cell]').first().waitFor();
    expect(await page.locator('.tile[data-cell]').count()).toBe(12);
    expect(await texts(page, '.matrix thead th')).toEqual(['codec', 'preset', 'bitrate', '1M', '2M', '4M']);
    const first = page.locator('.tile[data-cell="0"]');
    expect(await first.getAttribute('aria-label')).toMatch(
      /^codec=x264 preset=veryfast bitrate=1M: done, encode.fps 1\d\d frame\/s$/,
    );
    const failed = page.locator('.tile[data-cell][data-state="failed"]');
    expect(await failed.getAttribute('aria-label')).toContain('2 of 3 runs ok, 1 killed');
    expect(await failed.innerText()).toContain('2/3');
    expect(await page.locator('.tile[data-missed]').count()).toBe(6);
    await page.locator('.toolbar').getByRole('button', { name: 'codec' }).click();
    expect(await texts(page, '.matrix thead th')).toEqual([
      'preset',
      'codec × bitrate',
      'x264',
      'x264',
      'x264',
      'av1',
      'av1',
      'av1',
      '1M',
      '2M',
      '4M',
      '1M',
      '2M',
      '4M',
    ]);
    await first.click();
    expect(new URL(page.url()).pathname).toBe(`/runs/${runs[REPEATS - 1]}`);
  },
);

test.runIf(hasChromium)(
  'the table sorts, filters and turns from cells to runs, and its address shows the same again',
  async () => {
    const page = await open('/benchmarks/bunny');
    const firstRow = page.locator('table.data tbody tr:not(.spacer)').first();
    await firstRow.waitFor();
    expect(await page.locator('table.data tbody tr:not(.spacer)').count()).toBe(12);
    await page
      .getByRole('button', { name: /^encode\.fps\s*frame/ })
      .first()
      .click();
    await page
      .getByRole('button', { name: /^encode\.fps\s*frame/ })
      .first()
      .click();
    expect(await firstRow.innerText()).toMatch(/^x264\s+veryfast/);
    expect(await page.locator('th[aria-sort]').getAttribute('aria-sort')).toBe('descending');
    await page.keyboard.press('/');
    await page.keyboard.type('codec=av1 -preset=10');
    await page.keyboard.press('Escape');
    await page.keyboard.press('r');
    expect(await page.locator('table.data tbody tr:not(.spacer)').count()).toBe(3 * REPEATS);
    const again = await open(new URL(page.url()).pathname + new URL(page.url()).search);
    await again.locator('table.data tbody tr:not(.spacer)').first().waitFor();
    expect(await again.locator('table.data').innerText()).toBe(await page.locator('table.data').innerText());
  },
);

test.runIf(hasChromium)(
  'a filter takes rows and columns without a match out of the matrix, and explains itself',
  async () => {
    const page = await open('/benchmarks/bunny?filter=codec%3Dav1+bitrate%3E1M');
    await page.locator('.tile[data-cell]').first().waitFor();
    expect(await texts(page, '.matrix thead th')).toEqual(['codec', 'preset', 'bitrate', '2M', '4M']);
    expect(await page.locator('.tile[data-cell]').count()).toBe(4);
    await page.getByRole('searchbox').fill('codec=h266');
    await page.locator('.results', { hasText: 'No row is left' }).waitFor();
    expect(await page.locator('.results').innerText()).toContain('bitrate>400k');
  },
);

test.runIf(hasChromium)('what opens below a button closes with Escape and with a click beside it', async () => {
  const page = await open('/benchmarks/bunny');
  const columns = page.getByRole('button', { name: /^Columns/ });
  const choice = page.getByRole('group', { name: 'Columns' });
  await columns.click();
  const list = (await choice.boundingBox())!;
  expect((await page.locator('.results .table-scroll').boundingBox())!.y).toBeGreaterThanOrEqual(list.y + list.height);
  await page.keyboard.press('Escape');
  await choice.waitFor({ state: 'detached' });
  await columns.click();
  await choice.waitFor();
  await page.locator('h1').click();
  await choice.waitFor({ state: 'detached' });
  await page.goto(`${server.address}/runs/${runs[0]}`);
  await page.getByRole('button', { name: 'Export' }).click();
  await page.getByRole('group', { name: 'Export' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('group', { name: 'Export' }).waitFor({ state: 'detached' });
});

test.runIf(hasChromium)('a chosen metric comes with its values, in matrix, chart and address', async () => {
  const page = await open('/benchmarks/bunny');
  await page.getByLabel('Metric').selectOption('wall');
  await page.locator('.tile[aria-label*="wall 1"]').first().waitFor();
  expect(await page.locator('.chart h2').innerText()).toMatch(/^wall\s*s$/);
  expect(new URL(page.url()).searchParams.get('metric')).toBe('wall');
});

test.runIf(hasChromium)('while a bench works its cells fill in place, and nothing on the page moves', async () => {
  const name = 'growing';
  const cells = sampleCells();
  await lab.catalogue.saveBenchmark(
    sampleBenchmark(name),
    cells.map((cell) => ({ ...cell, sameKey: `${name}-${cell.sameKey}` })),
  );
  const page = await open(`/benchmarks/${name}`);
  await page.locator('.tile[data-state="waiting"]').first().waitFor();
  const places = () =>
    page.evaluate(() =>
      ['.matrix', '.results', '.toolbar', '.tile[data-cell="11"]'].map(
        (selector) => document.querySelector(selector)!.getBoundingClientRect().top,
      ),
    );
  const before = await places();

  const cell = { ...cells[0]!, sameKey: `${name}-${cells[0]!.sameKey}` };
  const id = newId();
  await lab.catalogue.startRun(startedRun(id, name, cell, 1, null));
  await lab.catalogue.setProgress({
    benchmark: name,
    pid: process.pid,
    stage: 'measuring',
    runsDone: 0,
    runsTotal: 36,
    runsSkipped: 0,
    failed: 0,
    cell: cell.label,
    repeat: 1,
    runShare: 0.4,
    leftS: { low: 100, middle: 125, high: 190 },
    updatedAt: new Date().toISOString(),
  });
  await page.locator('.tile[data-cell="0"][data-state="running"]').waitFor();
  expect(await page.locator('.progress').innerText()).toMatch(
    /0 of 36 runs\s+2 min 05 s left\s*1 min 40 s – 3 min 10 s\s+codec=x264/,
  );
  await lab.catalogue.endRun(id, {
    outcome: 'ok',
    reason: null,
    interrupted: false,
    durationS: 1,
    metrics: sampleMetrics(cell, 160, 1),
  });
  await lab.catalogue.clearProgress(name);
  await page.locator('.tile[data-cell="0"][data-state="partial"]').waitFor();
  expect(await page.locator('.tile[data-cell="0"]').innerText()).toMatch(/160\s*1\/3/);
  expect(await places()).toEqual(before);
});

test.runIf(hasChromium)('a run shows its charts with one crosshair, and a drag over one zooms all', async () => {
  const page = await open(`/runs/${runs[0]}`);
  await page.locator('.u-over').nth(4).waitFor();
  expect(await texts(page, '.charts figcaption h2')).toEqual([
    'Frame sizeskB',
    'Encode time of each framems',
    'CPU by corecore',
    'CPU of the encodecore',
    'Memory of the encodeMB',
  ]);
  const box = (await page.locator('.u-over').first().boundingBox())!;
  const lines = () =>
    page.evaluate(() =>
      Array.from(document.querySelectorAll('.u-cursor-x'), (line) => Math.round(line.getBoundingClientRect().left)),
    );
  for (const share of [0.3, 0.6]) {
    await page.mouse.move(box.x + box.width * share, box.y + 40);
    const at = await lines();
    expect(at).toHaveLength(5);
    for (const left of at) expect(Math.abs(left - (box.x + box.width * share))).toBeLessThan(3);
  }
  expect(await page.locator('.readout').innerText()).toMatch(/^t\s*\d\.\d+ s\s*phase\s*encode\s*frame\s*\d+/);

  await page.mouse.move(box.x + box.width * 0.3, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 40, { steps: 4 });
  await page.mouse.up();
  await page.waitForFunction(() => location.search.includes('from='));
  const { from, to } = Object.fromEntries(new URL(page.url()).searchParams) as { from: string; to: string };
  const whole = 0.09 + 192 / 168 + 0.26;
  expect(Number(from) / whole).toBeGreaterThan(0.25);
  expect(Number(to) / whole).toBeLessThan(0.55);
  await page.mouse.dblclick(box.x + 200, box.y + 40);
  await page.waitForFunction(() => !location.search.includes('from='));
});

test.runIf(hasChromium)(
  'the crosshair goes frame by frame with the keys, and a legend shows one series alone',
  async () => {
    const page = await open(`/runs/${runs[0]}`);
    await page.locator('.u-over').nth(4).waitFor();
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowRight');
    const frame = async () => Number(/frame\s*(\d+)/.exec(await page.locator('.readout').innerText())![1]);
    const third = await frame();
    await page.keyboard.press('ArrowRight');
    expect(await frame()).toBe(third + 1);
    const legend = page.locator('[data-chart="Frame sizes"] .u-legend .u-series:not(:first-child)');
    await legend.first().locator('th').focus();
    await page.keyboard.press('Enter');
    expect(await legend.evaluateAll((rows) => rows.map((row) => row.classList.contains('u-off')))).toEqual([
      false,
      true,
      true,
    ]);
  },
);

test.runIf(hasChromium)('behind each chart is its table, and the same as CSV', async () => {
  const page = await open(`/runs/${runs[0]}`);
  const chart = page.locator('[data-chart="Frame sizes"]');
  await chart.getByRole('button', { name: 'table' }).click();
  expect(await chart.locator('table.data').getAttribute('aria-rowcount')).toBe('193');
  expect(await chart.locator('table.data th .title').allInnerTexts()).toEqual([
    'time',
    'frame',
    'type',
    'bytes',
    'busy',
    'delay',
    'q',
  ]);
  const download = page.waitForEvent('download');
  await chart.getByRole('button', { name: 'CSV' }).click();
  expect((await download).suggestedFilename()).toMatch(/Frame-sizes\.csv$/);
});

/** A run beside the benchmark, of its first cell. */
async function ownRun(sample: SampleRun): Promise<string> {
  const cell = { ...sampleCells()[0]!, sameKey: 'own' };
  return await addRun(lab, 'own', cell, 1, seededRandom(3), sample);
}

test.runIf(hasChromium)(
  'of encodes at once one stream is shown; another is chosen, kept in the address, and has its own numbers',
  async () => {
    const page = await open(`/runs/${await ownRun({ frames: 48, streams: 3 })}`);
    const choice = page.locator('.stream-choice');
    await choice.waitFor();
    expect(await choice.innerText()).toContain('stream 1 of 3: the others are equal encodes');
    const sizes = async () => {
      const chart = page.locator('[data-chart="Frame sizes"]');
      await chart.getByRole('button', { name: 'table' }).click();
      expect(await chart.locator('table.data').getAttribute('aria-rowcount')).toBe('49');
      return await chart.locator('tbody').innerText();
    };
    const first = await sizes();
    await choice.getByRole('combobox').selectOption('3');
    await page.locator('.stream-choice', { hasText: 'stream 3 of 3' }).waitFor();
    expect(new URL(page.url()).searchParams.get('stream')).toBe('video 3');
    await page.locator('[data-chart="Frame sizes"] .u-over').waitFor();
    expect(await sizes()).not.toBe(first);
    await page.reload();
    await page.locator('.stream-choice', { hasText: 'stream 3 of 3' }).waitFor();
  },
);

test.runIf(hasChromium)(
  'frames that nobody timed stand at their time in the video, with a crosshair and a zoom of their own',
  async () => {
    const page = await open(`/runs/${await ownRun({ frames: 96, encodeTimes: false })}`);
    const sizes = page.locator('[data-chart="Frame sizes"]');
    await sizes.locator('.u-over').waitFor();
    expect(await texts(page, '.charts figcaption h2')).toEqual([
      'Frame sizeskB',
      'CPU by corecore',
      'CPU of the encodecore',
      'Memory of the encodeMB',
    ]);
    expect(await sizes.locator('.note').innerText()).toContain('over the time in the video');
    for (let i = 0; i < 25; i++) await page.keyboard.press('ArrowRight');
    expect(await page.locator('.readout').innerText()).toMatch(/^in the video\s*1\.042 s\s*frame\s*25\s/);
    const box = (await sizes.locator('.u-over').boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.5, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.75, box.y + 40, { steps: 4 });
    await page.mouse.up();
    await page.waitForFunction(() => location.search.includes('video-from='));
    const { searchParams } = new URL(page.url());
    expect(Number(searchParams.get('video-from'))).toBeCloseTo(2, 0);
    expect(searchParams.get('from')).toBe(null);
    await sizes.getByRole('button', { name: 'table' }).click();
    expect(await sizes.locator('table.data th .title').allInnerTexts()).toEqual([
      'time',
      'frame',
      'type',
      'bytes',
      'q',
    ]);
    const rows = Number(await sizes.locator('table.data').getAttribute('aria-rowcount')) - 1;
    expect(rows).toBeGreaterThan(20);
    expect(rows).toBeLessThan(28);
    const download = page.waitForEvent('download');
    await sizes.getByRole('button', { name: 'CSV' }).click();
    const lines = (await readFile(await (await download).path(), 'utf8')).trim().split('\n');
    expect([lines[0], lines.length]).toEqual(['time_s,frame,type,bytes (byte),q', rows + 1]);
    await page.keyboard.press('0');
    await page.waitForFunction(() => !location.search.includes('video-from='));
  },
);

test.runIf(hasChromium)('a long table has room for all of its rows, and its head stands above its cells', async () => {
  const page = await open(`/runs/${await ownRun({ frames: 2_000 })}`);
  const chart = page.locator('[data-chart="Frame sizes"]');
  await chart.locator('.u-over').waitFor();
  await chart.getByRole('button', { name: 'table' }).click();
  const scroller = chart.locator('.table-scroll');
  await scroller.waitFor();
  const places = () =>
    scroller.evaluate((element) => {
      const edges = (selector: string) =>
        Array.from(element.querySelectorAll(selector), (cell) => {
          const { left, right } = cell.getBoundingClientRect();
          return [Math.round(left), Math.round(right)] as const;
        });
      const last = element.querySelector('tbody tr[aria-rowindex="2001"]');
      return {
        height: element.scrollHeight - element.querySelector('thead')!.clientHeight,
        rows: element.querySelectorAll('tbody tr').length,
        head: edges('thead th'),
        cells: edges('tbody tr:not(.spacer):nth-child(3) td'),
        last: last?.getBoundingClientRect().bottom ?? null,
        bottom: element.getBoundingClientRect().top + element.clientTop + element.clientHeight,
      };
    });
  const before = await places();
  expect(before.last).toBe(null);
  // A row is 30 px high: all 2,000 have their place, though few are in the document.
  expect(before.height).toBe(2_000 * 30);
  expect(before.rows).toBeLessThan(100);
  // 100 px for the time and 90 px for each other, and all stretched alike where the panel has more room.
  const widths = before.head.map(([left, right]) => right - left);
  expect(widths[1]).toBeGreaterThanOrEqual(90);
  for (const width of widths.slice(1)) expect(widths[0]! / width).toBeCloseTo(100 / 90, 1);
  expect(widths[0]! - widths[1]!).toBeGreaterThan(5);
  expect(before.cells).toEqual(before.head);
  await scroller.evaluate((element) => (element.scrollTop = element.scrollHeight));
  await chart.locator('tbody tr[aria-rowindex="2001"]').waitFor();
  const after = await places();
  expect(after.height).toBe(before.height);
  expect(after.last!).toBeLessThanOrEqual(after.bottom + 1);
  expect(after.last!).toBeGreaterThan(after.bottom - 30);
  expect(after.head).toEqual(before.head);
  expect(after.cells).toEqual(after.head);
  expect(await chart.locator('tbody tr[aria-rowindex="2001"] td').nth(1).innerText()).toBe('1999');
});

test.runIf(hasChromium)('tables of a run and of a whole benchmark are downloads in three formats', async () => {
  const page = await open(`/runs/${runs[0]}`);
  await page.locator('.u-over').first().waitFor();
  const fetched = await page.evaluate(async (run) => {
    const get = async (path: string) => {
      const answer = await fetch(`/api/v1/${path}`);
      return { status: answer.status, bytes: new TextDecoder('latin1').decode(await answer.arrayBuffer()) };
    };
    return {
      csv: await get(`runs/${run}/export/frames.csv`),
      json: await get(`runs/${run}/export/phases.json`),
      parquet: await get(`runs/${run}/export/series.parquet`),
      all: await get('benchmarks/bunny/export/phases.csv'),
    };
  }, runs[0]!);
  expect(fetched.csv.bytes.trim().split('\n')).toHaveLength(193);
  expect(JSON.parse(fetched.json.bytes)).toHaveLength(5);
  expect(fetched.parquet.bytes.slice(0, 4)).toBe('PAR1');
  expect(fetched.all.bytes.trim().split('\n')).toHaveLength(1 + 5 * runs.length);
});

test.runIf(hasChromium)('a failed run says why, and what was recorded until then is shown', async () => {
  const page = await open(`/runs/${runs.at(-1)}`);
  expect(await page.locator('.reason').innerText()).toMatch(/SIGKILL after 60 frames[^]*memory is low/);
  await page.locator('.u-over').first().waitFor();
  expect(await page.locator('.background').innerText()).toContain('the machine is virtual and does not tell');
});

test.runIf(hasChromium)('the ? sheet holds the keys of what is shown, and closes with the same key', async () => {
  const page = await open('/benchmarks/bunny');
  await page.locator('.matrix').waitFor();
  await page.keyboard.press('?');
  expect(await page.getByRole('dialog').innerText()).toMatch(/This benchmark[^]*next metric[^]*Everywhere/);
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await page.locator('.script-list').waitFor();
});

test.runIf(hasChromium)('a script is tested from the page, and its log is shown as it comes', async () => {
  const page = await open('/scripts');
  await page.getByRole('button', { name: 'Test' }).click();
  await page.locator('.log .bad').waitFor();
  expect(await page.locator('.log pre').innerText()).toContain('bunny.yaml:2');
});

test.runIf(hasChromium)('in a dark system the page is dark, its charts too', async () => {
  const dark = await openBrowser('dark');
  onTestFinished(() => dark.close());
  const page = await open(`/runs/${runs[0]}`, dark);
  await page.locator('.u-over').first().waitFor();
  const look = await page.evaluate(() => ({
    ground: getComputedStyle(document.documentElement).backgroundColor,
    text: getComputedStyle(document.body).color,
    line: getComputedStyle(document.documentElement).getPropertyValue('--series-0'),
  }));
  expect(look).toEqual({ ground: 'rgb(14, 17, 22)', text: 'rgb(228, 232, 238)', line: '#63b0ee' });
});

test.runIf(hasChromium)(
  'a server that goes away is told at once, and a new one that does not know the browser too',
  async () => {
    const own = await startServer({ lab, port: 0, webRoot });
    const { page } = await browser.open(own.url);
    onTestFinished(() => page.close());
    await page.locator('.connection[data-state="open"]').waitFor();
    await own.close();
    await page.locator('.banner').waitFor();
    expect(await page.locator('.banner').innerText()).toContain('The server does not answer');
    const next = await startServer({ lab, port: own.port, webRoot });
    onTestFinished(() => next.close());
    await page.locator('.connection[data-state="signed-out"]').waitFor();
    expect(await page.locator('.banner').innerText()).toContain('encodelab serve --link');
  },
);

test.runIf(hasChromium)('a browser without a link is told how to get one', async () => {
  const other = await openBrowser();
  onTestFinished(() => other.close());
  const { page } = await other.open(`${server.address}/benchmarks/bunny`);
  expect(await page.locator('body').innerText()).toContain('encodelab serve --link');
});
