// The options that choose part of a profile, the same for every command that reads one.

import { Option, type Command } from 'commander';
import type { Profile, ProfileSelection } from '#core/profile';
import { FRAME_TYPES, type FrameType } from '#core/recording';
import { UserError } from '#core/user-error';
import { framesWords } from '#profile/frame-ranges';
import { FRAME_WAYS, type FrameTimes, type FrameWay } from '#profile/frame-times';
import type { NamedRange } from '#profile/heatmap-rows';
import { resolveSelection } from '#profile/selection';
import { checkFrames, outsideWords } from '#profile/selection-check';
import { selectionOfOptions, type SelectionOptions } from '#profile/selection-text';
import { readTable } from '#recording/read-recording';

/** As commands have them: those of every selection, and which time counts as that of a frame. */
export interface RunSelectionOptions extends SelectionOptions {
  readonly way?: FrameWay;
}

/** Adds `--from`, `--to`, `--cpu`, `--thread`, `--process`, `--phase`, `--frames` and `--way`; their values are RunSelectionOptions. */
export function addSelectionOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--from <seconds>', 'from this time on, from the start of the run').argParser(seconds('--from')),
    )
    .addOption(new Option('--to <seconds>', 'up to this time').argParser(seconds('--to')))
    .option('--cpu <list>', 'numbers of CPUs, with commas between')
    .option('--thread <list>', 'names or numbers of threads; one that is not there tells those that are')
    .option('--process <list>', 'names or numbers of processes, the same')
    .option('--phase <list>', 'phases of the run: encode, flush …')
    .option(
      '--frames <choice>',
      'the time in which frames were encoded: slowest:1%, largest:1%, keyframes, others, frames:10-20,35, type:B, around:12.5/0.5 (seconds, and how far from it)',
    )
    .addOption(
      new Option(
        '--way <time>',
        "with --frames, which time counts as a frame's: in its calls, before its output (from the packet before to its own), or all its way; the best of the first two for its encoder where it is left out",
      ).choices(FRAME_WAYS),
    );
}

/** What a selection of a run's profile stands on. */
export interface ProfileContext {
  /** Where second 0 of the run is on the profile's clock, nanoseconds. */
  readonly zeroNs: number;
  readonly phases: readonly NamedRange[];
  /** From second 0 on, as the page of the run has them; null where the run has none with times. */
  readonly frames: FrameTimes | null;
}

/** Reads what names of phases and frames mean in a recording. An imported profile has a clock of its own: neither is on it. */
export async function profileContext(folder: string, { header }: Profile): Promise<ProfileContext> {
  if (header.clock !== 'monotonic') return { zeroNs: header.startNs, phases: [], frames: null };
  const table = await readTable(folder, 'phases');
  const phases = table.phase.map((name, row) => ({
    name: name ?? '',
    fromNs: table.start_us[row]! * 1e3,
    toNs: table.end_us[row]! * 1e3,
  }));
  const zeroNs = phases[0]?.fromNs ?? header.startNs;
  return { zeroNs, phases, frames: await readFrameTimes(folder, zeroNs / 1e3) };
}

/** @throws UserError for a choice that can't be, or names that nothing has */
export function chosenSelection(
  profile: Profile,
  context: ProfileContext,
  options: RunSelectionOptions,
): ProfileSelection {
  const text = selectionOfOptions(options);
  if (text.rangesS !== null && profile.header.clock === 'none')
    throw new UserError({ what: 'this profile has no times', where: '--from, --to', todo: 'Leave them out.' });
  checkBounds(profile, context, options);
  const { selection, frames } = resolveSelection(text, {
    profile,
    ...context,
    framesShiftNs: context.zeroNs,
    ...(options.way === undefined ? {} : { way: options.way }),
  });
  if (frames !== null) {
    checkFrames(frames, options.frames!, context.frames!);
    console.error(framesWords(frames));
  }
  return selection;
}

/** What lies outside of a profile would be an empty part of it without a word. */
function checkBounds({ header, samples }: Profile, { zeroNs }: ProfileContext, options: SelectionOptions): void {
  const { from = -Infinity, to = Infinity, cpu } = options;
  const outside = outsideWords(header, zeroNs, { from, to });
  if (outside !== null)
    throw new UserError({ what: outside, where: from * 1e9 >= header.endNs - zeroNs ? '--from' : '--to' });
  const cpus = header.cpus.length > 0 ? header.cpus : [...new Set(samples.cpu)].filter((one) => one >= 0);
  const strange = cpu?.split(',').find((one) => one !== '' && !cpus.includes(Number(one)));
  if (strange !== undefined)
    throw new UserError({
      what: `no CPU of this profile has the number ${strange}`,
      where: '--cpu',
      todo: cpus.length === 0 ? 'It does not tell CPUs: leave it out.' : `there are: ${cpus.join(', ')}`,
    });
}

/** Whether any of the options was given. */
export function isNarrowed({ from, to, cpu, thread, process, phase, frames }: SelectionOptions): boolean {
  return [from, to, cpu, thread, process, phase, frames].some((value) => value !== undefined);
}

/** Encode steps of the first stream, with their times from `zeroUs` on. */
async function readFrameTimes(folder: string, zeroUs: number): Promise<FrameTimes | null> {
  const [steps, frames] = await Promise.all([
    readTable(folder, 'steps', { columns: ['stream', 'frame', 'step', 'start_us', 'duration_us', 'busy_us'] }),
    readTable(folder, 'frames', { columns: ['stream', 'frame', 'type', 'key', 'bytes'] }),
  ]);
  const stream = frames.stream[0];
  if (stream === undefined) return null;
  const own = [...frames.frame.keys()].filter((row) => frames.stream[row] === stream);
  const rowOf = new Map(own.map((row) => [frames.frame[row]!, row]));
  const encodes = [...steps.frame.keys()].filter(
    (row) => steps.step[row] === 'encode' && steps.stream[row] === stream && rowOf.has(steps.frame[row]!),
  );
  if (encodes.length === 0) return null;
  const ofSteps = (column: Float64Array) => Float64Array.from(encodes, (row) => column[row]!);
  const ofFrames = (valueOf: (row: number) => number) =>
    Float64Array.from(encodes, (row) => valueOf(rowOf.get(steps.frame[row]!)!));
  return {
    frame: ofSteps(steps.frame),
    startUs: ofSteps(steps.start_us).map((us) => us - zeroUs),
    busyUs: ofSteps(steps.busy_us),
    delayUs: ofSteps(steps.duration_us),
    type: ofFrames((row) => Math.max(0, FRAME_TYPES.indexOf((frames.type[row] ?? 'unknown') as FrameType))),
    key: ofFrames((row) => frames.key[row]!),
    bytes: ofFrames((row) => frames.bytes[row]!),
  };
}

function seconds(where: string): (text: string) => number {
  return (text) => {
    const value = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (Number.isNaN(value))
      throw new UserError({
        what: `"${text}" is no time`,
        where,
        todo: 'seconds from the start of the run, as in 12.5',
      });
    return value;
  };
}
