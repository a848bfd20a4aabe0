import { expect, test } from 'vitest';
import type { BenchResults } from '#matrix/bench-results';
import { againstColumn } from './bench-against.ts';

function results(cells: readonly (readonly [properties: Record<string, string>, cpuS: number | null])[]): BenchResults {
  return {
    cells: cells.map(([properties, cpuS]) => ({
      cell: { label: Object.values(properties).join(' '), properties },
      runs:
        cpuS === null ? [] : [{ outcome: 'ok', metrics: { 'cpu.time': { value: cpuS, unit: 's', better: 'lower' } } }],
    })),
  } as unknown as BenchResults;
}

const LEVELS = results([
  [{ codec: 'a', level: 'lowest' }, 8],
  [{ codec: 'a', level: 'best' }, 2],
  [{ codec: 'b', level: 'lowest' }, null],
  [{ codec: 'b', level: 'best' }, 1],
]);

test('each cell is compared with the one that differs in that property alone', () => {
  const { title, text } = againstColumn(LEVELS, 'level=lowest');
  expect(title).toBe('speed-up by CPU time (level=lowest)');
  expect([...text]).toEqual([
    ['a lowest', '1.00 x'],
    ['a best', '4.00 x'],
  ]);
});

test('a property or a value that is not there is told with what is', () => {
  expect(() => againstColumn(LEVELS, 'level=lowst')).toThrow(
    /no cell has "level=lowst"\n.*did you mean level=lowest\?/,
  );
  expect(() => againstColumn(LEVELS, 'size=1')).toThrow(/no cell has a property "size"/);
});
