import { parse as parseCsv } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { madeDataset } from '../../../test/explore/made-dataset.ts';
import { OUTCOMES } from '#core/run';
import { NO_NAMES, type Dataset, type Property } from '../data/dataset.ts';
import type { Finding } from '../findings/finding.ts';
import { EMPTY_VIEW, type View } from '../view.ts';
import { reportHtml } from './report-html.ts';
import { reportMarkdown } from './report-markdown.ts';
import { makeReport } from './report.ts';
import { runCsv } from './run-csv.ts';

/** A value that would break a page, a table or a column, were it not escaped. */
const HOSTILE = '</script><b>x|y</b>, "z"';
const FPS = {
  unit: 'frame/s',
  better: 'higher' as const,
  of: (s: Record<string, string>, repeat: number) => (s['codec'] === 'x264' ? 100 : 40) + repeat,
};
const dataset = madeDataset({ codec: ['x264', 'vp9'], note: ['plain', HOSTILE] }, 3, { 'encode.fps': FPS });
const FINDING: Finding = {
  kind: 'matters',
  id: 'a',
  title: `codec decides <all> of encode.fps`,
  advice: 'Choose well.',
  evidence: [{ label: 'share', value: 0.98, unit: '1' }],
  p: 0.001,
  weight: 1,
  view: {},
  runs: [],
};

const report = (changes: Partial<Dataset> = {}, view: Partial<View> = {}) => {
  const whole = { ...dataset, ...changes };
  return makeReport({
    title: `bench ${HOSTILE}`,
    madeAt: '2026-11-21T10:00:00.000Z',
    dataset: whole,
    metrics: whole.metrics,
    names: NO_NAMES,
    view: { ...EMPTY_VIEW, ...view },
    findings: [FINDING],
    findingNotes: ['nothing is known of frames'],
    remarks: ['threshold not met: encode.fps >= 200'],
  });
};

test('cells have their settings, the count of their runs and the median of each metric', () => {
  const { cells } = report();
  expect(cells.map(({ title }) => title)).toEqual(['codec', 'note', 'runs', 'encode.fps', 'encode.fps range']);
  expect(cells.map(({ values }) => values[0])).toEqual(['x264', 'plain', 3, 102, '101 to 103 frame/s']);
});

test('cells stand in the order of the matrix, whenever they were run', () => {
  const backwards = { ...dataset, cells: dataset.cells.toReversed() };
  const shuffled = {
    ...backwards,
    properties: dataset.properties.map((one) => ({ ...one, codes: one.codes.toReversed() })),
  };
  const [codec, note] = report(shuffled).cells;
  expect(codec!.values).toEqual(['x264', 'x264', 'vp9', 'vp9']);
  expect(note!.values).toEqual(['plain', HOSTILE, 'plain', HOSTILE]);
});

test('failed and left-out runs are told with their reasons, and count nowhere', () => {
  const outcomes = new Uint8Array(dataset.count);
  outcomes[0] = OUTCOMES.indexOf('timeout');
  const { invalid, cells, facts } = report({
    outcomes,
    reasons: new Map([[0, 'it hung']]),
    excluded: new Map([[1, 'a neighbour woke up']]),
  });
  expect(invalid.map(({ what, why }) => `${what}: ${why}`)).toEqual([
    'timeout: it hung',
    'left out: a neighbour woke up',
  ]);
  expect(cells.find(({ title }) => title === 'runs')!.values[0]).toBe(1);
  expect(facts[0]).toEqual(['runs', '10 of 4 cells, 2 that do not count']);
});

test('cells are those of the table; cells of which no run counts are told apart', () => {
  const excluded = new Map([0, 1, 2, 6].map((row) => [row, 'a neighbour']));
  const { facts, cells } = report({ excluded });
  expect(cells[0]!.values).toHaveLength(3);
  expect(facts[0]).toEqual(['runs', '8 of 3 cells, 4 that do not count, 1 cell without a run that counts']);
  expect(report().facts[0]).toEqual(['runs', '12 of 4 cells']);
});

