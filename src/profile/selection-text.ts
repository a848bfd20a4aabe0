// What is chosen of a profile, as a short text for an address or a command line:
//   1.5-2.25,10-10.2*30/1;cpu=0,1;thread=x264;process=ffmpeg;phase=encode;frames=slowest:1%
// Times are seconds from the beginning of the run. `10-10.2*30/1` is 10 to 10.2 and the same again each second, 30 times in all: a
// periodic choice, or a rectangle of a folded heatmap.

import { UserError } from '#core/user-error';
import { parseFrameChoice, printFrameChoice, type FrameChoice } from './frame-ranges-text.ts';
import { MAX_PERIODIC, NO_RANGES, normalRanges } from './selection-ranges.ts';

/** What is asked for, by names. What is empty or null is not narrowed. */
export interface SelectionText {
  /** Normal, seconds. */
  readonly rangesS: Float64Array | null;
  readonly cpus: readonly number[];
  /** Names of threads, or their numbers. */
  readonly threads: readonly string[];
  /** Names of processes, or their numbers. */
  readonly processes: readonly string[];
  readonly phases: readonly string[];
  readonly frames: FrameChoice | null;
}

export const SELECTION_OF_ALL: SelectionText = {
  rangesS: null,
  cpus: [],
  threads: [],
  processes: [],
  phases: [],
  frames: null,
};

/** Times are kept to a microsecond. */
const PER_S = 1e6;
/** Ranges that a text may hold. */
const MAX_RANGES = 200_000;
/** So many alike are written as one. */
const LEAST_ALIKE = 3;

/** @throws UserError */
export function parseSelection(text: string): SelectionText {
  const made: { -readonly [K in keyof SelectionText]: SelectionText[K] } = { ...SELECTION_OF_ALL };
  for (const part of text.split(';').filter((one) => one.trim() !== '')) {
    const [name, value] = splitAt(part.trim(), '=');
    const words = (value ?? '').split(',').filter((word) => word !== '');
    const names = () => words.map((word) => decoded(word));
    if (value === undefined) made.rangesS = parseRanges(name);
    else if (words.length === 0) throw mistake(`nothing is chosen by ${name}=`, text);
    else if (name === 'cpu') made.cpus = words.map((word) => wholeNumber(word, text));
    else if (name === 'thread') made.threads = names();
    else if (name === 'process') made.processes = names();
    else if (name === 'phase') made.phases = names();
    else if (name === 'frames') made.frames = parseFrameChoice(value);
    else throw mistake(`“${name}” is nothing that can be chosen by`, text);
  }
  return made;
}

/** Parsed again it is the same selection, to a microsecond; all of a profile is an empty text. */
export function printSelection(selection: SelectionText): string {
  const list = (name: string, values: readonly (string | number)[]) =>
    values.length === 0 ? [] : [`${name}=${values.map((value) => encodeURIComponent(value)).join(',')}`];
  return [
    ...(selection.rangesS === null ? [] : [printRanges(selection.rangesS)]),
    ...list('cpu', selection.cpus),
    ...list('thread', selection.threads),
    ...list('process', selection.processes),
    ...list('phase', selection.phases),
    ...(selection.frames === null ? [] : [`frames=${printFrameChoice(selection.frames)}`]),
  ].join(';');
}

/**
 * `1.5-2.25,10-10.2*30/1`, `start-2`, `5-end`; `none` is no time at all.
 * @throws UserError
 */
export function parseRanges(text: string): Float64Array {
  if (text === 'none') return NO_RANGES;
  const pairs: number[] = [];
  for (const part of text.split(',')) {
    const match = /^(start|-?\d+(?:\.\d+)?)-(end|-?\d+(?:\.\d+)?)(?:\*(\d+)\/(\d+(?:\.\d+)?))?$/.exec(part.trim());
    if (match === null) throw mistake(`“${part}” is no range of time`, text);
    const from = match[1] === 'start' ? -Infinity : Number(match[1]);
    const to = match[2] === 'end' ? Infinity : Number(match[2]);
    if (!(from < to)) throw mistake(`the range ${part} ends before it has begun`, text);
    const count = match[3] === undefined ? 1 : Number(match[3]);
    if (count > MAX_PERIODIC || pairs.length / 2 + count > MAX_RANGES) throw mistake('too many ranges', text);
    const every = Number(match[4] ?? 0);
    for (let n = 0; n < count; n++) pairs.push(micro(from + n * every), micro(to + n * every));
  }
  return normalRanges(pairs);
}

/** @param rangesS normal, seconds */
export function printRanges(rangesS: Float64Array): string {
  const us = rangesS.map((time) => Math.round(time * PER_S));
  const parts: string[] = [];
  for (let i = 0; i < us.length;) {
    const every = i + 2 < us.length ? us[i + 2]! - us[i]! : 0;
    let next = i + 2;
    while (next < us.length && us[next]! - us[next - 2]! === every && us[next + 1]! - us[next - 1]! === every)
      next += 2;
    const count = (next - i) / 2;
    if (count >= LEAST_ALIKE) {
      parts.push(`${range(us, i)}*${count}/${seconds(every)}`);
      i = next;
    } else {
      if (us[i]! < us[i + 1]!) parts.push(range(us, i));
      i += 2;
    }
  }
  return parts.length === 0 ? 'none' : parts.join(',');
}

/** The options of a command line, each as its user wrote it; undefined where it was left out. */
export interface SelectionOptions {
  /** Seconds from the beginning. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly cpu?: string | undefined;
  readonly thread?: string | undefined;
  readonly process?: string | undefined;
  readonly phase?: string | undefined;
  readonly frames?: string | undefined;
}

/** @throws UserError */
export function selectionOfOptions(options: SelectionOptions): SelectionText {
  const { from, to, frames } = options;
  const names = (text: string | undefined) => (text === undefined ? [] : text.split(',').filter((one) => one !== ''));
  if (from !== undefined && to !== undefined && !(from < to))
    throw new UserError({ what: `the time ends before it has begun: ${from} s to ${to} s`, where: '--from, --to' });
  return {
    rangesS: from === undefined && to === undefined ? null : Float64Array.of(from ?? -Infinity, to ?? Infinity),
    cpus: names(options.cpu).map((word) => wholeNumber(word, '--cpu')),
    threads: names(options.thread),
    processes: names(options.process),
    phases: names(options.phase),
    frames: frames === undefined ? null : parseFrameChoice(frames),
  };
}

function micro(value: number): number {
  return Math.round(value * PER_S) / PER_S;
}

function range(us: Float64Array, at: number): string {
  const from = us[at] === -Infinity ? 'start' : seconds(us[at]!);
  return `${from}-${us[at + 1] === Infinity ? 'end' : seconds(us[at + 1]!)}`;
}

function seconds(us: number): string {
  return (us / PER_S).toFixed(6).replace(/\.?0+$/, '');
}

function wholeNumber(word: string, where: string): number {
  if (!/^\d+$/.test(word)) throw mistake(`“${word}” is no number of a CPU`, where);
  return Number(word);
}

function decoded(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch (cause) {
    throw new UserError({ what: `“${word}” is no encoded name` }, { cause });
  }
}

function splitAt(text: string, sign: string): readonly [string, string | undefined] {
  const at = text.indexOf(sign);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function mistake(what: string, where: string): UserError {
  return new UserError({ what, where, todo: 'for example 1.5-2.25,10-10.2*30/1;thread=x264;phase=encode' });
}
