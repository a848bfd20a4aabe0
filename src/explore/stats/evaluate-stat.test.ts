import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dividesByZero, evaluateStat, STAT_FUNCTIONS } from './evaluate-stat.ts';
import { framePresets, indicatorPresets, STREAM_PRESETS } from './preset-stats.ts';
import { namesIn, parseStat } from './stat-expression.ts';
import type { StatColumn, StatRun } from './stat-tables.ts';

const column = (table: string, unit: string, values: number[], texts: string[] | null = null): StatColumn => ({
  table,
  unit,
  values: Float64Array.from(values),
  texts,
});
const COLUMNS: Record<string, StatColumn> = {
  'frames.bytes': column('frames', 'byte', [900, 100, 200, 1000, NaN]),
  'frames.key': column('frames', '1', [1, 0, 0, 1, 0]),
  'frames.type': column('frames', '1', [0, 1, 1, 0, 1], ['I', 'P', 'B']),
  'frames.number': column('frames', 'frame', [0, 1, 2, 3, 4]),
  'frames.time': column('frames', 's', [0, 0.5, 1, 1.5, 2]),
  'frames.capture': column('frames', 'ms', [400, 600, 400, 600, 400]),
  'guest:cpu.busy': column('guest:cpu.busy', 'core', [1, 3]),
};
const RUN: StatRun = {
  column: (name) => COLUMNS[name] ?? null,
  number: (name) =>
    name === 'duration'
      ? { value: 2, unit: 's' }
      : name === 'metric encode.fps'
        ? { value: 50, unit: 'frame/s' }
        : null,
};
const stat = (text: string) => evaluateStat(parseStat(text), RUN);

test.each([
  ['mean(frames.bytes)', 550, 'byte'],
  ['mean(frames.bytes where key)', 950, 'byte'],
  ['mean(frames.bytes where not key)', 150, 'byte'],
  ['mean(frames.bytes where type = "P")', 150, 'byte'],
  ['count(frames.bytes where type != "I" and bytes > 150)', 1, 'frame'],
  ['sum(frames.bytes) * 8 / duration', 8800, 'bit/s'],
  ['rate(frames.bytes)', 1100, 'byte/s'],
  ['change(guest:cpu.busy)', 2, 'core'],
  ['mean(gaps(frames.time where key))', 1.5, 's'],
  ['mean(gaps(frames.number where key))', 3, 'frame'],
  ['count(frames.number) / duration', 2.5, 'frame/s'],
  ['share(frames.bytes > 150)', 0.6, '1'],
  ['max(frames.bytes) / median(frames.bytes where key)', 1000 / 950, '1'],
  ['metric("encode.fps") / mean(guest:cpu.busy)', 25, 'frame/s/core'],
  ['-(1 + 2) * 3 - 4 / 2', -11, '1'],
  ['stddev(frames.time)', Math.sqrt(0.625), 's'],
  ['p5(frames.number)', 0.2, 'frame'],
  ['mean(frames.bytes / 1000 where key)', 0.95, 'byte'],
  ['mean(gaps(frames.time)) - mean(frames.capture)', 0.02, 's'],
  ['mean(frames.capture) - mean(gaps(frames.time))', -20, 'ms'],
  ['mean(frames.capture + frames.time)', 1480, 'ms'],
  ['share(frames.time > frames.capture)', 0.6, '1'],
  ['share(frames.capture > 500)', 0.4, '1'],
  ['1 + mean(frames.bytes)', 551, 'byte'],
  ['rate(frames.bytes) * 8 - rate(frames.bytes)', 0, 'bit/s'],
])('%s is %d %s', (text, value, unit) => {
  const result = stat(text)!;
  expect(result.value).toBeCloseTo(value, 9);
  expect(result.unit).toBe(unit);
});

test('a run that lacks a column has no value, and one without the wanted rows has none either', () => {
  expect(stat('mean(client:cpu.busy)')).toBeNull();
  expect(stat('mean(frames.bytes) / metric("none")')).toBeNull();
  expect(stat('mean(frames.bytes where bytes > 5000)')!.value).toBeNaN();
  expect(stat('count(frames.bytes where bytes > 5000)')!.value).toBe(0);
  expect(stat('1 / (2 - 2)')!.value).toBeNaN();
});

