// The other side of a comparison: the rest of the same profile, or the same choice in the profile of another run.

import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Profile, ProfileSelection } from '#core/profile';
import type { RunRecord } from '#core/run';
import { shownId } from '#core/shown-id';
import { usualWay, type FrameWay } from '#profile/frame-times';
import { printSelection, type SelectionText } from '#profile/selection-text';
import type { FrameColumns, RunPage } from '#server/wire';
import { api, read } from '../shell/api.ts';
import { ownThreads } from '#profile/selection';
import { chosenOf, frameTimes, namedPhases, type Chosen } from './profile-chosen.ts';
import type { ProfileState } from './profile-state.ts';
import { loadProfile, type LoadedProfile } from './profile-load.ts';

export interface Against {
  readonly profile: Profile;
  readonly selection: ProfileSelection;
  readonly words: string;
}

export interface AgainstState {
  /** Null where nothing is compared, or not yet. */
  readonly against: Against | null;
  readonly problem: string | null;
}

/** Ids in the address come from anywhere. */
const RUN = /^run:([0-9a-f-]{36})$/;

/** A choice that was kept to compare others with it. */
const KEPT = 'sel:';
/** Longer ones would not fit into an address beside another. */
const MAX_KEPT_CHARACTERS = 3_000;

/** As the address has what is chosen now, for comparisons with it; null where all is chosen, or the choice is too long. */
export function keptChoice({
  from,
  chosen,
  finding,
}: Pick<ProfileState, 'from' | 'chosen' | 'finding'>): string | null {
  const found = finding === null ? undefined : from.findings?.[finding];
  const text = found === undefined ? chosen.text : { ...chosen.text, rangesS: chosen.marked };
  const printed = printSelection(text);
  return printed === '' || printed.length > MAX_KEPT_CHARACTERS ? null : KEPT + printed;
}

/** The kept choice itself; null where the address has none. */
export function keptText(vs: string | null): string | null {
  return vs?.startsWith(KEPT) === true ? vs.slice(KEPT.length) : null;
}

/**
 * @param vs as the address has it: `rest`, `sel:CHOICE`, `run:ID`
 * @param hasRuns whether there is a server that has other runs
 */
export function useAgainst(vs: string | null, state: ProfileState, hasRuns: boolean): AgainstState {
  const { chosen, from, isOwn } = state;
  const { profile, way } = from;
  const usual = way === state.usualWay;
  const id = RUN.exec(vs ?? '')?.[1] ?? null;
  const { other, problem } = useOtherRun(hasRuns ? id : null);
  const { rest, text } = chosen;
  return useMemo(() => {
    if (vs === 'rest')
      return {
        against: rest === null ? null : { profile, selection: rest, words: 'the rest' },
        problem: rest === null ? 'all of it is chosen: there is no rest to compare it with' : null,
      };
    const kept = keptText(vs);
    if (kept !== null) {
      const its = chosenOf(from, kept, null);
      return {
        against: { profile, selection: its.selection, words: shortened(kept) },
        problem: its.problem === null ? null : `what was kept can’t be chosen, all is compared: ${its.problem}`,
      };
    }
    if (id === null) return { against: null, problem: vs === null || vs === '' ? null : strangeWords(vs) };
    if (!hasRuns) return { against: null, problem: 'nothing is compared: this file holds no other run' };
    if (other === null) return { against: null, problem };
    const its = sameChoice(other, text, usual ? null : way, isOwn);
    const words = shortened(`run ${shownId(id)} ${cellWords(other.page.run)}`.trim());
    return {
      against: { profile: other.loaded.profile, selection: its.selection, words },
      problem: its.problem === null ? null : `of ${words} all is compared: ${its.problem}`,
    };
  }, [vs, id, hasRuns, other, problem, from, rest, text, usual, isOwn]);
}

/** `codec=x264 preset=fast, repeat 2`: which of a benchmark's runs it is. */
export function cellWords({ benchmark, cell, repeat }: Pick<RunRecord, 'benchmark' | 'cell' | 'repeat'>): string {
  return [cell ?? '', ...(benchmark !== null && repeat > 0 ? [`repeat ${repeat}`] : [])].filter(Boolean).join(', ');
}

function strangeWords(vs: string): string {
  return `nothing is compared: “${shortened(vs)}” is no run and no choice; vs is “rest”, “sel:” and a choice, or “run:” and the whole id of a run`;
}

/** Frames or times by their numbers may be many. */
export function shortened(words: string): string {
  return words.length > LONGEST_WORDS ? `${words.slice(0, LONGEST_WORDS)}…` : words;
}

const LONGEST_WORDS = 60;

interface OtherRun {
  readonly loaded: LoadedProfile;
  readonly page: RunPage;
  readonly frames: FrameColumns | null;
}

/**
 * Threads and CPUs are chosen by their names; times by seconds of that run.
 * @param way null for the one that tells most of its encoder
 */
function sameChoice(
  { loaded, page, frames }: OtherRun,
  text: SelectionText,
  way: FrameWay | null,
  isOwn: boolean,
): Chosen {
  const { profile, originNs } = loaded;
  const phases = namedPhases(page.phases, originNs);
  const times = frameTimes(frames);
  const from = {
    profile,
    originNs,
    phases,
    frames: times,
    way: way ?? (times === null ? 'calls' : usualWay(times)),
    findings: null,
    own: isOwn ? ownThreads(profile) : null,
  };
  return chosenOf(from, printSelection(text), null);
}

function useOtherRun(id: string | null): { readonly other: OtherRun | null; readonly problem: string | null } {
  const [loaded, setLoaded] = useState<{ id: string; other: OtherRun } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    setProblem(null);
    if (id === null) return;
    let isWanted = true;
    const frames = read<FrameColumns>(fetch(`/api/v1/runs/${id}/frames?buckets=10000`)).catch(() => null);
    Promise.all([loadProfile(id), api.run(id), frames]).then(
      ([its, page, columns]) => isWanted && setLoaded({ id, other: { loaded: its, page, frames: columns } }),
      (error: unknown) => isWanted && setProblem(error instanceof Error ? error.message : String(error)),
    );
    return () => {
      isWanted = false;
    };
  }, [id]);
  return { other: loaded !== null && loaded.id === id ? loaded.other : null, problem };
}
