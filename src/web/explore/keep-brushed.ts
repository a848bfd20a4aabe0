// A brush made into filters: the values of each setting that the brushed runs have, where the others have more.

import type { Dataset } from '#explore/data/dataset';
import type { Filter } from '#explore/view';

/**
 * Only of settings: a filter that names a day or a machine would not find the same runs in the next benchmark.
 * @param rows all rows of the picture
 * @param selected those of them within the brushes
 * @returns none where the brushed runs have every value that the others have
 */
export function keepBrushed(dataset: Dataset, rows: Uint32Array, selected: Uint32Array): Filter[] {
  if (selected.length === 0) return [];
  return dataset.properties.flatMap((property): Filter[] => {
    if (property.origin !== 'setting') return [];
    const [all, kept] = [rows, selected].map((some) => {
      // The first is of those that have no such property.
      const seen = new Uint8Array(property.values.length + 1);
      for (const row of some) seen[property.codes[row]! + 1] = 1;
      return seen;
    });
    const count = (seen: Uint8Array) => seen.reduce((sum, one) => sum + one, 0);
    if (count(kept!) === count(all!)) return [];
    const values = property.values.filter((_, code) => kept![code + 1] === 1);
    return [{ kind: 'values', property: property.name, values, ...(kept![0] === 1 ? { absent: true } : {}) }];
  });
}