test.each([
  ['', 'expression:1: a column, a function or a number is expected, and not the end'],
  ['mean(frames.bytes', 'expression:18: `)` is expected, and not the end'],
  ['mean frames', 'expression:6: `frames` is not expected here'],
  ['frames.bytes', 'expression:1: this is a column, and not one number'],
  ['"I"', 'this is a text'],
  ['avg(frames.bytes)', 'expression:1: there is no function avg'],
  ['mean()', 'mean takes one column'],
  ['mean(3)', 'mean takes a column, and this is one value'],
  ['mean(frames.type)', 'mean takes numbers, and these are texts'],
  ['mean(frames.bytes where type = "X")', 'it has no value "X"'],
  ['mean(frames.bytes where type < "I")', 'a text can only be compared'],
  ['mean(frames.bytes + guest:cpu.busy)', 'measured at different times'],
  ['mean(frames.bytes where 1)', '`where` stands between a column and a condition'],
  ['mean(frames.bytes) ; 1', 'expression:20: `;` has no meaning here'],
  ['mean(frames.bytes) + mean(frames.capture)', "expression:20: byte and ms can't be added or subtracted"],
  ['share(frames.bytes > frames.capture)', "expression:20: byte and ms can't be compared"],
  ['mean(frames.bytes where bytes = capture)', "expression:31: byte and ms can't be compared"],
  ['1e400', 'expression:1: this number is larger than'],
  ['metric(encode.fps)', 'metric takes a name in quotes'],
  [`${'('.repeat(60)}1${')'.repeat(60)}`, 'brackets lie more than 40 deep'],
  ['1'.repeat(1_001), 'an expression has 1000 characters at most'],
])('%s is refused: %s', (text, message) => {
  expect(() => stat(text)).toThrow(message);
});

test('of a difference of equal numbers nothing is left of rounding; a small difference stays', () => {
  expect(stat('0.1 + 0.2 - 0.3')!.value).toBe(0);
  expect(stat('0.3 - 0.1 - 0.2')!.value).toBe(0);
  expect(stat('1000000000 - 999999999.5')!.value).toBe(0.5);
  expect(stat('3 - 0')!.value).toBe(3);
  expect(stat('0 - 1e-20')!.value).toBe(-1e-20);
});

test('why there is no number: only where one is divided by zero', () => {
  const divides = (text: string) => dividesByZero(parseStat(text), RUN);
  expect(divides('1 + -(2 / (3 - 3))')).toBe(true);
  expect(divides('mean(frames.bytes) / sum(frames.key where bytes > 5000)')).toBe(false);
  expect(divides('mean(frames.bytes / frames.key where bytes > 5000)')).toBe(false);
});

test('every preset is an expression that gives a number', () => {
  for (const { expression } of [
    ...framePresets('frames.bytes'),
    ...indicatorPresets('guest:cpu.busy'),
    ...STREAM_PRESETS,
  ])
    expect(stat(expression)!.value, expression).toBeGreaterThan(0);
});

test('names are told, each once; every function has words', () => {
  expect(namesIn(parseStat('mean(frames.bytes where key and bytes > duration) + duration'))).toEqual([
    'frames.bytes',
    'key',
    'bytes',
    'duration',
  ]);
  for (const name of Object.keys(STAT_FUNCTIONS))
    expect(() => stat(`${name}(frames.bytes)`)).not.toThrow('there is no function');
});

test('any text is an expression or an error for people', () => {
  const words = fc.constantFrom(
    'mean',
    '(',
    ')',
    'frames.bytes',
    'where',
    'key',
    '"I"',
    '3',
    '+',
    '*',
    ',',
    'and',
    'not',
    '=',
    '§',
  );
  fc.assert(
    fc.property(fc.array(words, { maxLength: 12 }), (parts) => {
      try {
        stat(parts.join(' '));
      } catch (error) {
        expect((error as Error).name).toBe('UserError');
      }
    }),
    { numRuns: 300 },
  );
});
