// From a value to its place along an axis, and back.

import type { PlotAxis } from './plot-axis.ts';

/**
 * Pixels of a value; of an axis of names the value is a position in them, and its place the middle of its slot.
 * A value that a logarithmic axis can't have (0 and below) is NaN.
 * @param start pixel of the axis' low end, `end` of its high end: upright axes have start > end
 */
export function pixelScale(axis: PlotAxis, start: number, end: number): (value: number) => number {
  const length = end - start;
  switch (axis.kind) {
    case 'names': {
      const slot = length / Math.max(1, axis.names.length);
      return (position) => start + (position + 0.5) * slot;
    }
    case 'linear': {
      const factor = length / (axis.high - axis.low);
      const { low } = axis;
      return (value) => start + (value - low) * factor;
    }
    case 'log': {
      const low = Math.log(axis.low);
      const factor = length / (Math.log(axis.high) - low);
      return (value) => (value > 0 ? start + (Math.log(value) - low) * factor : NaN);
    }
  }
}

/** The value at a pixel; of an axis of names a position, which may lie outside of them. */
export function valueScale(axis: PlotAxis, start: number, end: number): (pixel: number) => number {
  const length = end - start;
  switch (axis.kind) {
    case 'names': {
      const slot = length / Math.max(1, axis.names.length);
      return (pixel) => Math.floor((pixel - start) / slot);
    }
    case 'linear':
      return (pixel) => axis.low + ((pixel - start) / length) * (axis.high - axis.low);
    case 'log':
      return (pixel) => axis.low * (axis.high / axis.low) ** ((pixel - start) / length);
  }
}
