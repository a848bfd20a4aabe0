// A view as the query of an address and back: short, readable, and with a version, so that a link from today can be read tomorrow.

import { numberOf } from './scene/plot-axis.ts';
import {
  EMPTY_VIEW,
  MAX_STATS,
  PLACES,
  PLOT_KINDS,
  VIEW_VERSION,
  type Brush,
  type Filter,
  type Place,
  type Placed,
  type PlotKind,
  type View,
} from './view.ts';

/** What an address says, and what of it could not be read: sentences without a full stop. */
export interface ReadView {
  readonly view: View;
  readonly problems: readonly string[];
}

const PLACE_KEYS: Readonly<Record<Place, string>> = {
  column: 'col',
  row: 'row',
  x: 'x',
  color: 'color',
  shape: 'shape',
};

/**
 * `?v=1&b=bunny&f.codec=x264,vp9&f.bitrate=1M..4M&x=bitrate&color=codec&stat=encode.fps&plot=lines&o.text=off&brush.cpu.time=1..2`;
 * empty for what nobody has changed. A comma within a value is written `~,`, two dots `~..`, a tilde `~~`, nothing at all `~_`; `~-` among
 * the values of a filter are runs that have none.
 */
export function viewText(view: View): string {
  const parts: string[] = [];
  const add = (key: string, value: string) => parts.push(`${escapeUrl(key)}=${escapeUrl(value)}`);
  if (view.benchmarks.length > 0) add('b', joined(view.benchmarks));
  for (const filter of view.filters)
    add(
      `f.${filter.property}`,
      filter.kind === 'values' ? valuesText(filter) : rangeText(filter.low ?? null, filter.high ?? null),
    );
  if (view.placed !== null) addPlaces(view.placed, add);
  if (view.stats.length > 0) add('stat', joined(view.stats));
  if (view.plot !== null) add('plot', view.plot);
  for (const [name, value] of Object.entries(view.options)) add(`o.${name}`, value);
  if (view.showInvalid) add('invalid', '1');
  for (const { metric, low, high } of view.brushes) add(`brush.${metric}`, rangeText(low, high));
  return parts.length === 0 ? '' : `?v=${VIEW_VERSION}&${parts.join('&')}`;
}

function addPlaces(placed: Placed, add: (key: string, value: string) => void): void {
  const places = PLACES.filter((place) => placed[place] !== null);
  for (const place of places) add(PLACE_KEYS[place], escapeValue(placed[place]!));
  // Everything pooled is a choice too: an empty place tells it from no choice.
  if (placed.legend.length > 0 || places.length === 0) add('legend', joined(placed.legend));
}

/** Reads an address; what it does not understand it leaves out and says. */
export function readViewText(search: string): ReadView {
  const query = queryOf(search);
  const problems: string[] = [];
  const version = first(query, 'v');
  if (version !== null && version !== String(VIEW_VERSION))
    problems.push(
      `The link was made by another version (${version}) of the explorer: what this one understands of it is shown`,
    );
  problems.push(...keyProblems(query));
  const filters: Filter[] = [];
  const brushes: Brush[] = [];
  const options: Record<string, string> = {};
  for (const [key, value] of query) {
    if (key.startsWith('f.')) filters.push(readFilter(key.slice(2), value));
    else if (key.startsWith('o.')) Object.defineProperty(options, key.slice(2), { value, ...PLAIN });
    else if (key.startsWith('brush.')) {
      const { low = null, high = null } = readRange(value) ?? {};
      if (low !== null && high !== null) brushes.push({ metric: key.slice(6), low, high });
      else problems.push(`The brush over ${key.slice(6)} is no range: ${value}`);
    }
  }
  const named = split(first(query, 'stat') ?? '');
  const stats = [...new Set(named)];
  if (stats.length < named.length) problems.push('A stat that is named twice is shown once');
  if (stats.length > MAX_STATS) problems.push(`Only ${MAX_STATS} of ${stats.length} stats are shown`);
  return {
    view: {
      ...EMPTY_VIEW,
      benchmarks: split(first(query, 'b') ?? ''),
      filters: filters.filter(
        (filter) => filter.kind === 'range' || filter.values.length > 0 || filter.absent === true,
      ),
      placed: readPlaces(query),
      stats: stats.slice(0, MAX_STATS),
      plot: readPlot(first(query, 'plot'), problems),
      options,
      showInvalid: readInvalid(first(query, 'invalid'), problems),
      brushes,
    },
    problems,
  };
}

/** An option may have any name, that of a prototype too. */
const PLAIN = { enumerable: true, configurable: true, writable: true };

/** Keys that stand once. */
const SINGLE_KEYS = ['v', 'b', 'stat', 'plot', 'invalid', ...Object.values(PLACE_KEYS), 'legend'];
const PREFIXES = ['f.', 'o.', 'brush.'];

/** Of keys that nobody knows, and of those that are there again. */
function keyProblems(query: Query): string[] {
  const keys = query.map(([key]) => key);
  const isRead = (key: string) => SINGLE_KEYS.includes(key) || PREFIXES.some((prefix) => key.startsWith(prefix));
  const unknown = new Set(keys.filter((key) => !isRead(key)));
  const again = SINGLE_KEYS.filter((single) => keys.filter((key) => key === single).length > 1);
  return [
    ...[...unknown].map((key) => `The link says ${key}, which the explorer does not know`),
    ...again.map((key) => `The link says ${key} more than once: the first is taken`),
  ];
}

