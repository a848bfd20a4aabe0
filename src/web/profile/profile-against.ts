// The other side of a comparison: the rest of the same profile, or the same choice in the profile of another run.

import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Profile, ProfileSelection } from '#core/profile';
import type { FrameWay } from '#profile/frame-ranges';
import { printSelection, type SelectionText } from '#profile/selection-text';
import type { FrameColumns, RunPage } from '#server/wire';
import { api, read } from '../shell/api.ts';
import { chosenOf, frameTimes, namedPhases, type Chosen } from './profile-chosen.ts';
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

/** @param vs as the address has it: `rest`, `run:ID` */
export function useAgainst(vs: string | null, profile: Profile, chosen: Chosen, way: FrameWay): AgainstState {
  const id = RUN.exec(vs ?? '')?.[1] ?? null;
  const { other, problem } = useOtherRun(id);
  const { rest, text } = chosen;
  return useMemo(() => {
    if (vs === 'rest')
      return {
        against: rest === null ? null : { profile, selection: rest, words: 'the rest' },
        problem: rest === null ? 'all of it is chosen: there is no rest to compare it with' : null,
      };
    if (id === null || other === null) return { against: null, problem };
    const its = sameChoice(other, text, way);
    const words = `run ${id.slice(0, 8)}`;
    return {
      against: { profile: other.loaded.profile, selection: its.selection, words },
      problem: its.problem === null ? null : `of ${words} all is compared: ${its.problem}`,
    };
  }, [vs, id, other, problem, profile, rest, text, way]);
}

interface OtherRun {
  readonly loaded: LoadedProfile;
  readonly page: RunPage;
  readonly frames: FrameColumns | null;
}

/** Threads and CPUs are chosen by their names; times by seconds of that run. */
function sameChoice({ loaded, page, frames }: OtherRun, text: SelectionText, way: FrameWay): Chosen {
  const { profile, originNs } = loaded;
  const phases = namedPhases(page.phases, originNs);
  const from = { profile, originNs, phases, frames: frameTimes(frames), way, findings: [] };
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
