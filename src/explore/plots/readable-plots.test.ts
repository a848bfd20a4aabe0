// What makes a picture readable, each seen once as a picture that was not.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { madeDataset, type MadeMetric } from '../../../test/explore/made-dataset.ts';
import { plotInput } from '../../../test/explore/plot-input.ts';
import type { Mark, SceneText } from '../scene/scene.ts';
import { widthOfText } from '../scene/text-width.ts';
import { makePlot } from './make-plot.ts';
import { overlap } from './place-labels.ts';
import type { Plot, PlotInput } from './plot.ts';
import { gridOf } from './report-grid.ts';
import { reportPage } from './report-panels.ts';

function drawn(kind: Parameters<typeof makePlot>[0], input: PlotInput): Plot {
  const plot = makePlot(kind, input);
  if (!plot.ok) throw new Error(plot.why);
  return plot;
}

const textsOf = (marks: readonly Mark[]): SceneText[] =>
  marks.flatMap((mark) => (mark.kind === 'texts' ? mark.texts : []));
const metric = (of: MadeMetric['of'], unit = 'frame/s', better: MadeMetric['better'] = 'higher'): MadeMetric => ({
  unit,
  better,
  of,
});

/** Two of the three codecs share names of presets, the third has its own. */
const PRESETS: Readonly<Record<string, readonly string[]>> = { x264: ['fast', 'slow'], av1: ['8', '12'] };
const nested = madeDataset(
  { codec: ['x264', 'av1'], preset: ['fast', 'slow', '8', '12'], bitrate: ['1M', '2M', '4M'] },
  1,
  {
    fps: metric(({ codec, preset, bitrate }) =>
      PRESETS[codec!]!.includes(preset!) ? 10 + Number.parseInt(bitrate!) : NaN,
    ),
  },
);

test('the highest bar has its number, wherever the value lies', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.001, max: 1e6, noNaN: true }),
      fc.integer({ min: 200, max: 900 }),
      (high, height) => {
        const one = madeDataset({ codec: ['a', 'b'] }, 1, {
          fps: metric(({ codec }) => (codec === 'a' ? high : high / 2)),
        });
        const { scene } = drawn('bars', plotInput(one, { x: 'codec' }, { height }));
        expect(
          scene.marks.flatMap((mark) => (mark.kind === 'texts' && mark.panel === 0 ? mark.texts : [])),
        ).toHaveLength(2);
      },
    ),
    { numRuns: 60 },
  );
});

test('bars of a slot that lacks series stand in its middle where no slot has all of them', () => {
  const { scene } = drawn('bars', plotInput(nested, { x: 'bitrate', color: 'preset', column: 'codec' }));
  for (const [at, panel] of scene.panels.entries()) {
    const bars = scene.marks.find((mark) => mark.kind === 'rects' && mark.panel === at)!;
    if (bars.kind !== 'rects') throw new Error('no bars');
    const slot = panel.width / 3;
    const [left, right] = [bars.x[0]!, bars.x[1]! + bars.width[1]!];
    expect((left + right) / 2).toBeCloseTo(panel.x + slot / 2, 0);
    expect(right - left).toBeGreaterThan(slot * 0.7);
  }
});

test('lines count as missing only what lies within a series that a panel has', () => {
  const whole = drawn('lines', plotInput(nested, { x: 'bitrate', color: 'preset', column: 'codec' }));
  expect(whole.notes.join(' ')).not.toContain('have no run');
  const holed = madeDataset({ bitrate: ['1M', '2M', '4M', '8M'], codec: ['x264', 'av1'] }, 1, {
    fps: metric(({ bitrate, codec }) => (codec === 'av1' && (bitrate === '2M' || bitrate === '8M') ? NaN : 1)),
  });
  expect(drawn('lines', plotInput(holed, { x: 'bitrate', color: 'codec' })).notes).toContain(
    '1 of 7 points have no run: lines go on across them',
  );
});

test('a value without a number keeps its place and is called absent', () => {
  const runs = madeDataset({ period: ['30', '300', '600'] }, 1, {
    bytes: metric(({ period }) => (period === '600' ? NaN : 1e5), 'byte', null),
  });
  for (const kind of ['bars', 'distribution'] as const) {
    const { scene } = drawn(kind, plotInput(runs, { x: 'period' }));
    expect(scene.panels[0]!.xAxis).toMatchObject({ names: ['30', '300', '600'] });
    expect(textsOf(scene.marks).filter(({ text }) => text === 'absent')).toHaveLength(1);
  }
  const { scene, notes } = drawn('heatmap', plotInput(runs, { x: 'period' }));
  expect(scene.marks.some((mark) => mark.kind === 'rects' && mark.hatched === true)).toBe(true);
  expect(notes).toContain('hatched cells have no run with bytes');
});

