import { describe, expect, it } from 'vitest';
import { madeDataset, type MadeMetric } from '../../../test/explore/made-dataset.ts';
import { findFindings } from './find-findings.ts';
import type { Finding } from './finding.ts';

type Cell = Readonly<Record<string, string>>;

function notHonoured(
  settings: Readonly<Record<string, readonly string[]>>,
  values: Readonly<Record<string, readonly [unit: string, of: (cell: Cell) => number]>>,
): readonly Finding[] {
  const metrics = Object.fromEntries(
    Object.entries(values).map(([name, [unit, of]]): [string, MadeMetric] => [name, { unit, better: null, of }]),
  );
  const dataset = madeDataset(settings, 2, metrics);
  const rows = Uint32Array.from({ length: dataset.count }, (_, row) => row);
  return findFindings(dataset, rows).findings.filter(({ kind }) => kind === 'not-honoured');
}

/** Of a run of 20 s. */
function bitrate(of: (asked: number, cell: Cell) => number) {
  const got = (cell: Cell) => of(Number(cell['bitrate']), cell);
  return { bitrate: ['bit/s', got], bytes: ['byte', (cell: Cell) => (got(cell) * 20) / 8] } as const;
}

describe('bitrates', () => {
  it('that pictures had no use for are told, with what came instead', () => {
    const [first, ...others] = notHonoured(
      { bitrate: ['10000000', '20000000', '100000000'], preset: ['fast', 'slow'] },
      bitrate((asked) => Math.min(asked, 9e6)),
    );
    expect(first!.title).toBe(
      'bitrate=100000000 asked for 100 Mbit/s, the encoder used 9 Mbit/s, and less asked gave as much',
    );
    expect(first!.advice).toContain('need no more');
    expect(others).toEqual([]);
  });

  it('that were missed are told apart from those that were not used', () => {
    const above = notHonoured(
      { bitrate: ['1000000', '8000000'] },
      bitrate((asked) => (asked === 1e6 ? 1.6e6 : 8e6)),
    );
    expect(above.map(({ title }) => title)).toEqual([
      'bitrate=1000000 asked for 1 Mbit/s, and got 1.60 Mbit/s (+60 %)',
    ]);
    const below = notHonoured(
      { bitrate: ['1000000', '8000000'] },
      bitrate((asked) => 0.5 * asked),
    );
    expect(below.map(({ id }) => id)).toEqual(['not-honoured:bitrate:below']);
  });

  it('that only some encoders missed are told with the settings of those', () => {
    const settings = { bitrate: ['1000000', '2000000'], codec: ['x264', 'vp9', 'av1'], preset: ['fast', 'slow'] };
    const got = bitrate((asked, { codec, preset }) => {
      if (codec === 'x264') return asked;
      return asked * (codec === 'vp9' ? 0.4 : 0.5) * (preset === 'fast' ? 1 : 1.02);
    });
    const [first, ...others] = notHonoured(settings, got);
    expect(others).toEqual([]);
    expect(first!.title).toBe(
      'bitrate=1000000 with codec=vp9 or codec=av1 asked for 1 Mbit/s, and got 400 kbit/s to 510 kbit/s (40 % to 51 % of it)',
    );
    expect(first!.evidence.map(({ label }) => label)).toEqual([
      'got at bitrate=1000000 with codec=vp9 or codec=av1',
      'got at bitrate=2000000 with codec=vp9 or codec=av1',
      'cells',
    ]);
    expect(first!.view.placed).toMatchObject({ x: 'bitrate', color: 'codec' });
  });

  it('that some cells missed and no setting tells apart are counted', () => {
    const settings = { bitrate: ['1000000'], codec: ['x264', 'vp9'], preset: ['fast', 'slow'] };
    const odd = bitrate((asked, { codec, preset }) => ((codec === 'x264') === (preset === 'fast') ? asked : asked / 2));
    expect(notHonoured(settings, odd).map(({ title }) => title)).toEqual([
      'bitrate=1000000 in 2 of its 4 cells asked for 1 Mbit/s, and got 500 kbit/s (× 0.5)',
    ]);
  });

  it('that a rate control misses by a little are no finding, and short runs may miss by more', () => {
    const nearly = (share: number, seconds: number) =>
      notHonoured(
        { bitrate: ['1000000', '8000000'] },
        {
          bitrate: ['bit/s', (cell) => Number(cell['bitrate']) * share],
          bytes: ['byte', (cell) => (Number(cell['bitrate']) * share * seconds) / 8],
        },
      );
    expect(nearly(1.14, 20)).toEqual([]);
    expect(nearly(0.82, 20)).toEqual([]);
    expect(nearly(1.25, 20)).toHaveLength(1);
    expect(nearly(1.25, 3)).toEqual([]);
  });
});

