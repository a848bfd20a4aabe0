import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hitIndex, REACH_PX, rowsBehind } from './hit-index.ts';
import type { Behind, Mark, Scene } from './scene.ts';

const axis = { kind: 'names', label: '', names: [''] } as const;

function sceneOf(marks: readonly Mark[]): Scene {
  return {
    width: 300,
    height: 200,
    panels: [{ x: 0, y: 0, width: 300, height: 200, xAxis: axis, yAxis: axis, xMetric: null, yMetric: 'm' }],
    looks: [{ ink: 'text', shape: 'circle', dash: [] }],
    marks,
    legendTitle: '',
    legend: [],
    description: '',
  };
}

/** Two runs behind each item. */
function behind(items: number): Behind {
  return {
    first: Uint32Array.from({ length: items + 1 }, (_, i) => 2 * i),
    rows: Uint32Array.from({ length: 2 * items }, (_, i) => i),
  };
}

function points(places: readonly (readonly [number, number])[]): Mark {
  return {
    kind: 'points',
    panel: 0,
    behind: behind(places.length),
    x: Float32Array.from(places, ([x]) => x),
    y: Float32Array.from(places, ([, y]) => y),
    looks: new Uint16Array(places.length),
    radius: 3,
  };
}

function rects(places: readonly (readonly [x: number, y: number, width: number, height: number])[]): Mark {
  const column = (k: 0 | 1 | 2 | 3) => Float32Array.from(places, (place) => place[k]);
  return {
    kind: 'rects',
    panel: 0,
    behind: behind(places.length),
    x: column(0),
    y: column(1),
    width: column(2),
    height: column(3),
    looks: new Uint16Array(places.length),
    outlined: false,
  };
}

const place = fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 200 }));

test('of points it is the nearest within reach, or none', () => {
  fc.assert(
    fc.property(fc.array(place, { maxLength: 60 }), place, (places, [x, y]) => {
      const nearest = Math.min(...places.map(([px, py]) => Math.hypot(px - x, py - y)));
      const hit = hitIndex(sceneOf([points(places)])).at(x, y);
      if (nearest > REACH_PX) expect(hit).toBeNull();
      else expect(Math.hypot(hit!.x - x, hit!.y - y)).toBeCloseTo(nearest, 4);
    }),
    { numRuns: 100 },
  );
});

test('a bar is hit anywhere in it, and read at its value', () => {
  const scene = sceneOf([rects([[100, 20, 60, 170]])]);
  const hit = hitIndex(scene).at(130, 180);
  expect(hit).toMatchObject({ mark: 0, item: 0, x: 130, y: 20 });
  expect([...rowsBehind(scene, hit!)]).toEqual([0, 1]);
});

test('a line is hit between its points, far from both', () => {
  const scene = sceneOf([
    {
      kind: 'lines',
      panel: 0,
      behind: behind(1),
      x: Float32Array.of(10, 290),
      y: Float32Array.of(10, 150),
      first: Uint32Array.of(0, 2),
      looks: Uint16Array.of(0),
      width: 1,
    },
  ]);
  expect(hitIndex(scene).at(150, 84)).toMatchObject({ mark: 0, item: 0 });
  expect(hitIndex(scene).at(150, 140)).toBeNull();
});

test('what has no run behind it is never hit', () => {
  const { behind: _, ...grid } = points([[50, 50]]) as Extract<Mark, { kind: 'points' }>;
  expect(hitIndex(sceneOf([{ ...grid, behind: null }])).at(50, 50)).toBeNull();
});

test('walking meets every item once, from left to right, and stops at the ends', () => {
  fc.assert(
    fc.property(fc.array(place, { minLength: 1, maxLength: 30 }), (places) => {
      const index = hitIndex(sceneOf([rects([[0, 150, 10, 50]]), points(places)]));
      const met: string[] = [];
      for (let hit = index.first()!; ;) {
        met.push(`${hit.mark} ${hit.item}`);
        const next = index.step(hit, 1);
        expect(next.x).toBeGreaterThanOrEqual(hit.x);
        if (next.mark === hit.mark && next.item === hit.item) break;
        hit = next;
      }
      expect(new Set(met).size).toBe(places.length + 1);
      expect(index.count).toBe(places.length + 1);
    }),
    { numRuns: 40 },
  );
});

test('up and down go to the next item of the same column first', () => {
  const index = hitIndex(
    sceneOf([
      points([
        [100, 150],
        [100, 60],
        [130, 140],
      ]),
    ]),
  );
  const low = index.at(100, 150)!;
  expect(index.stepUpright(low, -1)).toMatchObject({ item: 1 });
  expect(index.stepUpright(low, 1)).toMatchObject({ item: 0 });
});
