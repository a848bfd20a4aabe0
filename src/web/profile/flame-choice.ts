// How a flame graph is looked at, and the same as the address has it: `callers,weight,kind,node:12,find:x264`.

import { CALL_GROUPINGS, type CallGrouping } from '#profile/call-groups';
import type { CallOrder } from '#profile/call-tree';

export const FLAME_COLORS = ['library', 'kind', 'vector', 'difference'] as const;
export type FlameColor = (typeof FLAME_COLORS)[number];
export const FLAME_ORDERS: readonly CallOrder[] = ['name', 'weight', 'time'];
/** What widths are: samples on the CPU, times off it, or what only the chosen part has and not what it is compared with. */
export const FLAME_WIDTHS = ['on-cpu', 'off-cpu', 'elided'] as const;

export interface FlameChoice {
  /** Down from the root, or up from it. */
  readonly form: 'icicle' | 'flame';
  readonly direction: 'callees' | 'callers';
  readonly widths: (typeof FLAME_WIDTHS)[number];
  readonly order: CallOrder;
  readonly group: CallGrouping | null;
  readonly color: FlameColor | null;
  /** Differences of weights, not of shares of each whole. */
  readonly isAbsolute: boolean;
  /** Time in which nothing ran is shown too, where the profile has it. */
  readonly withIdle: boolean;
  /** A function as `library!name`: its callers and callees. */
  readonly focus: string | null;
  /** The node that was zoomed to: its number in the tree that the rest of this choice makes. */
  readonly node: number;
  readonly search: string;
}

export const FIRST_FLAME: FlameChoice = {
  form: 'icicle',
  direction: 'callees',
  widths: 'on-cpu',
  order: 'name',
  group: null,
  color: null,
  isAbsolute: false,
  withIdle: false,
  focus: null,
  node: 0,
  search: '',
};

/** Longer ones would fill the address. */
const MAX_WORD_CHARACTERS = 300;

/** What is not understood is as at first. */
export function parseFlameChoice(text: string | null): FlameChoice {
  const words = (text ?? '').split(',').map(decoded);
  const after = (name: string) => words.find((word) => word.startsWith(name))?.slice(name.length) ?? null;
  const one = <T extends string>(known: readonly T[]) => known.find((word) => words.includes(word));
  const grouping = after('by:');
  const coloring = after('color:');
  const node = Number(after('node:') ?? 0);
  return {
    form: words.includes('flame') ? 'flame' : 'icicle',
    direction: words.includes('callers') ? 'callers' : 'callees',
    widths: one(FLAME_WIDTHS) ?? 'on-cpu',
    order: one(FLAME_ORDERS) ?? 'name',
    group: CALL_GROUPINGS.find((known) => known === grouping) ?? null,
    color: FLAME_COLORS.find((known) => known === coloring) ?? null,
    isAbsolute: words.includes('absolute'),
    withIdle: words.includes('idle'),
    focus: after('focus:'),
    node: Number.isSafeInteger(node) && node > 0 ? node : 0,
    search: after('find:') ?? '',
  };
}

/** What in the address is no way to look at it. */
export function unknownFlameWords(text: string | null): string[] {
  const words: readonly string[] = ['icicle', 'flame', 'callees', 'callers', ...FLAME_WIDTHS, ...FLAME_ORDERS];
  const named = [...CALL_GROUPINGS.map((one) => `by:${one}`), ...FLAME_COLORS.map((one) => `color:${one}`)];
  const known = new Set([...words, ...named, 'absolute', 'idle', '']);
  return (text ?? '')
    .split(',')
    .map(decoded)
    .filter((word) => !known.has(word) && !/^(focus|find):|^node:\d+$/s.test(word));
}

/** Null where it is as at first. */
export function formatFlameChoice(choice: FlameChoice): string | null {
  const { form, direction, widths, order, group, color, isAbsolute, withIdle, focus, node, search } = choice;
  const words = [
    ...(form === 'icicle' ? [] : [form]),
    ...(direction === 'callees' ? [] : [direction]),
    ...(widths === 'on-cpu' ? [] : [widths]),
    ...(order === 'name' ? [] : [order]),
    ...(group === null ? [] : [`by:${group}`]),
    ...(color === null ? [] : [`color:${color}`]),
    ...(isAbsolute ? ['absolute'] : []),
    ...(withIdle ? ['idle'] : []),
    ...(focus === null ? [] : [`focus:${focus.slice(0, MAX_WORD_CHARACTERS)}`]),
    ...(node === 0 ? [] : [`node:${node}`]),
    ...(search === '' ? [] : [`find:${search.slice(0, MAX_WORD_CHARACTERS)}`]),
  ];
  return words.length === 0 ? null : words.map(encoded).join(',');
}

/** Names of functions have commas of their own. */
const encoded = (word: string) => word.replaceAll('%', '%25').replaceAll(',', '%2C');
const decoded = (word: string) => word.replaceAll('%2C', ',').replaceAll('%25', '%');
