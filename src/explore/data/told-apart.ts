// Names that people gave: two things that are called the same can't be told apart in a legend, a filter or a file.

import type { DisplayNames, Property } from './dataset.ts';

type Titles = Readonly<Record<string, string>>;

/**
 * The same names, but where two properties, or two values of one, are called the same: behind those stands in brackets what the file calls
 * them.
 */
export function toldApart(names: DisplayNames, properties: readonly Property[]): DisplayNames {
  const values = Object.entries(names.values).map(([name, titles]): [string, Titles] => {
    const property = properties.find((one) => one.name === name);
    return [name, property === undefined ? titles : apart(titles, property.values)];
  });
  const own = properties.map(({ name }) => name);
  return { properties: apart(names.properties, own), values: Object.fromEntries(values) };
}

/**
 * The first name that two of these would have; null where all can be told apart.
 * @param own what the file calls them
 */
export function sharedTitle(titles: Titles, own: readonly string[]): string | null {
  const seen = new Set<string>();
  for (const name of own) {
    const title = titleOf(titles, name);
    if (seen.has(title)) return title;
    seen.add(title);
  }
  return null;
}

function apart(titles: Titles, own: readonly string[]): Titles {
  if (sharedTitle(titles, own) === null) return titles;
  const counts = new Map<string, number>();
  for (const name of own) counts.set(titleOf(titles, name), (counts.get(titleOf(titles, name)) ?? 0) + 1);
  const entries = Object.entries(titles);
  return Object.fromEntries(
    entries.map(([name, title]) => [name, (counts.get(title) ?? 0) > 1 ? `${title} (${name})` : title]),
  );
}

function titleOf(titles: Titles, name: string): string {
  return Object.hasOwn(titles, name) ? titles[name]! : name;
}