test('files are named without the folders of this machine, in tables, facts and reasons', () => {
  const made = madeDataset({ source: ['/home/me/a.mp4', '/home/me/b.mp4'] }, 2, { 'encode.fps': FPS });
  const failed = {
    outcomes: Uint8Array.of(OUTCOMES.indexOf('failed'), 0, 0, 0),
    reasons: new Map([[0, 'no /home/me/a.mp4']]),
  };
  const view = { filters: [{ kind: 'values' as const, property: 'source', values: ['/home/me/a.mp4'] }] };
  const one = report({ ...made, ...failed }, view);
  expect(one.facts).toContainEqual(['source', 'a.mp4']);
  expect(one.invalid).toMatchObject([{ cell: 'source=a.mp4', why: 'no a.mp4' }]);
  expect(reportHtml(report({ ...made }), '') + reportMarkdown(report({ ...made }))).not.toContain('/home');
});

test('the filters and stats of a view hold in it', () => {
  const { cells, plots } = report(
    {},
    { filters: [{ kind: 'values', property: 'codec', values: ['vp9'] }], stats: ['encode.fps'] },
  );
  expect(cells.map(({ title }) => title)).toEqual(['note', 'runs', 'encode.fps', 'encode.fps range']);
  expect(cells.at(-2)!.values).toEqual([42, 42]);
  expect(plots[0]!.title).toBe('encode.fps');
});

