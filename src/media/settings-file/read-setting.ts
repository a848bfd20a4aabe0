// One setting as it stands in the file: its value, and the name that the value has in labels.

import { dirname, resolve } from 'node:path';
import { liveSourceOf } from '#core/session';
import { formatSettingValue, type SettingValue } from '#core/settings';
import { isEngineMap, readEngineMap, resolveEngine } from './engine-value.ts';
import { quoteName, type ProblemList } from '#system/yaml/problem-list';
import { positionKey } from './setting-position.ts';
import type { YamlEntry, YamlList, YamlNode, YamlScalar } from '#system/yaml/yaml-tree';

export interface NamedValue {
  /** As the user wrote it: what labels show and what include and exclude compare. */
  readonly name: string;
  /** What a run gets. */
  readonly value: SettingValue;
}

/** What reading a setting needs to know of its file. */
export interface FileContext {
  readonly problems: ProblemList;
  /** Absolute folder of the file: sources are relative to it. */
  readonly folder: string;
  /** In the first talk's dialect a comma in plain text separates values. */
  readonly commaLists: boolean;
  /** What to do about a setting with several values where it takes one. */
  readonly severalValues: (setting: string) => string;
  /** Places of settings and their values, for errors that are found when they are tried. */
  readonly positions: Map<string, string>;
}

export function fileContext(
  file: string,
  problems: ProblemList,
  commaLists: boolean,
  severalValues: FileContext['severalValues'] = (setting) => `what varies stands under matrix: ${setting}: [1, 2]`,
): FileContext {
  return { problems, folder: dirname(resolve(file)), commaLists, severalValues, positions: new Map() };
}

const MAX_TEXT_LENGTH = 4096;
/**
 * Letters, digits and what encoders use between them: `x264-params`, `8x8dct`, `gst.prop=bitrate`. Never a bare number:
 * JavaScript would put it before all other names, and labels would lose the file's order.
 */
const SETTING_NAME = /^(?!\d+$)[A-Za-z0-9][A-Za-z0-9_.:=+/-]*$/;
const MAX_NAME_LENGTH = 128;

/** True where the name is fit for a setting; tells a problem otherwise. */
export function checkSettingName(entry: YamlEntry, context: FileContext): boolean {
  keepPosition(entry.key, entry.keyAt, context);
  if (SETTING_NAME.test(entry.key) && entry.key.length <= MAX_NAME_LENGTH) return true;
  const todo =
    entry.key === '<<'
      ? 'merge keys are not part of this format: write the settings out'
      : 'names are letters and digits, with . : = + / _ or - between them';
  context.problems.add(entry.keyAt, `${quoteName(entry.key)} can't be the name of a setting`, todo);
  return false;
}

/** One value of one setting, or null where it told a problem. */
export function readSettingValue(property: string, node: YamlNode, context: FileContext): NamedValue | null {
  const value = readValue(property, node, context);
  if (value !== null) keepPosition(positionKey(property, value.value), node.at, context);
  return value;
}

/** Keeps the first place of a setting or a value. */
export function keepPosition(key: string, at: number, { positions, problems }: FileContext): void {
  if (!positions.has(key)) positions.set(key, problems.where(at));
}

function readValue(property: string, node: YamlNode, context: FileContext): NamedValue | null {
  const { problems } = context;
  if (node.kind === 'scalar') return readScalar(property, node, context);
  if (node.kind === 'list' && property === 'frames') return readFrames(node, problems);
  if (node.kind === 'map' && isEngineMap(property, node)) return readEngineMap(node, context);
  problems.add(
    node.at,
    `${property} must be a single value here, not a ${node.kind === 'list' ? 'list' : 'mapping'}`,
    context.severalValues(property),
  );
  return null;
}

function readScalar(property: string, node: YamlScalar, context: FileContext): NamedValue | null {
  const { value } = node;
  const wrong = (what: string, todo: string) => {
    context.problems.add(node.at, `${property} ${what}`, todo);
    return null;
  };
  if (value === null) return wrong('has no value', `write one: ${property}: 1`);
  if (typeof value === 'number') {
    if (!Number.isFinite(value))
      return wrong(`is ${node.text}, which is no number`, 'write a number, or put it in quotes');
    if (Number.isInteger(value) && !Number.isSafeInteger(value))
      return wrong(`is ${node.text}, too large to be exact`, 'put it in quotes to hand it on as it is');
    return { name: formatSettingValue(value), value };
  }
  if (typeof value === 'string') {
    if (value.trim() === '') return wrong('is empty', 'write a value, or leave the key out');
    if (value.length > MAX_TEXT_LENGTH) return wrong('is too long', `at most ${MAX_TEXT_LENGTH} characters`);
    if (/\p{Cc}/u.test(value)) return wrong('holds control characters or line ends', 'write it in one line');
    return { name: value, value: resolvePath(property, value, context.folder) };
  }
  return { name: formatSettingValue(value), value };
}

/** `[0, 191]`: the first and the last frame. */
function readFrames(node: YamlList, problems: ProblemList): NamedValue | null {
  const numbers = node.items.map((item) => (item.kind === 'scalar' ? item.value : null));
  const [first, last] = numbers;
  const isFrame = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
  if (numbers.length !== 2 || !isFrame(first) || !isFrame(last) || first > last) {
    problems.add(node.at, 'frames is a pair of first and last frame, counted from 0', 'write frames: [0, 191]');
    return null;
  }
  const value = [first, last];
  return { name: formatSettingValue(value), value };
}

function resolvePath(property: string, value: string, folder: string): string {
  if (property === 'source') return resolveSource(value, folder);
  return property === 'engine' ? resolveEngine(value, folder) : value;
}

/** A path is relative to its file, wherever the program is started; `lavfi:`, `x11:` and the like are no paths. */
function resolveSource(source: string, folder: string): string {
  const isPath =
    !source.startsWith('lavfi:') && liveSourceOf(source) === null && !/^[a-z][a-z0-9+.-]*:\/\//i.test(source);
  return isPath ? resolve(folder, source) : source;
}