describe('distances of keyframes', () => {
  const periods = (asked: readonly string[], of: (asked: number) => number, frames = 1_200) =>
    notHonoured(
      { 'keyframe-period': asked, framerate: ['30'] },
      {
        'keyframe.period': ['frame', (cell) => of(Number(cell['keyframe-period']))],
        keyframes: ['frame', (cell) => Math.max(1, Math.floor(frames / of(Number(cell['keyframe-period']))) || 1)],
        frames: ['frame', () => frames],
        'stream.rate encoded': ['frame/s', () => 30],
        'stream.rate captured': ['frame/s', () => 30],
      },
    );

  it('of 0 are told for what they mean', () => {
    const all = periods(['0', '20', '40'], (asked) => (asked === 0 ? 30 : asked));
    expect(all.map(({ title }) => title)).toEqual(['keyframe-period=0 means a keyframe every 30 frames (1 s)']);
  });

  it('that came more often, more rarely or not at all are told', () => {
    expect(periods(['60', '250'], (asked) => Math.min(asked, 100)).map(({ title }) => title)).toEqual([
      'keyframe-period=250 was not kept: a keyframe came every 100 frames (3.33 s)',
    ]);
    expect(periods(['60'], () => 300).map(({ id }) => id)).toEqual(['not-honoured:keyframe-period:above']);
    expect(periods(['60'], () => NaN).map(({ title }) => title)).toEqual([
      'keyframe-period=60 brought no second keyframe in 1200 frames',
    ]);
  });

  it('that came as asked at first, and then no more, are told', () => {
    const some = (keyframes: number) =>
      notHonoured(
        { 'keyframe-period': ['300'] },
        {
          'keyframe.period': ['frame', () => 300],
          keyframes: ['frame', () => keyframes],
          frames: ['frame', () => 1_500],
        },
      ).map(({ title }) => title);
    expect(some(5)).toEqual([]);
    expect(some(4)).toEqual([]);
    expect(some(2)).toEqual(['keyframe-period=300 was not kept: a keyframe came every 750 frames']);
  });

  it('that are too long for the run to tell are noted', () => {
    const dataset = madeDataset({ 'keyframe-period': ['600', '600000'] }, 1, {
      keyframes: { unit: 'frame', better: null, of: (cell) => (cell['keyframe-period'] === '600' ? 1 : 0) },
      frames: { unit: 'frame', better: null, of: () => 1_157 },
    });
    const { findings, notes } = findFindings(dataset, Uint32Array.of(0, 1));
    expect(findings).toEqual([]);
    for (const period of ['600', '600000'])
      expect(notes).toContain(
        `whether keyframe-period=${period} was kept is not known: its runs of 1157 frames are shorter than two periods and have no second keyframe`,
      );
  });

  it('that came as asked, or do not fit into the run, are no finding', () => {
    expect(periods(['30', '60', '600'], (asked) => asked)).toEqual([]);
    expect(periods(['600'], () => NaN, 900)).toEqual([]);
  });
});

it('frame rates of a stream that were not reached are told', () => {
  const all = notHonoured(
    { framerate: ['30', '60'] },
    { 'stream.rate captured': ['frame/s', (cell) => Math.min(42, Number(cell['framerate']))] },
  );
  expect(all.map(({ title }) => title)).toEqual(['framerate=60 asked for 60 frame/s, and got 42 frame/s (−30 %)']);
  expect(all[0]!.runs).not.toEqual([]);
});
