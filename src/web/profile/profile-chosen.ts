// What of a profile is looked at, and what it is compared with, from what the address says.

import { UserError } from '#core/user-error';
import type { Profile, ProfileFinding, ProfileSelection } from '#core/profile';
import { chooseFrames, frameRanges, type FrameRanges, type FrameTimes, type FrameWay } from '#profile/frame-ranges';
import { printFrameChoice, type FrameChoice } from '#profile/frame-ranges-text';
import type { NamedRange } from '#profile/heatmap-rows';
import { resolveSelection } from '#profile/selection';
import { checkFrames, outsideWords } from '#profile/selection-check';
import { parseSelection, SELECTION_OF_ALL, type SelectionText } from '#profile/selection-text';
import { complementOf, intersectRanges, mapRanges, normalRanges, subtractRanges } from '#profile/selection-ranges';
import type { FrameColumns, RunPage } from '#server/wire';

export interface ChoosingFrom {
  readonly profile: Profile;
  /** Where second 0 of the run lies on the profile's clock. */
  readonly originNs: number;
  readonly phases: readonly NamedRange[];
  readonly frames: FrameTimes | null;
  readonly way: FrameWay;
  /** Null until they are found. */
  readonly findings: readonly ProfileFinding[] | null;
  /** Positions of the threads that are meant where no process and no thread is chosen; null for all. */
  readonly own: ReadonlySet<number> | null;
}

export interface Chosen {
  /** As the address has it; of a finding its times alone. */
  readonly text: SelectionText;
  readonly selection: ProfileSelection;
  /** The same CPUs and threads at all other times, or of all other frames; null where all times are chosen. */
  readonly rest: ProfileSelection | null;
  /** For charts: seconds of the run; null for all times. */
  readonly marked: Float64Array | null;
  /** How exact the times of chosen frames are; null where none are chosen. */
  readonly frames: FrameRanges | null;
  /** Why what the address says can't be chosen: all is shown then. */
  readonly problem: string | null;
}

/** @param finding its position; null where none is chosen */
export function chosenOf(from: ChoosingFrom, sel: string | null, finding: number | null): Chosen {
  const found = finding === null ? undefined : from.findings?.[finding];
  if (found !== undefined) {
    const selection = { rangesNs: normalRanges(found.rangesNs), cpus: null, threads: from.own };
    return withRest(from, SELECTION_OF_ALL, selection, null);
  }
  if (finding !== null && from.findings !== null) {
    const count = from.findings.length;
    const those = count === 0 ? 'is none' : count === 1 ? 'is one, 0' : `are ${count}, from 0 to ${count - 1}`;
    return nothingChosen(from, `the address names a finding that is not there: there ${those}`);
  }
  try {
    const text = parseSelection(sel ?? '');
    const { profile, originNs, phases, frames, way } = from;
    const context = { profile, zeroNs: originNs, phases, frames, framesShiftNs: originNs, way };
    const resolved = resolveSelection(text, context);
    if (resolved.frames !== null) checkFrames(resolved.frames, printFrameChoice(text.frames!), frames!);
    const outside = outsideOf(from, text);
    if (outside !== null) throw new UserError({ what: outside });
    const threads = resolved.selection.threads ?? from.own;
    return withRest(from, text, { ...resolved.selection, threads }, resolved.frames);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const [{ what, todo } = { what: error.message, todo: undefined }] = error.problems;
    return nothingChosen(from, todo === undefined ? what : `${what}: ${todo}`);
  }
}

/** All is shown then. */
function nothingChosen(from: ChoosingFrom, problem: string): Chosen {
  const all = { rangesNs: null, cpus: null, threads: from.own };
  return { ...withRest(from, SELECTION_OF_ALL, all, null), problem };
}

/** Why none of the chosen times and CPUs is in the profile; null where one is. */
function outsideOf({ profile: { header }, originNs }: ChoosingFrom, { rangesS, cpus }: SelectionText): string | null {
  const strange = header.cpus.length === 0 ? undefined : cpus.find((cpu) => !header.cpus.includes(cpu));
  if (strange !== undefined)
    return `no CPU of this profile has the number ${strange}: there are ${header.cpus.join(', ')}`;
  if (rangesS === null || rangesS.length === 0) return null;
  return outsideWords(header, originNs, { from: rangesS[0]!, to: rangesS.at(-1)! });
}

function withRest(
  from: ChoosingFrom,
  text: SelectionText,
  selection: ProfileSelection,
  frames: FrameRanges | null,
): Chosen {
  const { rangesNs } = selection;
  const { startNs, endNs } = from.profile.header;
  if (rangesNs === null) return { text, selection, rest: null, marked: null, frames, problem: null };
  const others = text.frames === null ? null : timesOfOthers(from, text.frames);
  const restNs =
    others === null ? complementOf(rangesNs, startNs, endNs) : subtractRanges(withinOf(from, text, others), rangesNs);
  return {
    text,
    selection,
    rest: { ...selection, rangesNs: restNs },
    marked: mapRanges(rangesNs, 1e-9, -from.originNs / 1e9),
    frames,
    problem: null,
  };
}

/** Chosen times and phases hold for the others as well. */
function withinOf({ originNs, phases }: ChoosingFrom, text: SelectionText, rangesNs: Float64Array): Float64Array {
  const times = text.rangesS === null ? rangesNs : intersectRanges(rangesNs, mapRanges(text.rangesS, 1e9, originNs));
  if (text.phases.length === 0) return times;
  const chosen = phases.filter(({ name }) => text.phases.includes(name));
  return intersectRanges(times, normalRanges(chosen.flatMap(({ fromNs, toNs }) => [fromNs, toNs])));
}

function timesOfOthers({ frames, way, originNs }: ChoosingFrom, choice: FrameChoice): Float64Array | null {
  if (frames === null) return null;
  const chosen = new Set(chooseFrames(frames, choice, way));
  const others = Uint32Array.from({ length: frames.frame.length }, (_, row) => row).filter((row) => !chosen.has(row));
  return frameRanges(frames, others, way, originNs).rangesNs;
}

/** Frames as selections want them; null where nobody timed their encoding. */
export function frameTimes(columns: FrameColumns | null): FrameTimes | null {
  if (columns === null || columns.axis !== 'run' || columns.timeS.length === 0) return null;
  const micro = (times: readonly (number | null)[], factor: number) =>
    Float64Array.from(times, (time) => (time === null ? NaN : time * factor));
  return {
    frame: columns.frame,
    startUs: micro(columns.timeS, 1e6),
    busyUs: micro(columns.encodeBusyMs, 1e3),
    delayUs: micro(columns.encodeDelayMs, 1e3),
    type: columns.type,
    key: columns.key,
    bytes: columns.bytes,
  };
}

/** Phases on the profile's clock. */
export function namedPhases(phases: RunPage['phases'], originNs: number): NamedRange[] {
  return phases.map(({ phase, startS, endS }) => ({
    name: phase,
    fromNs: originNs + startS * 1e9,
    toNs: originNs + endS * 1e9,
  }));
}
