// Files by the shortest end of their path that tells them apart: where they lie on a machine is nobody's business who reads of them.

import type { Dataset, DisplayNames, Property } from './dataset.ts';

/** `/srv/clips/bunny.mp4` is `bunny.mp4`; where there is another one of that name, `clips/bunny.mp4`. Paths of one text are one. */
export function shortPaths(paths: readonly string[]): ReadonlyMap<string, string> {
  const all = [...new Set(paths)].map((path) => ({ path, parts: path.split(/[\\/]+/).filter((part) => part !== '') }));
  const short = new Map(all.map(({ path }) => [path, path]));
  let alike = all;
  for (let length = 1; alike.length > 0; length++) {
    const endOf = ({ parts }: { readonly parts: readonly string[] }) => parts.slice(-length).join('/');
    const counts = new Map<string, number>();
    for (const one of all) counts.set(endOf(one), (counts.get(endOf(one)) ?? 0) + 1);
    alike = alike.filter((one) => {
      if (length >= one.parts.length) return false;
      if (counts.get(endOf(one))! > 1) return true;
      short.set(one.path, endOf(one));
      return false;
    });
  }
  return short;
}

/** Names in which absolute paths among the values of settings are short; those that a person gave stay. */
export function withShortPaths(names: DisplayNames, { properties }: Pick<Dataset, 'properties'>): DisplayNames {
  const short = properties.flatMap((property) => {
    const own = shortValues(property);
    return own.size === 0
      ? []
      : [[property.name, { ...Object.fromEntries(own), ...givenTitles(names, property.name) }] as const];
  });
  return { ...names, values: { ...names.values, ...Object.fromEntries(short) } };
}

/** The same runs, in whose settings absolute paths are short. */
export function withoutFolders(dataset: Dataset): Dataset {
  const properties = dataset.properties.map((property) => {
    const short = shortValues(property);
    return short.size === 0
      ? property
      : { ...property, values: property.values.map((value) => short.get(value) ?? value) };
  });
  return { ...dataset, properties };
}

/** Makes the absolute paths of settings short where a text names them. */
export function pathShortener({ properties }: Pick<Dataset, 'properties'>): (text: string) => string {
  // Longer ones first: one may be the beginning of another.
  const all = properties.flatMap((property) => [...shortValues(property)]).toSorted(([a], [b]) => b.length - a.length);
  return (text) => all.reduce((said, [path, end]) => said.replaceAll(path, end), text);
}

/** Of the values that are absolute paths their short ends, told apart from all other values. */
function shortValues({ values }: Property): ReadonlyMap<string, string> {
  const short = shortPaths(values.filter(isAbsolutePath));
  return new Map([...short].map(([path, end]) => [path, values.includes(end) ? path : end]));
}

/** And no command with arguments. */
function isAbsolutePath(value: string): boolean {
  return /^(\/|[A-Za-z]:[\\/])[^\\/]/.test(value) && !/\s[-/]/.test(value);
}

function givenTitles({ values }: DisplayNames, property: string) {
  return Object.hasOwn(values, property) ? values[property] : undefined;
}
