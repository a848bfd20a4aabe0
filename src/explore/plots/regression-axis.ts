// What a regression is drawn against: the number at x, or a metric; and its axis.

import type { Unit } from '#core/metric';
import { propertyTitle, valueTitle, type Property } from '../data/dataset.ts';
import { measureAxis } from '../scene/measure-axis.ts';
import { rateAxis, type PlotAxis } from '../scene/plot-axis.ts';
import { metricOption, partner } from './companions.ts';
import type { PlotInput, PlotOption } from './plot.ts';

/** Numbers of an axis, by row of the dataset. */
export interface Measure {
  readonly title: string;
  readonly unit: Unit;
  readonly values: Float64Array;
  /** Null where it is a metric. */
  readonly property: Property | null;
}

/** What stands in the option where x is the property that is placed there. */
const PLACED = 'x';
/** Share of the axis that is free on either side of a property's values. */
const ROOM = 0.06;

/** The metric that was chosen, else the placed property where it has numbers, else a metric that goes well with the one on the value axis. */
export function measureAtX(input: PlotInput): Measure | null {
  const { metrics, metric, rows, names, options } = input;
  const asked = metrics.find(({ name }) => name === options['against'] && name !== metric.name);
  const property = numbersAtX(input);
  if (asked === undefined && property !== null) {
    const { codes } = property;
    const numbers = property.numbers!;
    const values = Float64Array.from(codes, (code) => numbers[code] ?? NaN);
    return { title: propertyTitle(names, property.name), unit: '1', values, property };
  }
  const found = asked ?? partner(metrics, undefined, metric, rows);
  return found === null ? null : { title: found.name, unit: found.unit, values: found.values, property: null };
}

function numbersAtX({ dataset, placed }: PlotInput): Property | null {
  return dataset.properties.find(({ name, numbers }) => name === placed.x && numbers !== null) ?? null;
}

export function againstOption(input: PlotInput, x: Measure): PlotOption {
  const { metrics, metric, names } = input;
  const others = metrics.filter(({ name }) => name !== metric.name);
  const option = metricOption('against', 'against', others, x.title);
  const property = numbersAtX(input);
  if (property === null) return option;
  const own = { value: PLACED, title: `${propertyTitle(names, property.name)} (at x)` };
  return { ...option, values: [own, ...option.values], chosen: x.property === null ? x.title : PLACED };
}

/** Ticks at the values of a property, at round numbers of a metric. */
export function axisAtX({ names, width }: PlotInput, x: Measure, low: number, high: number, isLog: boolean): PlotAxis {
  const { property, title, unit } = x;
  if (property === null)
    return isLog
      ? rateAxis(title, unit, low, high)
      : measureAxis({ name: title, unit, low, high, lengthPx: width, fromZero: false });
  const ticks = [...property.numbers!]
    .flatMap((at, code) =>
      at >= low && at <= high ? [{ at, text: valueTitle(names, property.name, property.values[code]!) }] : [],
    )
    .toSorted((a, b) => a.at - b.at);
  if (isLog) {
    const factor = high > low ? (high / low) ** ROOM : 1.5;
    return { kind: 'log', label: title, low: low / factor, high: high * factor, ticks };
  }
  const free = (high - low) * ROOM || Math.abs(high) * ROOM || 1;
  return { kind: 'linear', label: title, low: low - free, high: high + free, ticks };
}
