// What is wrong with an expression, and where in it: while it is typed, and before it is kept or computed. No recording is read for it.

import type { Unit } from '#core/metric';
import { nearestName } from '#core/nearest-name';
import { FRAME_TYPES } from '#core/recording';
import { UserError } from '#core/user-error';
import { evaluateStat } from './evaluate-stat.ts';
import { parseStat, type StatNode } from './stat-expression.ts';
import type { StatColumn, StatRun } from './stat-tables.ts';

/** What is known of the runs that an expression is for. */
export interface KnownColumns {
  readonly columns: readonly { readonly name: string; readonly unit: Unit }[];
  readonly metrics: readonly { readonly name: string; readonly unit: Unit }[];
}

/** A part of the text, by the offset of its first character. */
export interface StatPlace {
  readonly at: number;
  readonly length: number;
}

export interface UnknownName extends StatPlace {
  readonly name: string;
  readonly isMetric: boolean;
  /** A name that there is, and that may have been meant. */
  readonly nearest: string | null;
}

export type CheckedStat =
  | {
      readonly ok: true;
      /** Null where a name is unknown. */
      readonly unit: Unit | null;
      /** The first name that no run has: maybe a run that was not asked has it. */
      readonly unknown: UnknownName | null;
    }
  | ({ readonly ok: false; readonly what: string; readonly todo: string | null } & StatPlace);

/** @param known null where nothing is known: then any column may be there */
export function checkStat(text: string, known: KnownColumns | null): CheckedStat {
  try {
    const tree = parseStat(text);
    const missing = new Set<string>();
    const value = evaluateStat(tree, notingMissing(emptyRun(known), missing));
    const [name] = missing;
    const unknown = name === undefined ? null : unknownName(name, placeOf(tree, name, text), known);
    return { ok: true, unit: known === null || value === null ? null : value.unit, unknown };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { what, where, todo = null } = error.problems[0]!;
    const at = Number(/:(\d+)$/.exec(where ?? '')?.[1] ?? 1) - 1;
    return { ok: false, what, todo, at, length: lengthAt(text, at) };
  }
}

/**
 * The tree of an expression that means something, whatever columns there are.
 * @throws UserError with the place in the text (`expression:12`, counted from 1)
 */
export function meaningOf(text: string): StatNode {
  const tree = parseStat(text);
  evaluateStat(tree, emptyRun(null));
  return tree;
}

/** @param name a metric's as `metric NAME` */
function unknownName(name: string, place: StatPlace, known: KnownColumns | null): UnknownName {
  const metric = name.startsWith('metric ') ? name.slice('metric '.length) : null;
  const there = (metric === null ? known?.columns : known?.metrics)?.map((one) => one.name) ?? [];
  const wanted = metric ?? name;
  // Short names hold only behind `where`, and whose column it is may have been left out.
  const longer = there.find((one) => one.endsWith(`.${wanted}`) || one.endsWith(`:${wanted}`));
  return { name: wanted, isMetric: metric !== null, nearest: longer ?? nearestName(wanted, there), ...place };
}

/** The same run; names that it was asked for and does not have are added to `missing`, a metric's as `metric NAME`. */
export function notingMissing(run: StatRun, missing: Set<string>): StatRun {
  return {
    column: (name) => run.column(name),
    // A name is looked for as a number last.
    number: (name) => {
      const number = run.number(name);
      if (number === null) missing.add(name);
      return number;
    },
  };
}

/** A run whose columns are empty. */
function emptyRun(known: KnownColumns | null): StatRun {
  // Whose column it is may be left out: then it is that of the first who has one.
  const columns =
    known === null
      ? null
      : new Map([
          ...known.columns.map(({ name, unit }) => [name.replace(/^[^:]+:/, ''), unit] as const),
          ...known.columns.map(({ name, unit }) => [name, unit] as const),
        ]);
  const metrics = known === null ? null : new Map(known.metrics.map(({ name, unit }) => [name, unit]));
  return {
    column: (name) => emptyColumn(name, columns),
    number: (name) => {
      if (name === 'duration') return { value: NaN, unit: 's' };
      if (!name.startsWith('metric ')) return null;
      const unit = metrics === null ? '1' : metrics.get(name.slice('metric '.length));
      return unit === undefined ? null : { value: NaN, unit };
    },
  };
}

const NOTHING = new Float64Array();
const TYPES: readonly string[] = FRAME_TYPES.slice(1);

/** Frames have one table, whoever told them; of an indicator there is its time besides. */
function emptyColumn(name: string, columns: ReadonlyMap<string, Unit> | null): StatColumn | null {
  const plain = name.replace(/^[\w-]+:(?=frames\.)/, '');
  const isOfFrames = plain.startsWith('frames.');
  const names = isOfFrames ? [name, plain, plain.replace(/\.delay$/, '')] : [name];
  const unit =
    columns === null
      ? name.includes('.')
        ? '1'
        : undefined
      : names.map((one) => columns.get(one)).find((one) => one !== undefined);
  const values = NOTHING;
  if (unit !== undefined)
    return {
      table: isOfFrames ? 'frames' : columns === null ? name.replace(/\.time$/, '') : name,
      unit,
      values,
      texts: plain === 'frames.type' ? TYPES : null,
    };
  const timed = name.replace(/\.time$/, '');
  return timed !== name && columns?.has(timed) === true ? { table: timed, unit: 's', values, texts: null } : null;
}

function placeOf(node: StatNode, name: string, text: string): StatPlace {
  const metric = name.startsWith('metric ') ? name.slice('metric '.length) : null;
  const find = (one: StatNode): number | null => {
    if (one.kind === 'name') return one.name === name ? one.at : null;
    if (one.kind === 'text') return one.value === metric ? one.at : null;
    if (one.kind === 'call') return one.args.reduce<number | null>((found, arg) => found ?? find(arg), null);
    if (one.kind === 'binary') return find(one.left) ?? find(one.right);
    return one.kind === 'not' || one.kind === 'minus' ? find(one.of) : null;
  };
  const at = find(node) ?? 0;
  return { at, length: lengthAt(text, at) };
}

/** Characters of the word, number, text or sign there; at least one. */
function lengthAt(text: string, at: number): number {
  const [word = ''] = /^(?:"[^"]*"|'[^']*'|[\w.:[\]-]+|[!<>]=|.)/.exec(text.slice(at)) ?? [];
  return Math.max(1, word.length);
}
