// Writes speedscope's JSON (https://www.speedscope.app/file-format-schema.json): a sampled profile for each thread.

import { FUNCTION_KINDS, type Profile, type ProfileHeader, type ProfileSelection } from '#core/profile';
import { eachSelected, exportedNames, functionsOf, weightOf } from './exported-samples.ts';

/** By it our importer knows what the format itself has no place for: `kind` of a frame, `thread` of a profile. Other readers pass those over. */
export const EXPORTER = 'encodelab';
const SCHEMA = 'https://www.speedscope.app/file-format-schema.json';
const UNITS = { ns: 'nanoseconds', samples: 'none', bytes: 'bytes' } as const satisfies Record<
  ProfileHeader['weightUnit'],
  string
>;
/** Samples a piece of text. */
const PIECE = 2000;

/**
 * The axis of each thread is its CPU time: its samples follow one another without the gaps between them, which the format has no word for.
 * @param name what it is a profile of
 * @returns pieces of one JSON text
 */
export function* speedscopeText(profile: Profile, selection: ProfileSelection, name: string): Generator<string> {
  const { functions, libraries } = profile;
  const frames = exportedNames(profile).map((name, i) => ({
    name,
    file: libraries[functions.library[i]!]!,
    kind: FUNCTION_KINDS[functions.kind[i]!]!,
  }));
  yield `{"$schema":${JSON.stringify(SCHEMA)},"exporter":"${EXPORTER}","name":${JSON.stringify(name)},"activeProfileIndex":0,`;
  yield `"shared":{"frames":${JSON.stringify(frames)}},"profiles":[`;
  const stacks = new Map<number, string>();
  const textOf = (stack: number) => {
    let text = stacks.get(stack);
    if (text === undefined) stacks.set(stack, (text = JSON.stringify(functionsOf(profile, stack).reverse())));
    return text;
  };
  let separator = '';
  for (const [thread, rows] of rowsByThread(profile, selection)) {
    yield `${separator}{"type":"sampled","name":${JSON.stringify(threadName(profile, thread))},"thread":${JSON.stringify(threadFacts(profile, thread))},"unit":"${UNITS[profile.header.weightUnit]}","startValue":0,`;
    separator = ',';
    let total = 0;
    for (const row of rows) total += weightOf(profile, row);
    yield `"endValue":${total},"samples":[`;
    yield* inPieces(rows, (row) => textOf(profile.samples.stack[row]!));
    yield '],"weights":[';
    yield* inPieces(rows, (row) => String(weightOf(profile, row)));
    yield ']}';
  }
  yield ']}\n';
}

/** Threads with samples, those with the most first. */
function rowsByThread(profile: Profile, selection: ProfileSelection): [number, number[]][] {
  const rows = new Map<number, number[]>();
  eachSelected(profile, selection, (row) => {
    const thread = profile.samples.thread[row]!;
    const own = rows.get(thread);
    if (own === undefined) rows.set(thread, [row]);
    else own.push(row);
  });
  return [...rows].toSorted(([, a], [, b]) => b.length - a.length);
}

function threadName({ threads }: Profile, thread: number): string {
  const [process, name, number] = [threads.processName[thread]!, threads.name[thread]!, threads.thread[thread]!];
  const shown = process === '' || process === name ? name : `${process}/${name}`;
  return number === -1 ? shown || 'all threads' : `${shown} (tid ${number})`.trim();
}

/** What our importer reads of a profile's thread. */
export interface SpeedscopeThread {
  /** -1 where they are not known. */
  readonly process: number;
  readonly thread: number;
  readonly processName: string;
  readonly name: string;
}

function threadFacts({ threads }: Profile, thread: number): SpeedscopeThread {
  return {
    process: threads.process[thread]!,
    thread: threads.thread[thread]!,
    processName: threads.processName[thread]!,
    name: threads.name[thread]!,
  };
}

function* inPieces(rows: readonly number[], textOf: (row: number) => string): Generator<string> {
  for (let begin = 0; begin < rows.length; begin += PIECE)
    yield `${begin === 0 ? '' : ','}${rows
      .slice(begin, begin + PIECE)
      .map(textOf)
      .join(',')}`;
}
