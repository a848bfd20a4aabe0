// Cells as pixels of an image. Busy is a colour of the ramp; stolen or lost time is hatched to the right, no data to the left on a
// ground of its own, and where nobody knows what else ran, there are dots.

import type { TimeRange } from '../chart/chart-group.ts';
import { ABSENT_LOOK, isBlank, isUnknown, noDataOf, stepOf, stolenOf, WIDEST_STRIPE } from './heatmap-looks.ts';
import { RAMP_STEPS, type HeatmapColors } from './heatmap-ramp.ts';

/** Pixels of the image from one stripe to the next, a power of two; and from dot to dot. */
const STRIPE_PX = 8;
const DOT_PX = 6;

/** What is drawn of the cells: an image of device pixels. */
export interface HeatmapImage {
  readonly pixels: Uint32Array;
  readonly width: number;
  readonly height: number;
}

/** Looks of cells that stand in columns of one length. */
export interface LookTable {
  readonly looks: Uint16Array;
  readonly rows: number;
  readonly count: number;
  /** Where the first column begins, and how long each is, seconds. */
  readonly fromS: number;
  readonly columnS: number;
  /** `lines`: look `row * count + column`, rows from the top. `columns`: look `column * rows + row`, rows from the bottom. */
  readonly order: 'lines' | 'columns';
}

/** @param range what the image's width shows, seconds */
export function paintLooks(image: HeatmapImage, table: LookTable, range: TimeRange, colors: HeatmapColors): void {
  const { looks, rows, count, fromS, columnS, order } = table;
  const pxPerS = image.width / (range.to - range.from);
  const first = Math.max(0, Math.floor((range.from - fromS) / columnS));
  const last = Math.min(count, Math.ceil((range.to - fromS) / columnS));
  // A line between rows of their own, where there is room for one.
  const gap = order === 'lines' && rows > 1 ? 1 : 0;
  for (let row = 0; row < rows; row++) {
    const fromTop = order === 'lines' ? row : rows - 1 - row;
    const top = Math.round((fromTop * image.height) / rows);
    const bottom = Math.round(((fromTop + 1) * image.height) / rows) - gap;
    const start = order === 'lines' ? row * count : row;
    const step = order === 'lines' ? 1 : rows;
    let left = Math.max(0, Math.round((fromS + first * columnS - range.from) * pxPerS));
    for (let column = first; column < last; column++) {
      const right = Math.min(image.width, Math.round((fromS + (column + 1) * columnS - range.from) * pxPerS));
      if (left < right) paint(image, left, top, right, bottom, looks[start + column * step]!, colors);
      left = right;
    }
  }
}

function paint(
  { pixels, width }: HeatmapImage,
  left: number,
  top: number,
  right: number,
  bottom: number,
  look: number,
  colors: HeatmapColors,
): void {
  if (look === ABSENT_LOOK) return;
  const step = stepOf(look);
  const ground = isBlank(look) ? colors.noDataGround : colors.ramp[step]!;
  const stolen = stolenOf(look);
  const noData = noDataOf(look);
  const isDotted = isUnknown(look) && noData < WIDEST_STRIPE && step < RAMP_STEPS;
  for (let y = top; y < bottom; y++) {
    const line = y * width;
    for (let x = left; x < right; x++) pixels[line + x] = ground;
    if (stolen + noData > 0) {
      for (let x = left; x < right; x++) {
        if (((x + y) & (STRIPE_PX - 1)) < stolen) pixels[line + x] = colors.stolen;
        else if (((x - y) & (STRIPE_PX - 1)) < noData) pixels[line + x] = colors.noData;
      }
    }
    if (isDotted && y % DOT_PX === 0)
      for (let x = left + ((DOT_PX - (left % DOT_PX)) % DOT_PX); x < right; x += DOT_PX)
        pixels[line + x] = colors.unknown;
  }
}