test('as HTML it is one file that fetches nothing, in which no name becomes markup, and its data comes back whole', () => {
  const csv = [...runCsv(dataset, dataset.metrics, [0, 3])].join('');
  const html = reportHtml(report(), csv);
  expect(html).not.toContain('<b>x|y</b>');
  expect(html).toContain('codec decides &lt;all&gt; of encode.fps');
  expect(html.match(/<\/script>/g)).toHaveLength(2);
  expect(html).not.toMatch(/(src|href)="?(https?:)?\/\//);
  expect(html).toMatch(/<svg[^>]*role="img"/);
  const data = /<script type="text\/csv" id="data">([^]*?)<\/script>/.exec(html)![1]!.replaceAll('<\\/', '</');
  expect(data).toBe(csv);
  const [head, first, second] = parseCsv(data) as string[][];
  expect(head).toEqual([
    'run',
    'repeat',
    'outcome',
    'started',
    'left out because',
    'codec',
    'note',
    'encode.fps (frame/s)',
  ]);
  expect(first!.slice(-3)).toEqual(['x264', 'plain', '101']);
  expect(second!.slice(-3)).toEqual(['vp9', 'plain', '41']);
});

test('as Markdown it is headings, lists and tables, and no name is more than text', () => {
  const text = reportMarkdown(report());
  expect(text).toContain('# bench \\</script\\>');
  expect(text).toContain('> threshold not met: encode.fps \\>= 200');
  expect(text).toContain('| codec | note | runs | encode.fps | encode.fps range |');
  const [row] = text.split('\n').filter((line) => line.startsWith('| x264'));
  expect(row!.split(/(?<!\\)\|/)).toHaveLength(7);
});

test('with nothing that counts there are no plots, and the runs are told', () => {
  const failed = report({ outcomes: new Uint8Array(dataset.count).fill(OUTCOMES.indexOf('failed')) });
  expect(failed.plots).toEqual([]);
  expect(failed.cells).toEqual([]);
  expect(failed.invalid).toHaveLength(12);
  expect(reportMarkdown(failed)).toContain('## Cells\n\nNo run counts');
  expect(reportHtml(failed, '')).toContain('<h2>Cells</h2><p>No run counts');
  expect(reportMarkdown(report())).not.toContain('No run counts');
});

test('a setting that some runs lack is not the same in all; one that all have is', () => {
  const [codec, note] = dataset.properties;
  const codes = codec!.codes.map((_, row) => (row < 3 ? 0 : -1));
  const properties = [
    { ...codec!, name: 'cpu-used', values: ['8'], codes },
    { ...note!, name: 'gop', values: ['30'], codes: new Int32Array(dataset.count) },
  ];
  const { facts, cells } = report({ properties });
  expect(facts).toContainEqual(['gop', '30']);
  expect(facts.map(([word]) => word)).not.toContain('cpu-used');
  expect(cells[0]!.title).toBe('cpu-used');
});

test.each([
  ['gop', true],
  ['keyframe-period', true],
  ['codec', false],
])('where %s varies, what tells of keyframes is told: %s', (name, isTold) => {
  const metric = { unit: '1', better: null, of: () => 0 };
  const names = [
    'encode.fps',
    'drops.untold',
    'keyframes',
    'frame.bytes.I p50',
    'frame.bytes.other p50',
    'frame.bytes.I p95',
  ];
  const study = madeDataset({ [name]: ['30', '600'] }, 2, Object.fromEntries(names.map((one) => [one, metric])));
  const { cells } = report({ ...study });
  const told = isTold ? ['keyframes', 'frame.bytes.I p50', 'frame.bytes.other p50'] : [];
  expect(cells.map(({ title }) => title)).toEqual([name, 'runs', 'encode.fps', ...told]);
});

test('frames of which nobody told are told where there are some', () => {
  const metrics = { 'drops.untold': { unit: '1', better: 'lower' as const, of: () => 0.25 } };
  const { cells } = report({ ...madeDataset({ codec: ['a', 'b'] }, 1, metrics) });
  expect(cells.map(({ title }) => title)).toEqual(['codec', 'runs', 'drops.untold']);
});

describe('metrics of another tool', () => {
  const seconds = { unit: 's', better: 'lower' as const, of: () => 1 };
  const titles = (build: string, ...names: string[]) => {
    const made = madeDataset({ codec: ['a', 'b'] }, 1, Object.fromEntries(names.map((name) => [name, seconds])));
    const fact: Property = {
      name: 'build',
      origin: 'fact',
      values: [build],
      numbers: null,
      codes: new Int32Array(made.count),
    };
    const { cells } = report({ ...made, properties: [...made.properties, fact] });
    return cells.map(({ title }) => title).slice(2);
  };

  test('are told where no headline stands for them', () => {
    expect(titles('CSV', 'cpu.time', 'note')).toEqual(['cpu.time', 'note']);
    expect(titles('CSV', 'cpu.time')).toEqual(['cpu.time']);
    expect(titles('hyperfine', 'wall', 'cpu.user mean', 'cpu.system mean')).toEqual([
      'wall',
      'cpu.user mean',
      'cpu.system mean',
    ]);
    expect(titles('CSV', 'stream.rate captured', 'memory.average')).toEqual(['stream.rate captured', 'memory.average']);
    expect(titles('CSV', 'host.power')).toEqual(['host.power']);
  });

  test('are not told twice, and those that we measure ourselves have their headlines alone', () => {
    expect(titles('CSV', 'cpu.time', 'cpu.time per frame')).toEqual(['cpu.time per frame']);
    const own = ['encode.fps', 'cpu.time', 'cpu.cores', 'cpu.time per frame', 'wall', 'decode.time p95', 'bytes'];
    expect(titles('encodelab 0.1.0, ffmpeg 8.1', ...own)).toEqual(['encode.fps', 'cpu.time per frame']);
  });
});

test('runs of repeats that were run again are counted in a remark, but not where nobody named a benchmark', () => {
  const again = { repeats: dataset.repeats.map((repeat) => Math.min(repeat, 2)) };
  const remarks = (changes: Partial<Dataset>, ...benchmarks: string[]) =>
    report(changes, { benchmarks }).remarks.slice(1);
  expect(remarks(again, 'bench')).toEqual([
    expect.stringMatching(/^All 12 runs count here, though 4 have been run again since.* 8 runs, and/),
  ]);
  expect(remarks(again)).toEqual([]);
  expect(remarks({}, 'bench')).toEqual([]);
});

test('a column says whether it has halves of intervals, their ends or ranges', () => {
  const of = (value: (repeat: number) => number) => ({
    'encode.fps': { unit: 'frame/s', better: 'higher' as const, of: (_: unknown, repeat: number) => value(repeat) },
  });
  const column = (value: (repeat: number) => number) =>
    report(madeDataset({ codec: ['a', 'b'] }, 6, of(value))).cells.at(-1)!;
  expect(column((repeat) => 100 + repeat)).toMatchObject({ title: 'encode.fps ±', values: ['±2.4 %', '±2.4 %'] });
  const lopsided = column((repeat) => (repeat === 1 ? 45.1 : 70 + repeat));
  expect(lopsided).toMatchObject({ title: 'encode.fps 95 % interval' });
  expect(lopsided.values[0]).toBe('45.1 to 76 frame/s');
});
