import { expect, test } from 'vitest';
import type { HeatmapCells } from '#profile/heatmap-cells';
import { cellLooks } from './heatmap-looks.ts';
import { paintLooks, type LookTable } from './heatmap-paint.ts';
import type { HeatmapColors } from './heatmap-ramp.ts';

const colors: HeatmapColors = {
  ramp: Uint32Array.from({ length: 101 }, (_, step) => 1000 + step),
  stolen: 1,
  noData: 2,
  noDataGround: 3,
  unknown: 4,
};

/** Cells of a capacity of 100: busy, stolen and without data, each with one letter of what is known of the rest. */
function cellsOf(
  list: readonly (readonly [busy: number, stolen: number, noData: number, knowsIdle?: boolean])[],
): HeatmapCells {
  const column = (of: (cell: (typeof list)[number]) => number) => Float64Array.from(list, of);
  return {
    fromNs: 0,
    cellNs: 1,
    count: list.length,
    rows: 1,
    capacityNs: column(([busy]) => (busy < 0 ? 0 : 100)),
    busyNs: column(([busy]) => Math.max(0, busy)),
    stolenNs: column(([, stolen]) => stolen),
    noDataNs: column(([, , noData]) => noData),
    idleNs: column(([busy, stolen, noData, knowsIdle = true]) => (knowsIdle ? 100 - busy - stolen - noData : NaN)),
    readyNs: new Float64Array(0),
  };
}

/** Which colours a cell is drawn of, each cell 12 × 12 pixels. */
function painted(cells: HeatmapCells): string[] {
  const width = 12 * cells.count;
  const image = { pixels: new Uint32Array(width * 12), width, height: 12 };
  const table: LookTable = {
    looks: cellLooks(cells),
    rows: 1,
    count: cells.count,
    fromS: 0,
    columnS: 1,
    order: 'lines',
  };
  paintLooks(image, table, { from: 0, to: cells.count }, colors);
  return Array.from({ length: cells.count }, (_, cell) => {
    const found = new Set<number>();
    for (let y = 0; y < 12; y++) for (let x = 0; x < 12; x++) found.add(image.pixels[y * width + cell * 12 + x]!);
    return [...found].sort((a, b) => a - b).join(' ');
  });
}

test('busy, idle, stolen, no data, not known and not there all look different', () => {
  const looks = painted(
    cellsOf([
      [100, 0, 0],
      [0, 0, 0],
      [50, 50, 0],
      [0, 0, 100],
      [0, 0, 0, false],
      [-1, 0, 0],
    ]),
  );
  expect(looks).toEqual(['1100', '1000', '1 1050', '2 3', '4 1000', '0']);
});

test('a little that is missing is no pattern, as no timer is exact', () => {
  expect(painted(cellsOf([[50, 1, 2]]))).toEqual(['1050']);
});

test('seconds that share a column look like their mean', () => {
  // Two rows a second, three seconds: two of them in the first column.
  const cells = cellsOf([
    [0, 0, 0],
    [100, 0, 0],
    [100, 0, 0],
    [100, 0, 0],
    [20, 0, 0],
    [40, 0, 0],
  ]);
  expect([...cellLooks(cells, 2, 2)]).toEqual([50, 100, 20, 40]);
});
