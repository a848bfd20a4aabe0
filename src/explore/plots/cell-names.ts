// What names a cell among others: the settings in which it differs from them.

import { isDetermined } from '../arrange.ts';
import { propertyTitle, valueTitle, type Dataset, type DisplayNames, type Property } from '../data/dataset.ts';
import { TELLING_FACTS } from './telling-facts.ts';

/** Settings that differ among the rows, else facts. What another one tells already (`encoder`, `codec`) is none. */
export function tellingProperties({ properties }: Dataset, rows: Uint32Array): Property[] {
  const varying = properties.filter(({ codes }) => rows.some((row) => codes[row] !== codes[rows[0]!]));
  const settings = varying.filter(({ origin }) => origin === 'setting');
  const named = settings.length > 0 ? settings : varying.filter(({ name }) => TELLING_FACTS.has(name));
  return named.filter((property, i) => !named.slice(0, i).some((other) => isDetermined(property, other, rows)));
}

/** Those of the properties in which some rows differ. */
export function differing(properties: readonly Property[], rows: ArrayLike<number>): Property[] {
  return properties.filter(({ codes }) => Array.from(rows).some((row) => codes[row] !== codes[rows[0]!]));
}

/** `x264 medium gop 60 4M`: the values of a run, one after the other; a plain number says whose it is. */
export function settingsText(properties: readonly Property[], names: DisplayNames, row: number): string {
  return properties
    .flatMap(({ name, codes, values }) => {
      if (codes[row]! < 0) return [];
      const title = valueTitle(names, name, values[codes[row]!]!);
      return [/^[\d.]+$/.test(title) ? `${propertyTitle(names, name)} ${title}` : title];
    })
    .join(' ');
}
