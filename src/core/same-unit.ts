// Units of one dimension: seconds and milliseconds are the same thing, and their numbers can be made those of one unit.

import type { Unit } from './metric.ts';

/** By dimension, of each unit how many of the smallest one it is: whole numbers, so that 1500 ms are exactly 1.5 s. */
const DIMENSIONS: readonly Readonly<Record<Unit, number>>[] = [
  { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, min: 60e9, h: 3600e9 },
  { 'bit/s': 1, 'kbit/s': 1e3, 'Mbit/s': 1e6, 'Gbit/s': 1e9, 'byte/s': 8, 'kB/s': 8e3, 'MB/s': 8e6, 'GB/s': 8e9 },
  { byte: 1, B: 1, kB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 },
  { Hz: 1, kHz: 1e3, MHz: 1e6, GHz: 1e9 },
  { 'frame/s': 1, fps: 1 },
];

/** Makes numbers of one unit those of another; null where these are not of one dimension. */
export function unitConversion(from: Unit, to: Unit): ((value: number) => number) | null {
  if (from === to) return (value) => value;
  const dimension = DIMENSIONS.find((units) => Object.hasOwn(units, from) && Object.hasOwn(units, to));
  return dimension === undefined ? null : (value) => (value * dimension[from]!) / dimension[to]!;
}
