// Metrics read from text are those that JSON.parse finds, whatever the text is like.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Metrics } from '#core/metric';
import { MetricsReader } from './metrics-text.ts';

const metric = fc.record(
  {
    value: fc.oneof(fc.double(), fc.integer(), fc.constant(null)),
    unit: fc.string({ maxLength: 4 }),
    better: fc.constantFrom('higher', 'lower', null),
    model: fc.string({ unit: 'binary', maxLength: 4 }),
  },
  { requiredKeys: ['value', 'unit', 'better'] },
);
const kinds = fc.array(fc.dictionary(fc.string({ unit: 'binary', maxLength: 6 }), metric, { maxKeys: 5 }), {
  minLength: 1,
  maxLength: 4,
});

/** What is read, in the form of what was written. */
function readBack(reader: MetricsReader, text: string): unknown {
  const { heads, values } = reader.read(text);
  return heads.map((head, i) => ({ ...head, value: values[i] }));
}

function expected(text: string): unknown {
  return Object.entries(JSON.parse(text) as Metrics).map(([name, { value, ...rest }]) => ({
    name,
    ...rest,
    value: Number.isFinite(value) ? value : NaN,
  }));
}

test('runs of several kinds are read one after the other as JSON.parse reads each', () => {
  fc.assert(
    fc.property(kinds, fc.array(fc.tuple(fc.nat(), fc.double()), { maxLength: 12 }), (metrics, runs) => {
      const reader = new MetricsReader();
      for (const [kind, value] of runs) {
        const given = metrics[kind % metrics.length]!;
        const text = JSON.stringify(
          Object.fromEntries(Object.entries(given).map(([name, one]) => [name, { ...one, value }])),
        );
        expect(readBack(reader, text)).toEqual(expected(text));
      }
    }),
    { numRuns: 60 },
  );
});

test.each([
  ['numbers in other notations', '{"a":{"value":-1.5e-7,"unit":"s"},"b":{"value":0,"unit":"s"}}'],
  ['blanks', '{ "a": {"value": 2, "unit": "s"} }'],
  ['the value in the middle', '{"a":{"unit":"s","value":2,"better":null}}'],
  ['names that are numbers', '{"b":{"value":1,"unit":"s"},"7":{"value":2,"unit":"s"}}'],
  ['no value', '{"a":{"unit":"s"},"b":{"value":2,"unit":"s"}}'],
  ['a text for a value', '{"a":{"value":"2","unit":"s"}}'],
  ['an object for a value', '{"a":{"value":{"value":2},"unit":"s"}}'],
  ['the same name twice', '{"a":{"value":1,"unit":"s"},"a":{"value":2,"unit":"s"}}'],
  ['nothing', '{}'],
])('%s: read as JSON.parse does, also when it comes again', (_, text) => {
  const reader = new MetricsReader();
  for (let time = 0; time < 3; time++) expect(readBack(reader, text)).toEqual(expected(text));
});

test('what is alike up to a point is told apart, and cut off text is no metric', () => {
  const reader = new MetricsReader();
  const text = (unit: string, more = '') => `{"a":{"value":1,"unit":"${unit}"}${more}}`;
  for (const one of [text('s'), text('ms'), text('s', ',"b":{"value":3,"unit":"s"}'), text('s')])
    expect(readBack(reader, one)).toEqual(expected(one));
  for (let length = 0; length < text('s').length; length++)
    expect(() => reader.read(text('s').slice(0, length))).toThrow(SyntaxError);
});

test('many kinds of runs are read still when no more of them are remembered', () => {
  const reader = new MetricsReader();
  for (const round of [1, 2])
    for (let kind = 0; kind < 200; kind++) {
      const text = `{"metric ${kind}":{"value":${kind * round},"unit":"1"}}`;
      expect(readBack(reader, text)).toEqual(expected(text));
    }
});
