import { expect, test } from 'vitest';
import { NO_NAMES, propertyTitle, valueTitle, type Property } from './dataset.ts';
import { sharedTitle, toldApart } from './told-apart.ts';

const property = (name: string, values: string[]) => ({ name, values }) as unknown as Property;
const PROPERTIES = [property('preset', ['fast', 'slow', 'best']), property('gop', ['fast'])];

test('values of one property that are called the same bear what the file calls them', () => {
  const names = { properties: {}, values: { preset: { fast: 'usual', slow: 'usual', best: 'dear' } } };
  const shown = toldApart(names, PROPERTIES);
  expect(['fast', 'slow', 'best'].map((value) => valueTitle(shown, 'preset', value))).toEqual([
    'usual (fast)',
    'usual (slow)',
    'dear',
  ]);
});

test('a value called as another one is in the file is told from it, and so are properties', () => {
  const names = { properties: { gop: 'preset' }, values: { preset: { fast: 'slow' } } };
  const shown = toldApart(names, PROPERTIES);
  expect([valueTitle(shown, 'preset', 'fast'), valueTitle(shown, 'preset', 'slow')]).toEqual(['slow (fast)', 'slow']);
  expect([propertyTitle(shown, 'gop'), propertyTitle(shown, 'preset')]).toEqual(['preset (gop)', 'preset']);
});

test('names that differ stay as they are: of different properties they may be the same, and so may exchanged ones', () => {
  const names = {
    properties: { preset: 'speed' },
    values: { preset: { fast: 'slow', slow: 'fast' }, gop: { fast: 'slow' }, gone: { a: 'x', b: 'x' } },
  };
  expect(toldApart(names, PROPERTIES)).toEqual(names);
  expect(toldApart(NO_NAMES, PROPERTIES)).toEqual(NO_NAMES);
});

test('a shared name is found before it is saved', () => {
  expect(sharedTitle({ fast: 'usual', slow: 'usual' }, ['fast', 'slow'])).toBe('usual');
  expect(sharedTitle({ fast: 'slow' }, ['fast', 'slow'])).toBe('slow');
  expect(sharedTitle({ fast: 'slow', slow: 'fast' }, ['fast', 'slow'])).toBeNull();
});