test('numbers below panels side by side stand apart', () => {
  const runs = madeDataset({ codec: ['a', 'b', 'c'], preset: ['1', '2'] }, 1, {
    fps: metric(({ preset }) => Number(preset) * 1000),
    time: metric(({ preset }) => Number(preset) * 500, 'ms', 'lower'),
  });
  fc.assert(
    fc.property(fc.integer({ min: 420, max: 1200 }), (width) => {
      const { scene } = drawn('pareto', plotInput(runs, { column: 'codec' }, { width }));
      const texts = textsOf(scene.marks);
      const foot = Math.max(...scene.panels.map(({ y, height }) => y + height));
      const ticks = texts.filter(({ y, anchor, size }) => y === foot + 14 && anchor === 'middle' && size === 11);
      const boxes = ticks.map(({ x, text }) => ({ x: x - widthOfText(text, 11) / 2, width: widthOfText(text, 11) }));
      boxes.sort((a, b) => a.x - b.x);
      for (const [i, { x, width: own }] of boxes.entries())
        if (i + 1 < boxes.length) expect(x + own + 6).toBeLessThanOrEqual(boxes[i + 1]!.x + 1e-6);
    }),
    { numRuns: 60 },
  );
});

test('what another setting tells already is not said to be pooled, nor does it name a cell', () => {
  const both = madeDataset({ codec: ['x264', 'av1'], preset: ['fast', 'slow'], gop: ['30', '60'] }, 1, {
    fps: metric(() => 1),
  });
  const codec = both.properties[0]!;
  const runs = {
    ...both,
    properties: [...both.properties, { ...codec, name: 'encoder', values: ['libx264', 'libsvtav1'] }],
  };
  expect(drawn('bars', plotInput(runs, { x: 'preset' })).notes).toContain(
    'runs that differ in codec, gop count together',
  );
  const { scene } = drawn('scatter', plotInput(runs, { color: 'codec' }, { options: { text: 'on' } }));
  const named = textsOf(scene.marks).map(({ text }) => text);
  expect(named).toContain('fast gop 30');
  expect(named.join(' ')).not.toContain('libx264');
});

test('a Pareto front names what tells its cells apart, with whose number it is, beside every point', () => {
  const runs = madeDataset({ codec: ['x264', 'av1'], threads: ['1', '2', '4'], crf: ['20', '30', '40'] }, 1, {
    quality: metric(({ crf, codec }) => 100 - Number(crf) - (codec === 'av1' ? 30 : 0), 'dB'),
    time: metric(({ threads, crf }) => 100 / Number(threads) + 40 - Number(crf), 'ms', 'lower'),
  });
  const plot = drawn('pareto', plotInput(runs, {}, { options: { against: 'time' } }));
  const labels = plot.scene.marks.flatMap((mark) => (mark.kind === 'texts' && mark.panel === 0 ? mark.texts : []));
  expect(labels.map(({ text }) => text)).toEqual(expect.arrayContaining(['1: crf 40', '2: crf 30', '3: crf 20']));
  expect(plot.notes).toContain('all cells on the front are x264 threads 4');
});

test('a name at a Pareto front is whole, and a note has those that have no room', () => {
  const settings = {
    codec: ['a codec of a long name', 'another one of a long name'],
    bitrate: ['500000', '2000000', '8000000'],
    threads: ['1', '8'],
  };
  const runs = madeDataset(settings, 1, {
    quality: metric(({ bitrate }) => 20 + 5 * Math.log10(Number(bitrate)), 'dB'),
    time: metric(
      ({ bitrate, codec, threads }) => Number(bitrate) / 1e6 + codec!.length + Number(threads),
      'ms',
      'lower',
    ),
  });
  const names = ['500000', '2000000', '8000000'].map((bitrate, i) => `${i + 1}: bitrate ${bitrate}`);
  const drawnAt = (width: number, rows?: Uint32Array) => {
    const plot = drawn('pareto', plotInput(runs, {}, { options: { against: 'time' }, width, ...(rows && { rows }) }));
    const labels = plot.scene.marks.flatMap((mark) => (mark.kind === 'texts' && mark.panel === 0 ? mark.texts : []));
    return { labels: labels.map(({ text }) => text), notes: plot.notes.join('\n') };
  };
  const wide = drawnAt(900);
  expect(wide.labels).toEqual(expect.arrayContaining(names));
  expect(wide.notes).not.toContain('without room');
  const narrow = drawnAt(150);
  expect(narrow.labels.join()).not.toContain('…');
  expect(narrow.notes).toMatch(/without room for the whole name: .*\d is bitrate \d+/);
});

