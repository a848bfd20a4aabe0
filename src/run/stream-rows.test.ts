import { array, assert, constantFrom, integer, property, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import type { Indicator } from '#core/indicator';
import { framesInside, IndicatorPlaces, stepsInside } from './stream-rows.ts';
import { frameRows, stepBatch } from '../../test/lab/sample-stream.ts';

const indicators = array(
  tuple(constantFrom('cpu.busy', 'memory.used', 'sender.cpu', 'x'), constantFrom('core', 'byte')).map(
    ([name, unit]): Indicator => ({ name, unit, description: '' }),
  ),
  { minLength: 1, maxLength: 6 },
);

test('whatever lists agents have and how they grow, a row keeps the name and the unit of its indicator', () => {
  assert(
    property(array(tuple(constantFrom('a', 'b', 'c'), indicators), { minLength: 1, maxLength: 8 }), (told) => {
      const places = new IndicatorPlaces();
      let before: readonly Indicator[] = [];
      for (const [agent, list] of told) {
        const grew = places.set(agent, list);
        expect(places.list.slice(0, before.length)).toEqual(before);
        expect(grew).toBe(places.list.length > before.length);
        before = [...places.list];
        const rows = {
          agent,
          indicator: Uint16Array.from(list, (_, i) => i),
          timeUs: Float64Array.from(list, (_, i) => i),
          value: Float64Array.from(list, (_, i) => 10 * i),
        };
        const mapped = places.mapped(agent, rows, () => true);
        expect([...mapped.indicator].map((place) => places.list[place])).toEqual(list);
        expect(mapped.value).toEqual(rows.value);
      }
      expect(new Set(places.list.map(({ name, unit }) => `${name} ${unit}`)).size).toBe(places.list.length);
    }),
  );
});

test('rows of an indicator that nobody named, and of times that are not wanted, are left out', () => {
  const places = new IndicatorPlaces();
  const rows = {
    agent: 'a',
    indicator: Uint16Array.of(0, 1, 0),
    timeUs: Float64Array.of(1, 2, 3),
    value: Float64Array.of(1, 2, 3),
  };
  expect(places.mapped('a', rows, () => true).value).toHaveLength(0);
  places.set('a', [{ name: 'x', unit: '1', description: '' }]);
  expect(places.mapped('a', rows, (us) => us > 1).value).toEqual(Float64Array.of(3));
});

test('of a batch that lies across the border of its window the rows inside stay, of other streams none', () => {
  assert(
    property(array(integer({ min: 0, max: 20 }), { maxLength: 30 }), (numbers) => {
      const windows = [{ stream: 'video', first: 5, last: 12 }];
      const steps = stepBatch(
        'guest',
        numbers.map((frame) => ({ step: 'capture' as const, frame, startUs: frame * 10 })),
      );
      const inside = stepsInside(steps, windows);
      const wanted = numbers.filter((frame) => frame >= 5 && frame <= 12);
      expect([...inside.frame]).toEqual(wanted);
      expect([...inside.startUs]).toEqual(wanted.map((frame) => frame * 10));
      expect(inside.outcome).toHaveLength(wanted.length);
      expect(stepsInside({ ...steps, stream: 'video 2' }, windows).frame).toHaveLength(0);
    }),
  );
  const [frame] = frameRows(7, 100);
  expect(framesInside(frame!, [{ stream: 'video', first: 7, last: null }])).toBe(frame);
  expect(framesInside(frame!, [{ stream: 'video', first: 8, last: null }]).pts).toHaveLength(0);
  expect(framesInside(frame!, [])).toMatchObject({ stream: 'video', timeBase: [1, 1_000_000] });
});
