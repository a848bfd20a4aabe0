// What the nodes of call trees are called: the functions of a profile, and what they are grouped by.

import type { Profile } from '#core/profile';
import { GROUPING_KIND, type CallLabels } from './call-tree.ts';

/** As node 0 is called. */
const ALL = 'all';
/** Samples whose stack nobody took. */
const NO_STACK = '[no stack]';

const known = new WeakMap<Profile, CallLabels>();

/** Label of node 0. */
export const allLabel = (labels: CallLabels) => labels.functions;
/** Label of samples without a stack. */
export const noStackLabel = (labels: CallLabels) => labels.functions + 1;
/** Label of the first group. */
export const firstGroupLabel = (labels: CallLabels) => labels.functions + 2;

/** The labels of a profile without groups, made once. */
export function profileLabels(profile: Profile): CallLabels {
  const made = known.get(profile);
  if (made !== undefined) return made;
  const { functions, libraries } = profile;
  const count = functions.name.length;
  const kind = new Uint8Array(count + 2);
  kind.set(functions.kind);
  kind.fill(GROUPING_KIND, count);
  const name = [...functions.name, ALL, NO_STACK];
  const library = name.map((_, label) => (label < count ? libraries[functions.library[label]!]! : ''));
  const labels = { name, library, kind, rank: ranks(name), functions: count };
  known.set(profile, labels);
  return labels;
}

/** The labels of a profile, and behind them those of its groups. */
export function withGroups(labels: CallLabels, groups: readonly string[]): CallLabels {
  if (groups.length === 0) return labels;
  const count = labels.name.length;
  const kind = new Uint8Array(count + groups.length).fill(GROUPING_KIND);
  kind.set(labels.kind);
  // Groups are siblings only of each other.
  const rank = new Uint32Array(count + groups.length);
  rank.set(labels.rank);
  for (const [group, position] of ranks(groups).entries()) rank[count + group] = count + position;
  return {
    name: [...labels.name, ...groups],
    library: [...labels.library, ...groups.map(() => '')],
    kind,
    rank,
    functions: labels.functions,
  };
}

/** Labels of two trees in one list: the same name of the same library and kind is the same label. */
export function joinLabels(one: CallLabels, other: CallLabels): { labels: CallLabels; ofOther: Uint32Array } {
  if (one === other) return { labels: one, ofOther: Uint32Array.from(one.name.keys()) };
  const places = new Map<string, number>();
  const keyOf = (labels: CallLabels, label: number) =>
    `${labels.kind[label] === GROUPING_KIND ? GROUPING_KIND : ''}\0${labels.library[label]}\0${labels.name[label]}`;
  for (let label = 0; label < one.name.length; label++) places.set(keyOf(one, label), label);
  const name = [...one.name];
  const library = [...one.library];
  const kinds = [...one.kind];
  const ofOther = new Uint32Array(other.name.length);
  for (let label = 0; label < other.name.length; label++) {
    const key = keyOf(other, label);
    let place = places.get(key);
    if (place === undefined) {
      place = name.length;
      places.set(key, place);
      name.push(other.name[label]!);
      library.push(other.library[label]!);
      kinds.push(other.kind[label]!);
    }
    ofOther[label] = place;
  }
  const labels = { name, library, kind: Uint8Array.from(kinds), rank: ranks(name), functions: one.functions };
  return { labels, ofOther };
}

function ranks(names: readonly string[]): Uint32Array {
  const rank = new Uint32Array(names.length);
  const order = [...names.keys()].sort((a, b) => (names[a]! < names[b]! ? -1 : names[a]! > names[b]! ? 1 : a - b));
  for (const [position, label] of order.entries()) rank[label] = position;
  return rank;
}
