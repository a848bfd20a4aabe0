import { expect, test } from 'vitest';
import { ITEM_KINDS } from '#core/title';
import { inStages, TITLE_STAGES } from './title-stages.ts';

test('each kind of item has its stage', () => {
  expect(TITLE_STAGES.flat().toSorted()).toEqual([...ITEM_KINDS].toSorted());
});

test('pieces stand in their stages, in whatever order they came', () => {
  const pieces = ['publish', 'encode', 'inspect', 'audio', 'assemble', 'encode'].map((kind) => ({ kind }));
  expect(inStages(pieces).map((stage) => stage.map(({ kind }) => kind))).toEqual([
    ['inspect'],
    ['encode', 'audio', 'encode'],
    ['assemble'],
    ['publish'],
  ]);
  expect(inStages([])).toEqual([]);
});
