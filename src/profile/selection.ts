// From what a person asked for, by names and seconds, to part of a profile; and how much that part holds.

import { UserError } from '#core/user-error';
import { nearestName } from '#core/nearest-name';
import type { Profile, ProfileSelection, SampleTable } from '#core/profile';
import { chooseFrames, frameRanges, type FrameRanges, type FrameTimes, type FrameWay } from './frame-ranges.ts';
import { isIdleThread, type NamedRange } from './heatmap-rows.ts';
import type { SelectionText } from './selection-text.ts';
import { intersectRanges, isWithin, lengthOf, mapRanges, normalRanges } from './selection-ranges.ts';

/** What names and seconds mean. */
export interface SelectionContext {
  readonly profile: Pick<Profile, 'header' | 'threads'>;
  /** Where second 0 is on the profile's clock, nanoseconds. */
  readonly zeroNs: number;
  readonly phases: readonly NamedRange[];
  /** Null where the run has no frames with times. */
  readonly frames: FrameTimes | null;
  /** Added to the frames' times to have them on the profile's clock, nanoseconds. */
  readonly framesShiftNs?: number;
  readonly way?: FrameWay;
}

export interface ResolvedSelection {
  readonly selection: ProfileSelection;
  /** How exact the times of the chosen frames are; null where none were chosen. */
  readonly frames: FrameRanges | null;
}

/**
 * All that is asked for at once narrows: ranges and phases and frames are intersected, and so are threads and processes.
 * @throws UserError for names that nothing has
 */
export function resolveSelection(text: SelectionText, context: SelectionContext): ResolvedSelection {
  const parts: Float64Array[] = [];
  if (text.rangesS !== null) parts.push(mapRanges(text.rangesS, 1e9, context.zeroNs));
  if (text.phases.length > 0) parts.push(phaseRanges(text.phases, context.phases));
  const frames = text.frames === null ? null : framesOf(text, context);
  if (frames !== null) parts.push(frames.rangesNs);
  const [first, ...rest] = parts;
  const rangesNs = first === undefined ? null : rest.reduce(intersectRanges, first);
  const cpus = text.cpus.length === 0 ? null : new Set(text.cpus);
  return { selection: { rangesNs, cpus, threads: threadsOf(text, context.profile) }, frames };
}

/**
 * Threads of the processes that a profile of everything was taken of; null where they are not known, nothing was seen of them, or there is
 * nothing else in it.
 */
export function ownThreads({ header, threads }: Pick<Profile, 'header' | 'threads'>): ReadonlySet<number> | null {
  if (header.scope !== 'system' || header.processes === undefined) return null;
  const processes = new Set(header.processes);
  const own = new Set<number>();
  for (const [position, process] of threads.process.entries()) if (processes.has(process)) own.add(position);
  return own.size === 0 || own.size === threads.process.length ? null : own;
}

function framesOf(text: SelectionText, { frames, way, framesShiftNs }: SelectionContext): FrameRanges {
  if (frames === null) throw new UserError({ what: 'this run has no frames whose times are known', where: 'frames' });
  return frameRanges(frames, chooseFrames(frames, text.frames!, way), way, framesShiftNs);
}

function phaseRanges(names: readonly string[], phases: readonly NamedRange[]): Float64Array {
  for (const name of names) {
    if (phases.some((phase) => phase.name === name)) continue;
    const known = [...new Set(phases.map((phase) => phase.name))];
    throw unknown('phase', name, new Map(known.map((one) => [`“${one}”`, one])));
  }
  return normalRanges(phases.filter(({ name }) => names.includes(name)).flatMap(({ fromNs, toNs }) => [fromNs, toNs]));
}

