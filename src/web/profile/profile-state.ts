// What is looked at of a profile, from the address and back into it.

import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Profile, ProfileFinding } from '#core/profile';
import { diagnose, tooThin } from '#profile/diagnosis/diagnose';
import { nothingFound } from '#profile/diagnosis/nothing-found';
import { FRAME_WAYS, usualWay, type FrameTimes, type FrameWay } from '#profile/frame-times';
import type { NamedRange } from '#profile/heatmap-rows';
import { printSelection, type SelectionText } from '#profile/selection-text';
import type { FrameColumns, RunMarker, RunPage, SeriesColumn } from '#server/wire';
import { query, setQuery } from '../shell/route.ts';
import { ownThreads } from '#profile/selection';
import { chosenOf, frameTimes, namedPhases, type Chosen, type ChoosingFrom } from './profile-chosen.ts';
import { diagnosisContext } from './profile-context.ts';

/** What a page has of a run beside its profile; a file that carries a profile has less. */
export interface ProfileSurroundings {
  readonly originNs: number;
  readonly phases: RunPage['phases'];
  /** Undefined until it is known whether there are any. */
  readonly frames: FrameColumns | null | undefined;
  /** By their times. */
  readonly markers: readonly RunMarker[];
  readonly page: RunPage | null;
  readonly series: readonly SeriesColumn[];
}

export interface ProfileState {
  readonly phases: readonly NamedRange[];
  readonly frames: FrameTimes | null;
  /** Null until they are found. */
  readonly findings: readonly ProfileFinding[] | null;
  /** Why nothing can be found in it; null where something can. */
  readonly tooThin: string | null;
  /** What it means that nothing was found; null where something was, and until it is known. */
  readonly nothing: string | null;
  /** Position of the chosen one. */
  readonly finding: number | null;
  /** What choices are made from. */
  readonly from: ChoosingFrom;
  readonly chosen: Chosen;
  readonly way: FrameWay;
  /** What the encoder's own way of working suggests. */
  readonly usualWay: FrameWay;
  /** Whether the run's own processes are told from all others, and whether those alone are looked at. */
  readonly hasOwn: boolean;
  readonly isOwn: boolean;
  readonly isAll: boolean;
  readonly choose: (text: SelectionText) => void;
  /** All that ran, or the run's own processes, in place of the chosen ones. */
  readonly see: (all: boolean) => void;
  readonly chooseFinding: (position: number | null) => void;
}

/** A longer choice would not fit into an address everywhere. */
const MAX_ADDRESS_CHARACTERS = 6_000;

export function useProfileState(profile: Profile, around: ProfileSurroundings): ProfileState {
  const { originNs } = around;
  const phases = useMemo(() => namedPhases(around.phases, originNs), [around.phases, originNs]);
  const frames = useMemo(() => frameTimes(around.frames ?? null), [around.frames]);
  const known = useMemo(() => ownThreads(profile), [profile]);
  const found = useFindings(profile, around, phases, frames, known);
  const findings = found?.findings ?? null;
  const suggested = useMemo(() => (frames === null ? 'calls' : usualWay(frames)), [frames]);
  const way = FRAME_WAYS.find((one) => one === query.value.get('way')) ?? suggested;
  const own = query.value.get('seen') === 'all' ? null : known;
  const finding = positionOf(query.value.get('finding'));
  /** What is too long for the address is kept here, until something else is chosen. */
  const [long, setLong] = useState<string | null>(null);
  const sel = query.value.get('sel') ?? long;
  const from = useMemo(
    () => ({ profile, originNs, phases, frames, way, findings, own }),
    [profile, originNs, phases, frames, way, findings, own],
  );
  const chosen = useMemo(() => chosenOf(from, sel, finding), [from, sel, finding]);
  const isEverybody = chosen.text.threads.length === 0 && chosen.text.processes.length === 0;
  return {
    phases,
    frames,
    findings,
    tooThin: found?.tooThin ?? null,
    nothing: found?.nothing ?? null,
    finding,
    from,
    chosen,
    way,
    usualWay: suggested,
    hasOwn: known !== null,
    isOwn: own !== null && isEverybody,
    isAll: own === null && isEverybody,
    choose(text) {
      const printed = printSelection(text);
      const fits = printed.length <= MAX_ADDRESS_CHARACTERS;
      setLong(fits ? null : printed);
      setQuery({ sel: fits ? printed : null, finding: null }, 'push');
    },
    see(all) {
      const text = printSelection({ ...chosen.text, threads: [], processes: [] });
      setLong(text.length <= MAX_ADDRESS_CHARACTERS ? null : text);
      setQuery({ sel: text.length <= MAX_ADDRESS_CHARACTERS ? text : null, seen: all ? 'all' : null }, 'push');
    },
    chooseFinding(position) {
      setLong(null);
      setQuery({ sel: null, finding: position === null ? null : String(position) }, 'push');
    },
  };
}

/** A pass over all samples: once what is drawn of them stands. */
function useFindings(
  profile: Profile,
  around: ProfileSurroundings,
  phases: readonly NamedRange[],
  frames: FrameTimes | null,
  own: ReadonlySet<number> | null,
): Found | null {
  const [found, setFound] = useState<Found | null>(null);
  const isComplete = around.frames !== undefined;
  useEffect(() => {
    if (!isComplete) return;
    const timer = setTimeout(() => {
      const context = diagnosisContext(around, phases, frames, own);
      const reason = tooThin(profile, context);
      const findings = diagnose(profile, context);
      const nothing = findings.length > 0 || reason !== null ? null : nothingFound(profile, context);
      setFound({ findings, tooThin: reason, nothing });
    }, AFTER_PAINT_MS);
    return () => clearTimeout(timer);
  }, [profile, phases, frames, own, isComplete, around.page, around.series]);
  return found;
}

const AFTER_PAINT_MS = 50;

type Found = Pick<ProfileState, 'tooThin' | 'nothing'> & { readonly findings: readonly ProfileFinding[] };

/** -1 of what is no number: no finding is there. */
function positionOf(text: string | null): number | null {
  if (text === null) return null;
  return /^\d{1,4}$/.test(text) ? Number(text) : -1;
}