test('titles of parallel axes end within the picture, in two lines where one has no room', () => {
  const runs = madeDataset({ codec: ['a', 'b'], bitrate: ['1M', '2M'] }, 1, {
    bitrate: metric(({ bitrate }) => Number.parseFloat(bitrate!) * 1e6, 'bit/s', null),
    'cpu.time per frame of all cores': metric(({ codec }) => (codec === 'a' ? 1 : 2), 'ms', 'lower'),
  });
  const titles = (width: number) => {
    const { scene } = drawn('parallel', plotInput(runs, { color: 'codec' }, { width, options: { metrics: 'all' } }));
    return textsOf(scene.marks).filter(({ y }) => y < 40);
  };
  expect(titles(640).map(({ text }) => text)).toEqual(expect.arrayContaining(['set bitrate', 'bitrate', 'cpu.time']));
  expect(titles(1200).map(({ text }) => text)).toContain('cpu.time per frame of all cores');
  for (const width of [420, 640, 900])
    for (const { x, text, anchor, size } of titles(width)) {
      const room = widthOfText(text, size);
      const left = anchor === 'start' ? x : anchor === 'end' ? x - room : x - room / 2;
      expect(left >= 0 && left + room <= width, text).toBe(true);
    }
});

test('a series keeps its colour where one before it has no value', () => {
  const runs = madeDataset({ codec: ['x264', 'av1'], preset: ['fast', '6', '8', '10'] }, 2, {
    fps: metric(({ preset }) => (preset === 'fast' ? NaN : Number(preset))),
    half: metric(({ codec }) => (codec === 'x264' ? NaN : 4)),
  });
  const named = runs.ids.flatMap((_, row) => {
    const [codec, preset] = runs.properties.map(({ codes }) => codes[row]!) as [number, number];
    return (codec === 0) === (preset === 0) ? [row] : [];
  });
  const inks = (kind: Parameters<typeof makePlot>[0], changes: Partial<PlotInput>) =>
    drawn(kind, plotInput(runs, { x: 'preset', color: 'codec' }, changes)).scene.legend.map(({ title, look }) => [
      title,
      look.ink,
    ]);
  const rows = Uint32Array.from(named);
  expect(inks('bars', { rows })).toEqual([['av1', 'series-1']]);
  expect(inks('regression', { rows })).toEqual([['av1', 'series-1']]);
  expect(inks('lines', { metric: runs.metrics[1]! })).toEqual([['av1', 'series-1']]);
  expect(inks('regression', {})).toEqual([
    ['x264', 'series-0'],
    ['av1', 'series-1'],
  ]);
});

test('a regression says why runs are no points: a name at x is no missing one', () => {
  const runs = madeDataset({ preset: ['fast', '6', '8', '10'] }, 2, {
    fps: metric(({ preset }, repeat) => (preset === '8' && repeat === 2 ? NaN : repeat)),
  });
  const notes = (changes: Partial<PlotInput> = {}) =>
    drawn('regression', plotInput(runs, { x: 'preset' }, changes)).notes.filter((note) => note.includes('runs have'));
  expect(notes()).toEqual(['2 of 8 runs have a preset that is no number', '1 of 8 runs have no fps']);
  expect(notes({ rows: Uint32Array.of(2, 3, 4, 6, 7) })).toEqual([]);
});

test('runs whose number is in another column are not said to have none', () => {
  const runs = madeDataset({ codec: ['a', 'b', 'c'] }, 2, {
    vmaf: metric(({ codec }) => (codec === 'a' ? 80 : NaN)),
    'vmaf (1, vmaf_4k)': metric(({ codec }) => (codec === 'b' ? 90 : NaN)),
    'vmafless (1)': metric(() => 1),
  });
  const { notes } = drawn('bars', plotInput(runs, { x: 'codec' }));
  expect(notes).toContain('2 of 6 runs have it in another unit, or of another model: see vmaf (1, vmaf_4k)');
  expect(notes).toContain('2 of 6 runs have no vmaf');
  const whole = drawn('bars', plotInput(runs, { x: 'codec' }, { metric: runs.metrics[2]! }));
  expect(whole.notes.join()).not.toMatch(/another unit|have no vmaf/);
});

test('a name at a Pareto front covers no point, be it dominated', () => {
  // Golden-ratio steps fill the unit interval evenly, without a pattern (Roberts 2018).
  const at = (i: number, ratio: number) => (i * ratio) % 1;
  const runs = madeDataset({ cell: Array.from({ length: 120 }, (_, i) => `c${i}`) }, 1, {
    quality: metric(({ cell }) => {
      const i = Number(cell!.slice(1));
      return 40 + at(i, 0.7548776662) - 0.2 * at(i, 0.569840291);
    }, 'dB'),
    time: metric(({ cell }) => 10 + at(Number(cell!.slice(1)), 0.7548776662), 'ms', 'lower'),
  });
  for (const width of [500, 700, 900]) {
    const { scene } = drawn('pareto', plotInput(runs, {}, { options: { against: 'time' }, width }));
    const labels = scene.marks.flatMap((mark) => (mark.kind === 'texts' && mark.panel === 0 ? mark.texts : []));
    expect(labels.some(({ text }) => text.includes(': '))).toBe(true);
    for (const { text, x, y, anchor, size } of labels.filter((label) => label.text.includes(': '))) {
      const room = widthOfText(text, size);
      const left = anchor === 'start' ? x : anchor === 'end' ? x - room : x - room / 2;
      const box = { x: left, y: y - size, width: room, height: size };
      for (const mark of scene.marks)
        if (mark.kind === 'points')
          for (const [i, middle] of mark.x.entries())
            expect(overlap(box, { x: middle - 2, y: mark.y[i]! - 2, width: 4, height: 4 }), text).toBe(false);
    }
  }
});