function readInvalid(text: string | null, problems: string[]): boolean {
  if (text !== null && text !== '0' && text !== '1') problems.push(`invalid is 1 or missing, not ${text}`);
  return text === '1';
}

function readPlaces(query: Query): Placed | null {
  const keys = [...PLACES.map((place) => PLACE_KEYS[place]), 'legend'];
  if (!keys.some((key) => first(query, key) !== null)) return null;
  const at = (place: Place) => split(first(query, PLACE_KEYS[place]) ?? '')[0] ?? null;
  return {
    column: at('column'),
    row: at('row'),
    x: at('x'),
    color: at('color'),
    shape: at('shape'),
    legend: split(first(query, 'legend') ?? ''),
  };
}

function readPlot(text: string | null, problems: string[]): PlotKind | null {
  if (text === null || text === '') return null;
  const kind = PLOT_KINDS.find((one) => one === text);
  if (kind === undefined) problems.push(`There is no kind of plot ${text}`);
  return kind ?? null;
}

/** What is no range of numbers (`low..high`) is a value: whether there is one like it, nobody knows before the runs are there. */
function readFilter(property: string, text: string): Filter {
  const range = readRange(text);
  if (range !== null) return { kind: 'range', property, ...range };
  const parts = cut(text);
  const values = parts.filter((part) => part !== NO_VALUE).map(unescapeValue);
  return { kind: 'values', property, values, ...(values.length < parts.length ? { absent: true } : {}) };
}

/** No value is written so: a tilde of its own is two. */
const NO_VALUE = '~-';

function valuesText({ values, absent }: Extract<Filter, { kind: 'values' }>): string {
  return [...values.map(escapeValue), ...(absent === true ? [NO_VALUE] : [])].join(',');
}

/** `1M..4M`, `..4M`, `2..`; null where it is none. */
function readRange(text: string): { low: number | null; high: number | null } | null {
  const at = text.indexOf('..');
  if (at < 0 || (at > 0 && text[at - 1] === '~')) return null;
  const [low, high] = [text.slice(0, at), text.slice(at + 2)].map((end) => (end === '' ? null : readNumber(end)));
  return Number.isNaN(low) || Number.isNaN(high) ? null : { low: low!, high: high! };
}

/** The number of `4M`, `0.25`, `1e-7`; NaN of a name. */
export function readNumber(text: string): number {
  const short = numberOf(text);
  return Number.isNaN(short) && /^[+-]?\d+(\.\d+)?e[+-]?\d+$/.test(text) ? Number(text) : short;
}

function rangeText(low: number | null, high: number | null): string {
  return `${low === null ? '' : shortNumber(low)}..${high === null ? '' : shortNumber(high)}`;
}

/** `4M` for 4,000,000 where nothing is lost by it. */
export function shortNumber(value: number): string {
  for (const [sign, factor] of [
    ['G', 1e9],
    ['M', 1e6],
    ['k', 1e3],
  ] as const) {
    const text = `${value / factor}${sign}`;
    if (Math.abs(value) >= factor && text.length < String(value).length && Object.is(readNumber(text), value))
      return text;
  }
  return String(value);
}

function joined(values: readonly string[]): string {
  return values.map(escapeValue).join(',');
}

function escapeValue(value: string): string {
  return value === '' ? '~_' : value.replace(/~|,|\.(?=\.)/g, '~$&');
}

function split(text: string): string[] {
  return cut(text).map(unescapeValue);
}

/** At its commas, those within values left out. */
function cut(text: string): string[] {
  return text === '' ? [] : text.split(/(?<!(?:^|[^~])(?:~~)*~),/);
}

function unescapeValue(part: string): string {
  return part.replace(/~(.)/gs, (_, sign: string) => (sign === '_' ? '' : sign));
}

type Query = readonly (readonly [key: string, value: string])[];

function first(query: Query, wanted: string): string | null {
  return query.find(([key]) => key === wanted)?.[1] ?? null;
}

/** As URLSearchParams reads it, which not everything that reads a link has. */
function queryOf(search: string): Query {
  return search
    .replace(/^\?/, '')
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=');
      return at < 0 ? [unescapeUrl(part), ''] : [unescapeUrl(part.slice(0, at)), unescapeUrl(part.slice(at + 1))];
    });
}

function unescapeUrl(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch (error) {
    // A percent sign that somebody typed stands for itself.
    if (error instanceof URIError) return spaced;
    throw error;
  }
}

/** As few signs as an address allows: commas, colons, slashes and brackets stay readable. */
function escapeUrl(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/%(?:20|2C|3A|2F|5B|5D)/g, (code) => READABLE[code]!);
}

const READABLE: Readonly<Record<string, string>> = {
  '%20': '+',
  '%2C': ',',
  '%3A': ':',
  '%2F': '/',
  '%5B': '[',
  '%5D': ']',
};
