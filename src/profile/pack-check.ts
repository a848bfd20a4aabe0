// Whether what was unpacked is a profile: each reference points at something, times ascend, the header has all that a header has.

import {
  FUNCTION_KINDS,
  INSTRUCTION_KINDS,
  LEAVING_REASONS,
  PROFILE_VERSION,
  SYMBOL_SOURCES,
  type Profile,
} from '#core/profile';
import { PackError } from './pack-columns.ts';

type Rows = Float64Array | Int32Array | Uint32Array | Int16Array | Uint8Array;

/** @throws PackError with the first thing that is wrong */
export function checkedProfile(profile: Profile): Profile {
  const { libraries, functions, stacks, threads, samples, spans, losses } = profile;
  checkHeader(profile.header);
  checkTexts('libraries', libraries, null);
  checkTexts('functions', functions.name, functions.library.length);
  checkTexts('processes', threads.processName, threads.process.length);
  checkTexts('threads', threads.name, threads.process.length);
  within('library of a function', functions.library, 0, libraries.length);
  within('kind of a function', functions.kind, 0, FUNCTION_KINDS.length);
  within('source of a name', functions.source, 0, SYMBOL_SOURCES.length);
  within('function of a stack', stacks.function, 0, functions.name.length);
  for (let node = 0; node < stacks.parent.length; node++)
    if (!(stacks.parent[node]! >= -1 && stacks.parent[node]! < node)) wrong('caller of a stack');
  ascending('samples', samples.timeNs);
  within('thread of a sample', samples.thread, 0, threads.name.length);
  within('stack of a sample', samples.stack, -1, stacks.parent.length);
  within('instruction of a sample', samples.instruction, 0, INSTRUCTION_KINDS.length);
  if (samples.weight !== null) within('weight of a sample', samples.weight, -Infinity, Infinity);
  if (spans !== null) {
    ascending('stays', spans.startNs);
    for (let row = 0; row < spans.startNs.length; row++)
      if (!(spans.endNs[row]! >= spans.startNs[row]!)) wrong('end of a stay');
    within('thread of a stay', spans.thread, 0, threads.name.length);
    within('end of a stay', spans.left, 0, LEAVING_REASONS.length);
    within('stack of a stay', spans.stack, -1, stacks.parent.length);
    within('waker of a stay', spans.waker, -1, threads.name.length);
  }
  ascending('losses', losses.timeNs);
  return profile;
}

function checkHeader(header: Profile['header']): void {
  if (typeof header !== 'object' || header === null) wrong('header');
  if (header.version !== PROFILE_VERSION)
    throw new PackError(`its profile is of version ${String(header.version)}; this encodelab reads ${PROFILE_VERSION}`);
  const isList = (value: unknown, is: (value: unknown) => boolean) => Array.isArray(value) && value.every(is);
  const isWord = (value: unknown, words: readonly string[]) => words.includes(value as string);
  const isGood =
    isText(header.tool) &&
    orNull(header.file, isText) &&
    isWord(header.clock, ['monotonic', 'own', 'none']) &&
    isNumber(header.startNs) &&
    isNumber(header.endNs) &&
    header.endNs >= header.startNs &&
    orNull(header.frequencyHz, isNumber) &&
    isWord(header.weightUnit, ['ns', 'samples', 'bytes']) &&
    orNull(header.sampleNs, isNumber) &&
    isList(header.cpus, isNumber) &&
    (header.processes === undefined || isList(header.processes, isNumber)) &&
    isWord(header.scope, ['system', 'processes']) &&
    isWord(header.stacks, ['frame-pointers', 'dwarf', 'branch-records', 'given', 'none']) &&
    orNull(header.lost, isNumber) &&
    (header.lostEvents === undefined || isNumber(header.lostEvents)) &&
    orNull(header.throttled, isNumber) &&
    orNull(header.overheadCpuS, isNumber) &&
    isList(header.absent, isText) &&
    isList(header.quality, isQuality) &&
    (header.ownQuality === undefined || isList(header.ownQuality, isQuality));
  if (!isGood) wrong('header');
}

const isNumber = (value: unknown) => Number.isFinite(value);
const isText = (value: unknown) => typeof value === 'string';
const orNull = (value: unknown, is: (value: unknown) => boolean) => value === null || is(value);

function isQuality(one: unknown): boolean {
  const { library, samples, named, rooted, todo } = (one ?? {}) as Readonly<Record<string, unknown>>;
  return isText(library) && isNumber(samples) && isNumber(named) && isNumber(rooted) && orNull(todo, isText);
}

/** @param count null where any will do */
function checkTexts(what: string, texts: readonly string[], count: number | null): void {
  if (!Array.isArray(texts) || !texts.every((one) => typeof one === 'string')) wrong(`list of ${what}`);
  if (count !== null && texts.length !== count) throw new PackError('its columns are not of one length');
}

/** Of [low, high). */
function within(what: string, rows: Rows, low: number, high: number): void {
  for (let row = 0; row < rows.length; row++) if (!(rows[row]! >= low && rows[row]! < high)) wrong(what);
}

function ascending(what: string, timeNs: Float64Array): void {
  let before = -Infinity;
  for (let row = 0; row < timeNs.length; row++) {
    const time = timeNs[row]!;
    if (!(time >= before) || time === Infinity) throw new PackError(`the ${what} in it are not in the order of time`);
    before = time;
  }
}

function wrong(what: string): never {
  throw new PackError(`the ${what} in it is not one that can be`);
}
