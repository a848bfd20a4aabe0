// The trees that a choice asks for: one, or above it the callers of the function that is looked at; with what they are compared with.

import type { Profile, ProfileSelection } from '#core/profile';
import { differentialTree, elidedTree } from '#profile/call-difference';
import type { CallTree } from '#profile/call-tree';
import { callTree, type CallTreeRequest } from '#profile/flame-graph';
import type { FlameChoice } from './flame-choice.ts';

/** A part of a profile, of the same one or of another. */
export interface ProfilePart {
  readonly profile: Profile;
  readonly selection: ProfileSelection;
}

export interface FlameTrees {
  readonly tree: CallTree;
  /** Of the function that is looked at; null where none is. */
  readonly callers: CallTree | null;
}

/** Null where waits are asked for that nobody watched. */
export function flameTrees(part: ProfilePart, baseline: ProfilePart | null, choice: FlameChoice): FlameTrees | null {
  const isFocused = choice.focus !== null;
  const tree = make(isFocused ? 'callees' : choice.direction);
  if (tree === null) return null;
  return { tree, callers: isFocused ? make('callers') : null };

  function make(direction: 'callees' | 'callers'): CallTree | null {
    const its = treeOf(part, direction, choice);
    if (its === null || baseline === null) return its;
    const other = treeOf(baseline, direction, choice);
    if (other === null) return its;
    return (choice.widths === 'elided' ? elidedTree : differentialTree)(its, other, choice.order);
  }
}

function treeOf({ profile, selection }: ProfilePart, direction: 'callees' | 'callers', choice: FlameChoice) {
  const focus = choice.focus === null ? null : functionNamed(profile, choice.focus);
  const request: CallTreeRequest = {
    selection,
    weights: choice.widths === 'off-cpu' ? 'waiting' : 'samples',
    direction,
    // A function that another profile doesn't have was never called there.
    focus: focus === -1 ? profile.functions.name.length : focus,
    group: choice.group,
    order: choice.order,
  };
  return callTree(profile, request);
}

/** As the address has a function: the same name may be in several libraries. */
export function focusName({ labels }: CallTree, label: number): string {
  return `${labels.library[label]!}!${labels.name[label]!}`;
}

/** -1 where the profile doesn't have it. */
function functionNamed({ functions, libraries }: Profile, focus: string): number {
  return functions.name.findIndex(
    (name, i) => focus.endsWith(name) && focus === `${libraries[functions.library[i]!]!}!${name}`,
  );
}
