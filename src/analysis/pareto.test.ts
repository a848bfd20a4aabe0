import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dominates, paretoShares, type CellRuns } from './pareto-shares.ts';
import { paretoFront, type Directions } from './pareto.ts';
import { randomBelow, seededRandom } from './random.ts';

const direction = fc.constantFrom('higher' as const, 'lower' as const);
const directions = fc.record({ x: direction, y: direction });
/** Few values: ties are common. */
const coordinate = fc.oneof(fc.integer({ min: 0, max: 8 }), fc.constant(NaN));
const points = fc.array(fc.tuple(coordinate, coordinate), { maxLength: 40 });

function front(of: readonly (readonly [number, number])[], better: Directions): Uint8Array {
  return paretoFront(
    of.map(([x]) => x),
    of.map(([, y]) => y),
    better,
  );
}

describe('a Pareto front', () => {
  it('has no point that is dominated, and every point that is not', () => {
    fc.assert(
      fc.property(points, directions, (all, better) => {
        const onFront = front(all, better);
        for (const [i, [x, y]] of all.entries()) {
          const known = Number.isFinite(x) && Number.isFinite(y);
          const dominated = all.some(([atX, atY]) => dominates(atX, atY, x, y, better));
          if (onFront[i] !== (known && !dominated ? 1 : 0)) expect.fail(`point ${i}`);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('of many points is that of the slow definition', () => {
    const random = seededRandom(7);
    for (const better of [
      { x: 'lower', y: 'higher' },
      { x: 'higher', y: 'lower' },
    ] as const) {
      // Whole numbers up to 600: ties within and across slices.
      const all = Array.from({ length: 3000 }, () => [randomBelow(600, random), randomBelow(600, random)] as const);
      const onFront = front(all, better);
      const slow = all.map(([x, y]) => !all.some(([atX, atY]) => dominates(atX, atY, x, y, better)));
      expect([...onFront]).toEqual(slow.map(Number));
    }
  });

  it('keeps equal points together', () => {
    expect([
      ...front(
        [
          [1, 1],
          [1, 1],
          [2, 1],
          [0, 2],
        ],
        { x: 'lower', y: 'lower' },
      ),
    ]).toEqual([1, 1, 0, 1]);
  });
});

/** Each cell as its runs. */
function runsOf(cells: readonly (readonly (readonly [number, number])[])[]): CellRuns {
  const flat = cells.flat();
  const first = new Uint32Array(cells.length + 1);
  for (const [i, cell] of cells.entries()) first[i + 1] = first[i]! + cell.length;
  return { first, x: Float64Array.from(flat, ([x]) => x), y: Float64Array.from(flat, ([, y]) => y) };
}

describe('the share of resamples in which a cell is on the front', () => {
  it('is 1 or 0 where repeats agree, as the front itself', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ max: 9 }), fc.integer({ max: 9 })), { maxLength: 20 }),
        directions,
        (all, better) => {
          const { shares } = paretoShares(runsOf(all.map((point) => [point, point, point])), better);
          expect([...shares]).toEqual([...front(all, better)]);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('lies between where the runs of two cells overlap, and is the same every time', () => {
    const cells = runsOf([
      [
        [1, 1],
        [1, 2],
        [1, 3],
      ],
      [
        [2, 2.5],
        [2, 1.5],
        [2, 0.5],
      ],
      [
        [3, 9],
        [3, 9.5],
        [3, 9.2],
      ],
    ]);
    const { shares, resamples } = paretoShares(cells, { x: 'lower', y: 'lower' });
    expect(resamples).toBe(200);
    expect(shares[0]).toBe(1);
    expect(shares[1]).toBeGreaterThan(0.5);
    expect(shares[1]).toBeLessThan(0.95);
    expect(shares[2]).toBe(0);
    expect(paretoShares(cells, { x: 'lower', y: 'lower' }).shares).toEqual(shares);
  });

  it('gives cells that are never drawn the share that drawing them would give', () => {
    const run = fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 30 }));
    fc.assert(
      fc.property(
        fc.array(fc.array(run, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 12 }),
        directions,
        (cells, better) => {
          const { shares } = paretoShares(runsOf(cells), better);
          for (const [i, runs] of cells.entries()) {
            const never = cells.some((others) =>
              others.every((a) => runs.every((b) => dominates(a[0], a[1], b[0], b[1], better))),
            );
            if (never) expect(shares[i]).toBe(0);
          }
          expect(Math.max(...shares)).toBeGreaterThan(0);
        },
      ),
      { numRuns: 60 },
    );
  });
});
