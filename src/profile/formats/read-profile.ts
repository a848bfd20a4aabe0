// Reads a profile of any format that is known as text: which one it is tells the beginning of its content, and never its name.

import type { Profile } from '#core/profile';
import { UserError } from '#core/user-error';
import { asImported } from './as-imported.ts';
import { isCpuProfile, readCpuProfile } from './cpuprofile.ts';
import { isFolded, readFolded } from './folded.ts';
import { isPerfScript, readPerfScript } from './perf-script.ts';
import { isSpeedscope, readSpeedscope } from './speedscope-import.ts';
import { isTraceEvents, readTraceEvents } from './trace-events.ts';
import { parseWholeJson } from './whole-json.ts';

/** Of what can be imported, for people; `perf.data` is binary, and read by #perf/assemble. */
export const KNOWN_FORMATS =
  'perf.data, the text of perf script, folded stacks, .cpuprofile of Chrome and Node, trace events, and speedscope’s JSON';

/** So much of the beginning is looked at. */
const BEGINNING_CHARS = 256 * 1024;

const TEXT_FORMATS = [
  { matches: isPerfScript, read: readPerfScript },
  { matches: isFolded, read: readFolded },
] as const;

const JSON_FORMATS = [
  { matches: isSpeedscope, read: readSpeedscope },
  { matches: isCpuProfile, read: readCpuProfile },
  { matches: isTraceEvents, read: readTraceEvents },
] as const;

/**
 * @param chunks the content, in pieces of any size; read once, as it comes
 * @param file its name, for errors and for the header
 * @throws UserError where it is of no known format, damaged, or holds no samples
 */
export async function readProfileText(chunks: AsyncIterable<string>, file: string): Promise<Profile> {
  const text = chunks[Symbol.asyncIterator]();
  try {
    const beginning = await take(text, BEGINNING_CHARS);
    if (beginning.trim() === '')
      throw new UserError({ what: 'the file is empty', where: file, todo: `What can be imported: ${KNOWN_FORMATS}.` });
    const whole = andThen(beginning, text);
    // A stack may begin with a bracket, too: `[unknown];main 3`.
    const format = TEXT_FORMATS.find(({ matches }) => matches(beginning));
    if (format !== undefined) return asImported(await format.read(whole, file, beginning));
    if (!/^\s*[[{]/.test(beginning)) throw unknownFormat(file);
    const { value, cut } = await parseWholeJson(whole, file);
    const json = JSON_FORMATS.find(({ matches }) => matches(value));
    if (json === undefined) throw cut ? cutOff(file) : unknownFormat(file);
    const profile = asImported(json.read(value, file));
    return cut ? withAbsent(profile, 'the end: the file stops in the middle of its list') : profile;
  } finally {
    await text.return?.();
  }
}

/** The same profile, with something more that is missing, and why. */
export function withAbsent(profile: Profile, absent: string): Profile {
  return { ...profile, header: { ...profile.header, absent: [...profile.header.absent, absent] } };
}

/** What is left of it may be the beginning of a format whose other half tells the samples. */
function cutOff(where: string): UserError {
  return new UserError({
    what: 'the JSON ends in the middle, and what is there is no profile of a format that is known',
    where,
    todo: `The file may be cut off or damaged: export it again. What can be imported: ${KNOWN_FORMATS}.`,
  });
}

function unknownFormat(where: string): UserError {
  return new UserError({
    what: 'this is no profile of a format that is known',
    where,
    todo: `What can be imported: ${KNOWN_FORMATS}.`,
  });
}

async function take(text: AsyncIterator<string>, chars: number): Promise<string> {
  let beginning = '';
  while (beginning.length < chars) {
    const next = await text.next();
    if (next.done === true) break;
    beginning += next.value;
  }
  // A mark of the byte order is none of the content.
  return beginning.replace(/^\uFEFF/, '');
}

async function* andThen(beginning: string, text: AsyncIterator<string>): AsyncGenerator<string> {
  yield beginning;
  for (let next = await text.next(); next.done !== true; next = await text.next()) yield next.value;
}
