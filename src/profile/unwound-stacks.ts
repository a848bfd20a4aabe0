// Puts stacks that perf unwound by debug information into the profile that was read from the same recording.

import type { Profile } from '#core/profile';
import { libraryQuality } from './library-quality.ts';
import { MoreStacks } from './more-stacks.ts';
import { ownThreads } from './selection.ts';

/** Times that came through text may be rounded. */
const SAME_NS = 2;

/**
 * Each sample of the same thread and time gets its stack; the others keep theirs. The innermost function stays the one that was found here, where it
 * lies in the same library: of a stripped one perf names the nearest symbol, however far it is.
 */
export function withUnwound(profile: Profile, unwound: Profile): Profile {
  const more = new MoreStacks(profile);
  const functions = more.functionsOf(unwound);
  const { parent, function: called } = unwound.stacks;
  /** By node of the unwound ones; callers stand before what they call. */
  const here = new Int32Array(parent.length);
  for (let node = 0; node < here.length; node++) {
    const caller = parent[node]!;
    here[node] = more.add(caller < 0 ? -1 : here[caller]!, functions[called[node]!]!);
  }
  const [ours, theirs] = [profile.samples, unwound.samples];
  const joinedStack = (own: number, other: number): number => {
    const [ownLeaf, otherLeaf] = [own < 0 ? -1 : profile.stacks.function[own]!, called[other]!];
    if (ownLeaf < 0 || libraryOf(profile, ownLeaf) !== libraryOf(unwound, otherLeaf)) return here[other]!;
    const caller = parent[other]!;
    return more.add(caller < 0 ? -1 : here[caller]!, ownLeaf);
  };
  const stack = ours.stack.slice();
  let first = 0;
  for (let row = 0; row < theirs.timeNs.length; row++) {
    const timeNs = theirs.timeNs[row]!;
    const thread = unwound.threads.thread[theirs.thread[row]!];
    while (first < stack.length && ours.timeNs[first]! < timeNs - SAME_NS) first++;
    for (let i = first; i < stack.length && ours.timeNs[i]! <= timeNs + SAME_NS; i++)
      if (profile.threads.thread[ours.thread[i]!] === thread && theirs.stack[row]! >= 0)
        stack[i] = joinedStack(ours.stack[i]!, theirs.stack[row]!);
  }
  const header = { ...profile.header, stacks: 'dwarf' } as const;
  const joined = { ...profile, ...more.tables(), samples: { ...ours, stack }, header };
  const own = ownThreads(joined);
  const ownQuality = own === null ? {} : { ownQuality: libraryQuality(joined, undefined, own) };
  return { ...joined, header: { ...header, quality: libraryQuality(joined), ...ownQuality } };
}

function libraryOf({ functions, libraries }: Profile, position: number): string {
  return libraries[functions.library[position]!]!;
}
