// What is looked at of a profile, from the address and back into it.

import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Profile, ProfileFinding } from '#core/profile';
import { diagnose, tooThin } from '#profile/diagnosis/diagnose';
import { FRAME_WAYS, type FrameTimes, type FrameWay } from '#profile/frame-ranges';
import type { NamedRange } from '#profile/heatmap-rows';
import { printSelection, type SelectionText } from '#profile/selection-text';
import type { FrameColumns, RunPage, SeriesColumn } from '#server/wire';
import { query, setQuery } from '../shell/route.ts';
import { chosenOf, frameTimes, namedPhases, type Chosen } from './profile-chosen.ts';
import { diagnosisContext } from './profile-context.ts';

/** What a page has of a run beside its profile; a file that carries a profile has less. */
export interface ProfileSurroundings {
  readonly originNs: number;
  readonly phases: RunPage['phases'];
  /** Undefined until it is known whether there are any. */
  readonly frames: FrameColumns | null | undefined;
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
  /** Position of the chosen one. */
  readonly finding: number | null;
  readonly chosen: Chosen;
  readonly way: FrameWay;
  readonly choose: (text: SelectionText) => void;
  readonly chooseFinding: (position: number | null) => void;
}

/** A longer choice would not fit into an address everywhere. */
const MAX_ADDRESS_CHARACTERS = 6_000;

export function useProfileState(profile: Profile, around: ProfileSurroundings): ProfileState {
  const { originNs } = around;
  const phases = useMemo(() => namedPhases(around.phases, originNs), [around.phases, originNs]);
  const frames = useMemo(() => frameTimes(around.frames ?? null), [around.frames]);
  const found = useFindings(profile, around, phases, frames);
  const findings = found?.findings ?? null;
  const way = FRAME_WAYS.find((known) => known === query.value.get('way')) ?? 'calls';
  const finding = positionOf(query.value.get('finding'));
  /** What is too long for the address is kept here, until something else is chosen. */
  const [long, setLong] = useState<string | null>(null);
  const sel = query.value.get('sel') ?? long;
  const chosen = useMemo(
    () => chosenOf({ profile, originNs, phases, frames, way, findings: findings ?? [] }, sel, finding),
    [profile, originNs, phases, frames, way, findings, sel, finding],
  );
  return {
    phases,
    frames,
    findings,
    tooThin: found?.tooThin ?? null,
    finding,
    chosen,
    way,
    choose(text) {
      const printed = printSelection(text);
      const fits = printed.length <= MAX_ADDRESS_CHARACTERS;
      setLong(fits ? null : printed);
      setQuery({ sel: fits ? printed : null, finding: null }, 'push');
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
): Found | null {
  const [found, setFound] = useState<Found | null>(null);
  const isComplete = around.frames !== undefined;
  useEffect(() => {
    if (!isComplete) return;
    const timer = setTimeout(() => {
      const context = diagnosisContext(around.originNs, phases, frames, around.page, around.series);
      setFound({ findings: diagnose(profile, context), tooThin: tooThin(profile, context) });
    }, AFTER_PAINT_MS);
    return () => clearTimeout(timer);
  }, [profile, phases, frames, isComplete, around.page, around.series]);
  return found;
}

const AFTER_PAINT_MS = 50;

type Found = Pick<ProfileState, 'tooThin'> & { readonly findings: readonly ProfileFinding[] };

function positionOf(text: string | null): number | null {
  return text !== null && /^\d{1,4}$/.test(text) ? Number(text) : null;
}
