import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptySums } from './call-tree.ts';
import { finishTree } from './call-finish.ts';
import { flameLayout, neighbour, nodeAt, visitRow } from './flame-layout.ts';
import { panned, windowOf, zoomed } from './flame-window.ts';

/** A tree from parents; node i has its own weight. */
function treeOf(nodes: readonly (readonly [parent: number, weight: number])[]) {
  const sums = emptySums(nodes.length + 1, false, false);
  for (const [i, [, weight]] of nodes.entries()) {
    sums.weight[i + 1] = weight;
    sums.samples[i + 1] = weight;
  }
  const raw = {
    parent: Int32Array.of(-1, ...nodes.map(([parent]) => parent)),
    label: Uint32Array.from({ length: nodes.length + 1 }, (_, i) => i),
    sums,
    baseline: null,
    cut: 0,
  };
  const name = Array.from(raw.label, String);
  const labels = { name, library: name, kind: new Uint8Array(name.length), rank: raw.label, functions: name.length };
  return finishTree(raw, labels, 'name', 'samples');
}

const SMALL = treeOf([
  [0, 2],
  [1, 5],
  [1, 3],
  [0, 10],
  [4, 4],
]);

test('children stand from the left edge of their parent on, without gaps', () => {
  const layout = flameLayout(SMALL);
  expect(layout.rows).toBe(3);
  expect([...layout.edge]).toEqual([0, 0, 0, 5, 10, 10]);
  expect([...layout.node]).toEqual([0, 1, 4, 2, 3, 5]);
  expect(nodeAt(layout, 2, 7)).toBe(3);
  expect(nodeAt(layout, 2, 9)).toBe(-1);
  expect(nodeAt(layout, 2, 13.9)).toBe(5);
  expect(nodeAt(layout, 3, 1)).toBe(-1);
});

test('keys lead to callers, to the heaviest callee and to what stands beside', () => {
  expect(neighbour(SMALL, 0, 'child')).toBe(4);
  expect(neighbour(SMALL, 4, 'previous')).toBe(1);
  expect(neighbour(SMALL, 1, 'next')).toBe(4);
  expect(neighbour(SMALL, 4, 'next')).toBe(4);
  expect(neighbour(SMALL, 3, 'parent')).toBe(1);
  expect(neighbour(SMALL, 0, 'parent')).toBe(0);
  expect(neighbour(SMALL, 0, 'previous')).toBe(0);
  expect(neighbour(SMALL, 5, 'child')).toBe(5);
});

test('a zoomed window keeps its place, and no window leaves the whole', () => {
  const layout = flameLayout(SMALL);
  const whole = windowOf(layout, 0, 10);
  expect(whole).toEqual({ from: 0, to: 24, top: 0 });
  expect(zoomed(whole, 6, 0.5, 24)).toEqual({ from: 3, to: 15, top: 0 });
  expect(zoomed(zoomed(whole, 24, 0.5, 24), 12, 4, 24)).toEqual(whole);
  expect(panned({ from: 3, to: 15, top: 0 }, 100, 5, 24, 2)).toEqual({ from: 12, to: 24, top: 2 });
  expect(windowOf(layout, 5, 2)).toEqual({ from: 10, to: 14, top: 0 });
});

test('each visible part of a row is drawn once, as itself or in a mark', () => {
  const anyTree = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 9 })), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(anyTree, fc.integer({ min: 1, max: 12 }), fc.nat(), (nodes, least, at) => {
      const layout = flameLayout(treeOf(nodes.map(([parent, weight], i) => [parent % (i + 1), weight])));
      const whole = layout.tree.total[0]!;
      const view = { from: (at % whole) / 2, to: whole - (at % 3) };
      for (let row = 0; row < layout.rows; row++) {
        const drawn = new Uint8Array(whole);
        const draw = (from: number, to: number) => {
          for (let place = from; place < to; place++) drawn[place]!++;
        };
        visitRow(layout, row, view, least, least, (_, from, to) => draw(from, to), draw);
        for (let place = 0; place < whole; place++) {
          const isVisible = place + 1 > view.from && place < view.to;
          const isThere = nodeAt(layout, row, place + 0.5) >= 0;
          // A mark may reach over what lies between two narrow nodes.
          if (isVisible && isThere) expect(drawn[place]).toBe(1);
          expect(drawn[place]).toBeLessThanOrEqual(1);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('a row of many narrow nodes takes as many steps as it has pixels', () => {
  const layout = flameLayout(treeOf(Array.from({ length: 100_000 }, () => [0, 1] as const)));
  let steps = 0;
  const step = () => steps++;
  visitRow(layout, 1, { from: 0, to: 100_000 }, 100_000 / 3_000, 100_000 / 1_000, step, step);
  expect(steps).toBeLessThanOrEqual(1_000);
});
