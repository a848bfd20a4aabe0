import { describe, expect, it, test } from 'vitest';
import { madeDataset } from '../../../test/explore/made-dataset.ts';
import { plotInput } from '../../../test/explore/plot-input.ts';
import { makePlot } from '../plots/make-plot.ts';
import type { PlotInput } from '../plots/plot.ts';
import type { PlotKind } from '../view.ts';
import { hitIndex } from './hit-index.ts';
import { readOut } from './read-out.ts';

const runs = madeDataset({ codec: ['x264', 'av1'], preset: ['fast', 'slow'], bitrate: ['1M', '2M'] }, 2, {
  'encode.fps': { unit: 'frame/s', better: 'higher', of: ({ preset }) => (preset === 'slow' ? 20 : 50) },
  'encode.time': { unit: 'ms', better: 'lower', of: ({ codec }) => (codec === 'av1' ? 16 : 6) },
  'decode.time': { unit: 'ms', better: 'lower', of: () => 3 },
  'quality.psnr': { unit: 'dB', better: 'higher', of: ({ bitrate }) => (bitrate === '2M' ? 40 : 36) },
  'cpu.time': {
    unit: 's',
    better: 'lower',
    of: ({ preset, codec }) => (preset === 'slow' ? 4 : 2) + (codec === 'av1' ? 1 : 0),
  },
  bitrate: { unit: 'bit/s', better: null, of: ({ bitrate }) => (bitrate === '2M' ? 1.9e6 : 1.1e6) },
});

/** What each item of a plot says, as the arrow keys walk through them. */
function walked(kind: PlotKind, placed: Partial<PlotInput['placed']>, changes: Partial<PlotInput> = {}): string[][] {
  const plot = makePlot(kind, plotInput(runs, placed, changes));
  if (!plot.ok) throw new Error(plot.why);
  const index = hitIndex(plot.scene);
  const said: string[][] = [];
  for (let hit = index.first(), last = index.last(); hit !== null; hit = index.step(hit, 1)) {
    said.push(readOut(plot.scene, hit));
    if (hit.mark === last?.mark && hit.item === last.item) break;
  }
  return said;
}

describe('what an item says', () => {
  it('has one number where a bar or a step stands, and not its height on the axis besides', () => {
    const steps = walked('stack', { x: 'codec' });
    expect(steps).toHaveLength(4);
    expect(steps).toContainEqual(['time per frame 16 ms', 'codec av1', 'step, from the top encode', '8 runs']);
    expect(walked('bars', { x: 'codec' })[0]).toEqual(['median of encode.fps 35 frame/s', 'codec x264', '8 runs']);
  });

  it('has no step of the ramp beside the number of a cell', () => {
    expect(walked('heatmap', { x: 'bitrate', color: 'preset' })[0]).toEqual([
      'median of encode.fps 50 frame/s',
      'preset fast',
      'bitrate 1M',
      '4 runs',
    ]);
  });

  it('names both axes where no number is told apart from them', () => {
    const [first] = walked('regression', {}, { options: { against: 'cpu.time' } });
    expect(first).toEqual(expect.arrayContaining(['cpu.time 2.0 s', '1 run']));
    expect(first!.some((line) => line.startsWith('encode.fps '))).toBe(true);
  });

  it('names station and line in a table of frame rates', () => {
    expect(walked('frame-rate', { x: 'codec', color: 'preset' })).toContainEqual([
      'frame rate encoded (file) 50 frame/s',
      'codec, preset x264, fast',
      '4 runs',
    ]);
  });

  it('names all that a line of parallel coordinates crosses, a bitrate that was set apart from its outcome', () => {
    const said = walked('parallel', { x: 'codec' }, { width: 1400, options: { metrics: 'all' } });
    expect(said).toHaveLength(8);
    expect(said[0]).toEqual(expect.arrayContaining(['preset slow', 'set bitrate 1M', 'encode.fps 20 frame/s']));
    expect(said[0]!.some((line) => /^bitrate [\d.]+ Mbit\/s$/.test(line))).toBe(true);
  });

  it('names the settings of a point of a Pareto plot, and whether it is on the front', () => {
    const said = walked('pareto', { color: 'codec' }, { metric: runs.metrics[3]!, options: { against: 'cpu.time' } });
    expect(said.map((lines) => lines.find((line) => line.includes('fast')))).toContain('fast 2M');
    expect(new Set(said.map((lines) => lines.join())).size).toBe(said.length);
    expect(said.flat()).toEqual(expect.arrayContaining(['1 on the front', 'dominated']));
  });
});

test('nothing is said twice', () => {
  for (const kind of ['parallel', 'pareto', 'scatter', 'lines', 'distribution'] as const)
    for (const lines of walked(kind, { x: 'bitrate', color: 'codec', shape: 'preset' }))
      expect(new Set(lines).size).toBe(lines.length);
});
