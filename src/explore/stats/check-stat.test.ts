import { expect, test } from 'vitest';
import { checkStat, meaningOf, type KnownColumns } from './check-stat.ts';
import { STAT_FUNCTIONS } from './evaluate-stat.ts';
import { framePresets, indicatorPresets, STREAM_PRESETS } from './preset-stats.ts';

const KNOWN: KnownColumns = {
  columns: [
    { name: 'frames.bytes', unit: 'byte' },
    { name: 'frames.key', unit: '1' },
    { name: 'frames.type', unit: '1' },
    { name: 'frames.number', unit: 'frame' },
    { name: 'frames.time', unit: 's' },
    { name: 'client:frames.decode', unit: 'ms' },
    { name: 'guest:cpu.busy', unit: 'core' },
  ],
  metrics: [{ name: 'encode.fps', unit: 'frame/s' }],
};

/** The text with what is marked between arrows. */
function marked(text: string, known: KnownColumns | null = KNOWN): string {
  const checked = checkStat(text, known);
  const place = checked.ok ? checked.unknown : checked;
  if (place === null) return checked.ok ? `fine, ${checked.unit}` : '';
  return `${text.slice(0, place.at)}→${text.slice(place.at, place.at + place.length)}←${text.slice(place.at + place.length)}`;
}

test.each([
  ['mean(frames.bytes where key)', 'fine, byte'],
  ['rate(frames.bytes) * 8', 'fine, bit/s'],
  ['p95(guest:cpu.busy where time > 5)', 'fine, core'],
  ['mean(cpu.busy)', 'fine, core'],
  ['median(client:frames.decode.delay)', 'fine, ms'],
  ['metric("encode.fps") / 2', 'fine, frame/s'],
  ['duration', 'fine, s'],
  ['mean(frames.bytes wher key)', 'mean(frames.bytes →wher← key)'],
  ['mean(frames.bytes', 'mean(frames.bytes→←'],
  ['mean(frames.bites where key)', 'mean(→frames.bites← where key)'],
  ['metric("encode.speed")', 'metric(→"encode.speed"←)'],
  ['1 + avg(frames.bytes)', '1 + →avg←(frames.bytes)'],
  ['frames.bytes', '→frames.bytes←'],
  ['mean(frames.bytes + guest:cpu.busy)', 'mean(frames.bytes →+← guest:cpu.busy)'],
  ['mean(frames.bytes) + mean(client:frames.decode)', 'mean(frames.bytes) →+← mean(client:frames.decode)'],
  ['mean(frames.time) - mean(client:frames.decode)', 'fine, s'],
  ['mean(frames.bytes) + 1000', 'fine, byte'],
  ['mean(frames.bytes where type = "X")', 'mean(frames.bytes where type →=← "X")'],
  ['mean(frames.bytes) § 2', 'mean(frames.bytes) →§← 2'],
])('%s: %s', (text, wanted) => {
  expect(marked(text)).toBe(wanted);
});

test('a name that no run has is told as such, and is no mistake', () => {
  const checked = checkStat('mean(frames.bites where key)', KNOWN);
  expect(checked).toMatchObject({ ok: true, unit: null, unknown: { name: 'frames.bites', nearest: 'frames.bytes' } });
  expect(checkStat('share(key)', KNOWN)).toMatchObject({ unknown: { name: 'key', nearest: 'frames.key' } });
  expect(checkStat('metric("encode.fsp")', KNOWN)).toMatchObject({ unknown: { nearest: 'encode.fps' } });
  expect(checkStat('metric("entirely.else")', KNOWN)).toMatchObject({ unknown: { nearest: null } });
});

test('every preset and every function means something, whatever is recorded', () => {
  const presets = [...framePresets('frames.bytes'), ...indicatorPresets('guest:cpu.busy'), ...STREAM_PRESETS];
  for (const { expression } of presets) {
    expect(checkStat(expression, KNOWN), expression).toMatchObject({ ok: true, unknown: null });
    meaningOf(expression);
  }
  for (const name of Object.keys(STAT_FUNCTIONS).filter((one) => one !== 'gaps')) meaningOf(`${name}(some.column)`);
});

test('without a word about columns an expression that can never mean anything is refused with its place', () => {
  expect(() => meaningOf('avg(frames.bytes)')).toThrow(/expression:1: there is no function avg/);
  expect(() => meaningOf('frames.bytes')).toThrow(/expression:1: this is a column/);
  expect(() => meaningOf('mean(a.b) + mean(a.b, a.c)')).toThrow(/expression:13: mean takes one column/);
});
