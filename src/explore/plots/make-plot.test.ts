import { expect, test } from 'vitest';
import { madeDataset } from '../../../test/explore/made-dataset.ts';
import { plotInput } from '../../../test/explore/plot-input.ts';
import { makePlot } from './make-plot.ts';

const runs = madeDataset({ codec: ['a', 'b'] }, 5, {
  'encode.fps': { unit: 'frame/s', better: 'higher', of: (_, repeat) => repeat },
});

test('an option that a plot does not have is told, one of another kind of plot is not', () => {
  const asked = (options: Readonly<Record<string, string>>) => {
    const plot = makePlot('distribution', plotInput(runs, { x: 'codec' }, { options }));
    return plot.ok ? plot.notes.filter((note) => note.startsWith('the link')) : [];
  };
  expect(asked({ show: 'foo' })).toEqual(['the link asks for show=foo, which this plot does not have: it is show=box']);
  expect(asked({ show: 'violin', fit: 'foo', runs: '-m:encode.fps' })).toEqual([]);
});
