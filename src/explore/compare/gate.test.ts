// A gate is green only where everything was compared and nothing is worse.

import { expect, test } from 'vitest';
import { compareSides } from './compare-sides.ts';
import { comparisonMarkdown } from './comparison-markdown.ts';
import { judgeComparison, type GateRules } from './gate.ts';
import type { Side } from './side.ts';

const BEFORE = [100, 101, 99, 100.5, 99.5];

function side(cells: Readonly<Record<string, readonly number[] | 'failed'>>, unit = 'frame/s'): Side {
  return {
    title: 'runs',
    metrics: [{ name: 'encode.fps', unit, better: 'higher' }],
    facts: {},
    cells: Object.entries(cells).map(([preset, values]) => ({
      settings: { preset },
      values: values === 'failed' ? {} : { 'encode.fps': values },
      failed: values === 'failed' ? 5 : 0,
      reason: values === 'failed' ? 'no such <preset>' : null,
      runs: [],
    })),
  };
}

const times = (factor: number, values: readonly number[] = BEFORE) => values.map((value) => value * factor);
const BASE = side({ fast: BEFORE, slow: times(0.5) });
const RULES: GateRules = {
  limit: { kind: 'share', value: 0.05 },
  byMetric: {},
  fewRepeats: false,
  metrics: ['encode.fps'],
};

function judge(b: Side, rules: Partial<GateRules> = {}, a = BASE) {
  return judgeComparison(compareSides(a, b, { metrics: ['encode.fps'] }), { ...RULES, ...rules });
}

test('the same again passes, and so does what is better', () => {
  expect(judge(BASE)).toEqual({ state: 'passed', worse: [], reasons: [] });
  expect(judge(side({ fast: times(1.5), slow: BEFORE })).state).toBe('passed');
});

test('worse by more than the limit and beyond noise fails, in one cell of two as well', () => {
  const { state, reasons } = judge(side({ fast: times(0.9), slow: times(0.5) }));
  expect(state).toBe('worse');
  expect(reasons.some((reason) => reason.startsWith('encode.fps is worse, preset=fast: −10 % ('))).toBe(true);
  expect(judge(side({ fast: times(0.97), slow: times(0.5 * 0.97) })).state).toBe('passed');
  expect(
    judge(side({ fast: times(0.97), slow: times(0.5) }), { byMetric: { 'encode.fps': { kind: 'share', value: 0.02 } } })
      .state,
  ).toBe('worse');
});

test('a limit may be an amount in the unit of the metric', () => {
  const b = side({ fast: times(0.9), slow: times(0.5) });
  expect(judge(b, { limit: { kind: 'amount', value: 9 } }).state).toBe('worse');
  expect(judge(b, { limit: { kind: 'amount', value: 11 } }).state).toBe('passed');
});

test('worse within noise passes', () => {
  expect(judge(side({ fast: [60, 100, 140, 80, 95], slow: times(0.5) })).state).toBe('passed');
});

test.each([
  ['cells are missing', side({ fast: BEFORE }), /1 cell of the baseline missing: preset=slow/],
  ['nothing matches', side({ other: BEFORE, another: BEFORE }), /no cell of one side matches/],
  ['all failed', side({ fast: 'failed', slow: 'failed' }), /runs failed in 2 cells: preset=fast \(no such <preset>\)/],
  ['one cell failed', side({ fast: 'failed', slow: times(0.5) }), /runs failed in 1 cell/],
  ['the unit is another', side({ fast: BEFORE, slow: times(0.5) }, 'fps'), /is in frame\/s on one side and in fps/],
  ['there is nothing', side({}), /no cell of one side matches/],
  ['there are too few repeats', side({ fast: [100], slow: [50] }), /too few repeats for an interval in 2 cells/],
])('it is never green where %s', (_, b, reason) => {
  const { state, reasons } = judge(b);
  expect(state).toBe('blocked');
  expect(reasons.join('\n')).toMatch(reason);
});

test('with few repeats the limit alone decides, where that is asked for', () => {
  expect(judge(side({ fast: [96], slow: [50] }), { fewRepeats: true }).state).toBe('passed');
  expect(judge(side({ fast: [90], slow: [50] }), { fewRepeats: true }).state).toBe('worse');
});

test('a metric that the other side lacks is named, however many it lacks', () => {
  const names = Array.from({ length: 40 }, (_, i) => `metric.${i}`);
  const metrics = names.map((name) => ({ name, unit: '1', better: 'lower' as const }));
  const a = { ...BASE, title: 'old', metrics: [...BASE.metrics, ...metrics] };
  const { state, reasons } = judgeComparison(compareSides(a, BASE), { ...RULES, metrics: ['metric.39'] });
  expect([state, reasons]).toEqual(['blocked', ['only old has metric.39']]);
});

test('the table over several cells has no columns of values: they have no common one', () => {
  const text = comparisonMarkdown(compareSides(BASE, side({ fast: times(0.9), slow: times(0.4) })));
  const heads = text.split('\n').filter((line) => line.startsWith('| metric'));
  expect(heads).toEqual([
    '| metric | change | 95 % interval | p |  |',
    '| metric | cell | before | after | change | 95 % interval | p |  |',
  ]);
  expect(text).toMatch(/\| encode\.fps \| −1\d % \|/);
});

test('single runs of many cells are judged over all of them', () => {
  const names = Array.from({ length: 8 }, (_, i) => `p${i}`);
  const of = (factor: number, wobble: number) =>
    side(Object.fromEntries(names.map((name, i) => [name, [100 * (i + 1) * factor * (1 + wobble * ((i % 3) - 1))]])));
  expect(judge(of(1, 0.003), {}, of(1, 0)).state).toBe('passed');
  expect(judge(of(0.9, 0.003), {}, of(1, 0)).state).toBe('worse');
});

test('the summary in Markdown says the verdict and keeps markup of others out', () => {
  const b = side({ fast: 'failed', slow: times(0.4) });
  const comparison = compareSides(BASE, b);
  const text = comparisonMarkdown(comparison, judgeComparison(comparison, RULES));
  expect(text).toContain('❌ **Worse**');
  expect(text).toContain('| encode.fps | 50 frame/s | 40 frame/s | −20 % |');
  expect(text).toContain('no such &lt;preset&gt;');
  expect(text).not.toContain('<preset>');
});
