import { expect, test } from 'vitest';
import { madeDataset } from '../../../test/explore/made-dataset.ts';
import { plotInput } from '../../../test/explore/plot-input.ts';
import type { Mark, Panel } from '../scene/scene.ts';
import { makePlot } from './make-plot.ts';
import type { PlotInput } from './plot.ts';

const runs = madeDataset(
  { codec: ['x264', 'av1'], preset: ['ultrafast', 'slow', '8', '12'], bitrate: ['1M', '2M'] },
  1,
  {
    'encode.time': { unit: 'ms', better: 'lower', of: ({ preset }) => (preset === 'slow' ? 20 : 5) },
  },
);
const all = Uint32Array.from({ length: runs.count }, (_, row) => row);
/** Presets of which each codec has its own. */
const nested = all.filter((row) => runs.properties[0]!.codes[row] === (runs.properties[1]!.codes[row]! < 2 ? 0 : 1));

function stack(changes: Partial<PlotInput>) {
  const plot = makePlot('stack', plotInput(runs, { column: 'codec', x: 'bitrate', color: 'preset' }, changes));
  if (!plot.ok) throw new Error(plot.why);
  return plot.scene;
}

const namesOf = ({ xAxis }: Panel) => (xAxis.kind === 'names' ? xAxis.names : []);

/** Of a panel how many stacks stand in each slot of its axis. */
function stacksBySlot(marks: readonly Mark[], panels: readonly Panel[], at: number): number[] {
  const { x, width } = panels[at]!;
  const slots: number[] = namesOf(panels[at]!).map(() => 0);
  for (const mark of marks)
    if (mark.kind === 'rects' && mark.panel === at && mark.behind !== null)
      for (const [i, left] of mark.x.entries())
        slots[Math.floor(((left + mark.width[i]! / 2 - x) / width) * slots.length)]!++;
  return slots;
}

test.each([900, 260])('stacks of nested presets have no empty slots, %i px wide', (width) => {
  const { panels, marks } = stack({ rows: nested, width });
  expect(panels.map(namesOf)).toEqual([
    ['1M, ultrafast', '1M, slow', '2M, ultrafast', '2M, slow'],
    ['1M, 8', '1M, 12', '2M, 8', '2M, 12'],
  ]);
  for (const at of panels.keys()) expect(stacksBySlot(marks, panels, at)).toEqual([1, 1, 1, 1]);
});

test('facets keep the same slots where one of them has all', () => {
  const { panels } = stack({ rows: all.filter((row) => row !== 0) });
  expect(panels.map((panel) => namesOf(panel).length)).toEqual([8, 8]);
  expect(panels[0]!.xAxis).toEqual(panels[1]!.xAxis);
});

test('each of the eight steps has a colour of its own, the same in every stack', () => {
  const steps = ['capture', 'scale', 'encode', 'send', 'relay', 'network', 'decode', 'present'];
  const inks = (names: readonly string[]) => {
    const metrics = names.map((name) => [`${name}.time`, { unit: 'ms', better: 'lower' as const, of: () => 5 }]);
    const plot = makePlot(
      'stack',
      plotInput(madeDataset({ codec: ['a'] }, 1, Object.fromEntries(metrics)), { x: 'codec' }),
    );
    if (!plot.ok) throw new Error(plot.why);
    return new Map(plot.scene.legend.map(({ title, look }) => [title, look.ink]));
  };
  const all = inks(steps);
  expect(new Set(all.values()).size).toBe(8);
  expect(all.get('wait to present')).toBe('line');
  for (const [title, ink] of inks(['encode', 'decode'])) expect(ink).toBe(all.get(title));
});