test('a frame-rate table of runs that asked for no rate has no column, legend or count of it', () => {
  const runs = madeDataset({ codec: ['a', 'b'] }, 1, { 'encode.fps': metric(() => 50) });
  const { scene, notes } = drawn('frame-rate', plotInput(runs, { x: 'codec' }));
  expect(textsOf(scene.marks).map(({ text }) => text)).not.toContain('requested');
  expect(scene.legend).toEqual([]);
  expect(notes.join(' ')).toContain('no rate was requested');
});

test('a stream whose encoding nobody timed says so under its stack', () => {
  const times = { 'capture.time': metric(() => 38, 'ms', 'lower'), 'decode.time': metric(() => 1, 'ms', 'lower') };
  const notes = (metrics: Record<string, MadeMetric>) =>
    drawn('stack', plotInput(madeDataset({ period: ['30', '60'] }, 1, metrics), { x: 'period' })).notes.join(' ');
  expect(notes(times)).toContain('encode was not timed by itself');
  expect(notes({ ...times, 'encode.time': metric(() => 4, 'ms', 'lower') })).not.toContain('not timed');
});

test('a report has no hole but where a role lacks what others have', () => {
  const page = (...names: string[]) => {
    const runs = madeDataset({ codec: ['a'] }, 1, Object.fromEntries(names.map((name) => [name, metric(() => 1)])));
    return gridOf(reportPage(runs.metrics, Uint32Array.of(0), 'all'), 1000);
  };
  expect(page('host.busy', 'cpu.cores', 'cpu.time per frame', 'decode.time')).toMatchObject({
    across: 3,
    lines: 2,
    missing: [],
  });
  const roles = page('guest.gpu.video', 'server.gpu.video', 'client.cpu.busy', 'decode.time', 'decode.time p95');
  expect(roles.places.map(({ cell, line, column }) => [cell.metric.name, line, column])).toEqual([
    ['guest.gpu.video', 0, 0],
    ['server.gpu.video', 0, 1],
    ['client.cpu.busy', 1, 0],
    ['decode.time', 1, 1],
    ['decode.time p95', 1, 2],
  ]);
  expect(roles.missing).toEqual([{ line: 0, column: 2, text: 'GPU video engine: not measured in the client' }]);
});

test('an interval is spoken of only where there is one', () => {
  const notes = (repeats: number) => {
    const runs = madeDataset({ codec: ['a', 'b'] }, repeats, { fps: metric((_, repeat) => repeat) });
    return drawn('bars', plotInput(runs, { x: 'codec' })).notes.join(' ');
  };
  expect(notes(3)).toContain('the range of the runs');
  expect(notes(1)).toBe('each stands for one run: there is no interval');
});

test('signs of series below boxes look like the legend, and lie clear of the axis, where a value of 0 would be', () => {
  const metric = { unit: 'ms', better: 'lower' as const, of: (_: unknown, repeat: number) => repeat - 1 };
  const made = madeDataset({ codec: ['a', 'b'] }, 6, { 'encode.time': metric });
  const below = (placed: object) => {
    const { scene } = drawn('distribution', plotInput(made, placed));
    const [panel] = scene.panels;
    return scene.marks.flatMap((mark) => {
      if (mark.panel !== -1 || (mark.kind !== 'points' && mark.kind !== 'segments')) return [];
      const ys = [...(mark.kind === 'points' ? mark.y : mark.y1)].map((y) => y - panel!.y - panel!.height);
      return [...mark.looks].map((look, i) => ({ kind: mark.kind, look, y: ys[i]! }));
    });
  };
  const signs = below({ color: 'codec' });
  expect(signs.filter(({ kind }) => kind === 'points')).toHaveLength(2);
  expect(signs.filter(({ kind, y }) => kind === 'segments' && y === 10)).toHaveLength(2);
  for (const { y } of signs.filter(({ kind }) => kind === 'points')) expect(y).toBeGreaterThan(8);
  expect(below({ x: 'codec' }).filter(({ kind }) => kind === 'points')).toEqual([]);
});
