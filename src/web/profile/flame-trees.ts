// The trees that a choice asks for: one, or above it the callers of the function that is looked at; with what they are compared with.

import type { Profile, ProfileSelection } from '#core/profile';
import { differentialTree, elidedTree } from '#profile/call-difference';
import type { CallTree } from '#profile/call-tree';
import { callTree, type CallTreeRequest } from '#profile/flame-graph';
import { isIdleThread } from '#profile/heatmap-rows';
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
    selection: choice.withIdle ? selection : withoutIdle(profile, selection),
    withIdle: choice.withIdle,
    weights: choice.widths === 'off-cpu' ? 'waiting' : 'samples',
    direction,
    // A function that another profile doesn't have was never called there.
    focus: focus === -1 ? profile.functions.name.length : focus,
    group: choice.group,
    order: choice.order,
  };
  return callTree(profile, request);
}

/** Whether there is time in which nothing ran among the samples: of idle CPUs, or of an engine that waited. */
export function hasIdle({ threads, samples }: Profile): boolean {
  const idle = Uint8Array.from(threads.thread, (_, position) => (isIdleThread(threads, position) ? 1 : 0));
  return idle.includes(1) && samples.thread.some((thread) => idle[thread] === 1);
}

/** Where all that ran was watched, idle CPUs are left out anyhow. */
function withoutIdle({ header, threads }: Profile, selection: ProfileSelection): ProfileSelection {
  if (header.scope === 'system' || !threads.thread.includes(0)) return selection;
  const chosen = [...(selection.threads ?? threads.thread.keys())];
  return { ...selection, threads: new Set(chosen.filter((position) => !isIdleThread(threads, position))) };
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
