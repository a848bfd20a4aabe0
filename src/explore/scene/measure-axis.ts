// The axis of what was measured: its ends are ticks, so that it stands still while values come in.

import { displayUnit } from '#core/format-quantity';
import type { Unit } from '#core/metric';
import { niceTicks, tickTexts } from './nice-ticks.ts';
import { rateAxis, type PlotAxis } from './plot-axis.ts';

export interface MeasureAxisInput {
  readonly name: string;
  readonly unit: Unit;
  /** Smallest and largest value that is drawn; NaN where there is none. */
  readonly low: number;
  readonly high: number;
  /** How long the axis is, about. */
  readonly lengthPx: number;
  /** Bars begin at zero; points only where zero is near. */
  readonly fromZero: boolean;
  /** Asked for by a person; an axis with values of zero or less stays linear. */
  readonly log?: boolean | undefined;
  /** Pixels that stay free above the highest value, for what is written there; 0 where it is left out. */
  readonly headPx?: number | undefined;
}

/** Room that a tick takes. */
const PX_A_TICK = 38;
const MOST_TICKS = 32;
/** Below it there are no ticks: a double keeps too few digits for their steps. */
const LEAST = 1e-290;
/** From zero where the smallest value is below this share of the largest. */
const ZERO_IS_NEAR = 0.55;

export function measureAxis(input: MeasureAxisInput): PlotAxis {
  const { name, unit, lengthPx, fromZero, log, headPx = 0 } = input;
  const [low, high] = [input.low, input.high].map((value) => (Math.abs(value) < LEAST ? 0 : value)) as [number, number];
  if (!(high >= low)) return measureAxis({ name, unit, low: 0, high: 1, lengthPx, fromZero });
  if (log === true && low > 0) return rateAxis(name, unit, low, Math.max(high, low * 1.2));
  let [from, to] = [low, high];
  if (fromZero || (from > 0 && from < ZERO_IS_NEAR * to)) from = Math.min(0, from);
  if (fromZero || (to < 0 && to > ZERO_IS_NEAR * from)) to = Math.max(0, to);
  // Values that differ less than an axis can tell are the same.
  if (to - from <= Math.max(Math.abs(from), Math.abs(to)) * 1e-9) {
    const room = Math.abs(from) * 0.05 || 1;
    [from, to] = from === 0 ? [0, 1] : [from - room, to + room];
  }
  const shown = displayUnit(unit, Math.max(Math.abs(low), Math.abs(high)));
  const [unitLow, unitHigh] = [from / shown.divisor, to / shown.divisor];
  let count = Math.max(2, lengthPx / PX_A_TICK);
  let [first, second] = niceTicks(unitLow, unitHigh, count);
  // Of a short axis one round number may lie within: a finer step has two.
  while (second === undefined && count < MOST_TICKS) [first, second] = niceTicks(unitLow, unitHigh, (count *= 2));
  const step = second === undefined ? (unitHigh - unitLow) / 2 : second - first!;
  const start = Math.floor(unitLow / step + 1e-9);
  let end = Math.ceil(unitHigh / step - 1e-9);
  // A step more, and only where it is needed.
  if ((end - unitHigh / step) * lengthPx < headPx * (end - start)) end++;
  // Multiples, not sums: a sum of tenths drifts.
  const at = Array.from({ length: end - start + 1 }, (_, i) => Number(((start + i) * step).toPrecision(12)));
  const texts = tickTexts(at);
  return {
    kind: 'linear',
    label: shown.name === '' ? name : `${name}, ${shown.name}`,
    low: at[0]! * shown.divisor,
    high: at.at(-1)! * shown.divisor,
    ticks: at.map((tick, i) => ({ at: tick * shown.divisor, text: texts[i]! })),
  };
}