function threadsOf(text: SelectionText, { header, threads }: SelectionContext['profile']): ReadonlySet<number> | null {
  if (text.threads.length === 0 && text.processes.length === 0) return null;
  const chosen = new Set<number>();
  const isChosen = (asked: readonly string[], name: string, number: number) =>
    asked.length === 0 || asked.includes(name) || asked.includes(String(number));
  for (let position = 0; position < threads.thread.length; position++) {
    if (
      isChosen(text.threads, threads.name[position]!, threads.thread[position]!) &&
      isChosen(text.processes, threads.processName[position]!, threads.process[position]!)
    )
      chosen.add(position);
  }
  if (chosen.size === 0) {
    const isThread = text.threads.length > 0;
    const [names, numbers] = isThread ? [threads.name, threads.thread] : [threads.processName, threads.process];
    const own = new Set(header.processes);
    // Those of the run first: a machine has hundreds of others.
    const rows = [...names.keys()].sort((a, b) => isOther(own, threads, a) - isOther(own, threads, b));
    const told = new Map(rows.map((row) => [numbered(names[row]!, numbers[row]!), names[row]!]));
    throw unknown(isThread ? 'thread' : 'process', (isThread ? text.threads : text.processes).join(', '), told);
  }
  return chosen;
}

function numbered(name: string, number: number): string {
  return number < 0 ? `“${name}”` : `“${name}” (${number})`;
}

function isOther(own: ReadonlySet<number>, { process }: Profile['threads'], row: number): number {
  return own.has(process[row]!) ? 0 : 1;
}

/** Names that are told to who asked for another. */
const MAX_TOLD = 20;

/** @param known names by how they are told: with their numbers, where several may have the same name */
function unknown(kind: string, name: string, known: ReadonlyMap<string, string>): UserError {
  const near = nearestName(name, [...new Set(known.values())]);
  const told = [...known.keys()].filter((one) => near === null || near === undefined || known.get(one) === near);
  const listed =
    told.slice(0, MAX_TOLD).join(', ') + (told.length > MAX_TOLD ? `, and ${told.length - MAX_TOLD} more` : '');
  return new UserError({
    what: `no ${kind} of this profile is named “${name}”, or has that number`,
    todo: near === null || near === undefined ? `there are: ${listed}` : `did you mean ${listed}?`,
  });
}

/** Whether a sample is part of a selection. */
export function isSelected(selection: ProfileSelection, samples: SampleTable, row: number): boolean {
  return (
    (selection.cpus === null || selection.cpus.has(samples.cpu[row]!)) &&
    (selection.threads === null || selection.threads.has(samples.thread[row]!)) &&
    (selection.rangesNs === null || isWithin(selection.rangesNs, samples.timeNs[row]!))
  );
}

export interface SelectionSize {
  /** Of its ranges, within the profile. */
  readonly timeNs: number;
  readonly samples: number;
  /** Of those, not of an idle CPU. */
  readonly busySamples: number;
  readonly ranges: number;
}

/** How much of a profile is selected. */
export function measureSelection(profile: Profile, selection: ProfileSelection): SelectionSize {
  const { header, samples, threads } = profile;
  const whole = Float64Array.of(header.startNs, header.endNs);
  const ranges = selection.rangesNs === null ? whole : intersectRanges(selection.rangesNs, whole);
  let [counted, busy] = [0, 0];
  sampleRowsWithin(samples, selection.rangesNs, (from, to) => {
    for (let row = from; row < to; row++) {
      const thread = samples.thread[row]!;
      if (selection.cpus !== null && !selection.cpus.has(samples.cpu[row]!)) continue;
      if (selection.threads !== null && !selection.threads.has(thread)) continue;
      const count = countOf(header, samples, row);
      counted += count;
      if (!isIdleThread(threads, thread)) busy += count;
    }
  });
  return { timeNs: lengthOf(ranges), samples: counted, busySamples: busy, ranges: ranges.length / 2 };
}

/** A row of a table without times may stand for many samples. */
function countOf({ weightUnit }: Profile['header'], { weight }: SampleTable, row: number): number {
  return weightUnit === 'samples' && weight !== null ? weight[row]! : 1;
}

/** Visits the rows of the samples in each range, [from, to) by position: only what is selected is touched. */
export function sampleRowsWithin(
  samples: Pick<SampleTable, 'timeNs'>,
  rangesNs: Float64Array | null,
  visit: (from: number, to: number) => void,
): void {
  if (rangesNs === null) return visit(0, samples.timeNs.length);
  for (let i = 0; i < rangesNs.length; i += 2) {
    const from = firstFrom(samples.timeNs, rangesNs[i]!);
    const to = firstFrom(samples.timeNs, rangesNs[i + 1]!);
    if (from < to) visit(from, to);
  }
}

function firstFrom(times: Float64Array, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
