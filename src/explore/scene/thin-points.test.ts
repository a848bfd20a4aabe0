import { expect, test } from 'vitest';
import type { PointsMark } from './scene.ts';
import { eachLookOfPoints } from './thin-points.ts';

function drawn(mark: PointsMark): Map<number, number[]> {
  const lists = new Map<number, number[]>();
  eachLookOfPoints(mark, 100, 100, (look, items) => lists.set(look, [...(lists.get(look) ?? []), ...items]));
  return lists;
}

function points(count: number, of: (i: number) => readonly [x: number, y: number, look: number]): PointsMark {
  const places = Array.from({ length: count }, (_, i) => of(i));
  return {
    kind: 'points',
    panel: 0,
    behind: null,
    x: Float32Array.from(places, ([x]) => x),
    y: Float32Array.from(places, ([, y]) => y),
    looks: Uint16Array.from(places, ([, , look]) => look),
    radius: 2,
  };
}

test('a place that many points share is drawn once for each look that lies there', () => {
  const lists = drawn(points(9_000, (i) => [(i % 10) + 5, 50, i % 3]));
  expect([...lists.keys()].toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
  const all = [...lists.values()].flat();
  const places = all.map((i) => `${(i % 10) + 5} ${i % 3}`);
  expect(new Set(places).size).toBe(30);
});

test('of one look each place is drawn once', () => {
  expect(drawn(points(9_000, (i) => [(i % 40) + 5, (i % 7) + 5, 0])).get(0)).toHaveLength(280);
});

test('few points are all drawn, and none that has no place', () => {
  expect(drawn(points(5, (i) => [i === 2 ? NaN : 5, 5, 1])).get(1)).toEqual([0, 1, 3, 4]);
});
