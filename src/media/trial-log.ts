// Reads an encoder's log: why it failed, and which of its own sub-parameters it did not know.

import { nearestName } from '#core/nearest-name';

export interface LoggedFault {
  /** The setting that it concerns. */
  readonly setting: string;
  readonly what: string;
  readonly todo?: string | undefined;
}

/** The error with the line of the log that says most. */
export function failureReason(error: string, log: string): string {
  const line = tellingLine(log);
  return line === null || error.includes(line) ? error : `${error} (${line})`;
}

/** The parameter that a failed encoder's log speaks of; null where it can't be told. */
export function blamedSetting(log: string, options: Readonly<Record<string, string>>): string | null {
  const words = (tellingLine(log) ?? '').split(/[^\w-]+/);
  const mentioned = (text: string) => words.some((word) => word === text || `${word}s` === text);
  const names = Object.keys(options);
  const direct = names.find((name) => mentioned(name));
  if (direct !== undefined) return direct;
  const inList = names.find(
    (name) => KEY_LIST.test(name) && options[name]!.split(':').some((pair) => mentioned(pair.split('=')[0]!)),
  );
  if (inList !== undefined) return inList;
  // Presets and tunes are named by their own lists; what else was asked for, if it is a single thing, it must be.
  const others = names.filter((name) => name !== 'preset' && name !== 'tune');
  return others.length === 1 ? others[0]! : null;
}

/** Parameters that hold a list of keys and values for the library. */
const KEY_LIST = /-params$|opts$/;

/** Libraries mark their errors; FFmpeg's own first line is the cause, and those behind it are consequences. */
function tellingLine(log: string): string | null {
  const lines = meaningfulLines(log);
  const marked =
    lines.find((line) => /^\S+ ?\[error\]:/i.test(line)) ??
    lines.find((line) => line.startsWith('Additional information:'));
  const line = marked ?? lines.find((each) => !/^using cpu|^profile |^Possible |^v\d+\.|\[info\]|\[warn/i.test(each));
  return line?.replace(/^\S+ ?\[error\]:\s*/i, '') ?? null;
}

/**
 * Faults that only the log tells: free-text parameters with a list of possible values (x264's and x265's preset, tune
 * and profile), and unknown keys in `x264-params`, `x265-params`, `svtav1-params`.
 * @param options the parameters that were asked for
 * @param known names that the encoder's key lists are known to take
 */
export function loggedFaults(
  log: string,
  options: Readonly<Record<string, string>>,
  known: Iterable<string>,
): LoggedFault[] {
  return [...wrongChoices(log, options), ...wrongKeys(log, options, [...known])];
}

/** The list of choices that a library printed for a wrong `preset`, `tune` or `profile`; empty where it did not. */
export function possibleChoices(log: string, setting: string): string[] {
  for (const [, name, list] of log.matchAll(POSSIBLE))
    if (name!.toLowerCase() === setting) return list!.trim().split(/[\s,]+/);
  return [];
}

const POSSIBLE = /Possible (preset|tune|profile)s:\s*([^\n[]+)/gi;

function wrongChoices(log: string, options: Readonly<Record<string, string>>): LoggedFault[] {
  const faults: LoggedFault[] = [];
  for (const [, plural, list] of log.matchAll(POSSIBLE)) {
    const setting = plural!.toLowerCase();
    const asked = options[setting];
    const choices = list!.trim().split(/[\s,]+/);
    // x264 takes several tunes at once: film,fastdecode.
    const wrong = asked?.split(/[,.;+/]/).find((part) => !choices.includes(part) && !/^\d+$/.test(part));
    if (wrong === undefined) continue;
    const near = nearestName(wrong, choices);
    faults.push({
      setting,
      what: `there is no ${setting} ${wrong}${near === null ? '' : `: did you mean ${near}?`}`,
      todo: `Possible: ${choices.join(', ')}.`,
    });
  }
  return faults;
}

/** Lines by which a library says that it does not know a key, or can't take its value. */
const WRONG_KEY: readonly RegExp[] = [
  /Error parsing option '([\w-]+)\s*[=:]\s*([^']*)'/,
  /Error parsing option ([\w-]+): ([^\n]*?)\.?$/,
  /Unknown option:? '?([\w-]+)'?/i,
  /Invalid value for ([\w-]+): ([^\n.]*)/,
  /bad value for '?([\w-]+)'?:? ?'?([^'\n]*)/i,
];

/** Keys of a list that the library did not take; one that it knows, and whose value alone it refused, is not among them. */
export function wrongKeyNames(log: string): Set<string> {
  const lines = meaningfulLines(log).filter((line) => !/Invalid value for/.test(line));
  return new Set(lines.flatMap((line) => WRONG_KEY.flatMap((pattern) => pattern.exec(line)?.[1] ?? [])));
}

function wrongKeys(log: string, options: Readonly<Record<string, string>>, known: readonly string[]): LoggedFault[] {
  const setting = Object.keys(options).find((name) => KEY_LIST.test(name));
  if (setting === undefined) return [];
  const faults = new Map<string, LoggedFault>();
  for (const line of meaningfulLines(log))
    for (const pattern of WRONG_KEY) {
      const match = pattern.exec(line);
      if (match === null || faults.has(match[1]!)) continue;
      const [, key, value] = match;
      const isKnown = known.includes(key!) || known.includes(key!.replaceAll('-', '_'));
      const near = isKnown ? null : nearestName(key!, known);
      faults.set(key!, {
        setting,
        what: isKnown
          ? `it does not take ${key} = ${value ?? ''}`
          : `it has no key ${key}${near === null ? '' : `: did you mean ${near}?`}`,
      });
      break;
    }
  return [...faults.values()];
}

/** Lines without the address of the context that FFmpeg puts in front, and without libraries' own colours. */
function meaningfulLines(log: string): string[] {
  const escapes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');
  return log
    .replace(escapes, '')
    .split('\n')
    .map((line) => line.replace(/^(\[[^\]]*\]\s*)+/, '').trim())
    .filter((line) => line !== '');
}
