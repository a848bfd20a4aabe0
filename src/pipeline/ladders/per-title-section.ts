// `per_title`: what is probed so that the rungs are found for each title.

import type { Settings } from '#core/settings';
import type { PerTitle } from '#core/title';
import type { FileContext } from '#media/settings-file/read-setting';
import { Fields } from '#system/yaml/fields';
import type { YamlEntry, YamlNode } from '#system/yaml/yaml-tree';
import { parseScalar } from './audio-section.ts';
import { readRungSettings, type Rung } from './rung-settings.ts';

const KEYS = ['metric', 'encoders', 'heights', 'rungs', 'bitrate'];
const DEFAULT_HEIGHTS = [270, 360, 540, 720, 1080];
const DEFAULT_BITRATE = [250_000, 6_000_000] as const;
const DEFAULT_RUNGS = 5;
const MAX_RUNGS = 16;
const MAX_HEIGHTS = 12;
const MIN_HEIGHT = 64;
const MAX_HEIGHT = 8_640;
/** Of these a rung decides itself. */
const FOUND = ['resolution', 'crf', 'bitrate', 'maxrate', 'bufsize', 'passes', 'qp'];

/** @param shared settings that every encoder has */
export function readPerTitle(entry: YamlEntry | undefined, shared: Rung, context: FileContext): PerTitle | null {
  if (entry === undefined) return null;
  const { problems } = context;
  if (entry.value.kind !== 'map') {
    problems.add(
      entry.value.at,
      'per_title is a mapping',
      'per_title: {encoders: [{encoder: libx264, preset: medium}]}',
    );
    return null;
  }
  const sections = new Map<string, YamlEntry>();
  for (const inner of entry.value.entries)
    if (KEYS.includes(inner.key)) sections.set(inner.key, inner);
    else problems.addUnknown(inner.keyAt, 'key of per_title', inner.key, KEYS);
  const fields = new Fields(sections, problems);
  return {
    metric: fields.choice('metric', 'xpsnr', ['xpsnr']),
    encoders: readEncoders(sections.get('encoders'), entry.keyAt, shared, context),
    heights: readHeights(sections.get('heights'), context),
    rungs: fields.count('rungs', DEFAULT_RUNGS, 1, MAX_RUNGS),
    bitrate: readBitrate(sections.get('bitrate'), context),
  };
}

function readEncoders(entry: YamlEntry | undefined, at: number, shared: Rung, context: FileContext): Settings[] {
  const { problems } = context;
  const example = 'encoders: [{encoder: libx264, preset: medium}]';
  const nodes: readonly YamlNode[] = entry?.value.kind === 'list' ? entry.value.items : [];
  if (nodes.length === 0) problems.add(entry?.value.at ?? at, 'per_title needs a list of encoders', example);
  const encoders: Settings[] = [];
  for (const node of nodes) {
    if (node.kind !== 'map') {
      problems.add(node.at, 'an encoder of per_title is a mapping of settings', example);
      continue;
    }
    const { settings } = readRungSettings(node, shared, context);
    if (settings['encoder'] === undefined) problems.add(node.at, 'no encoder is named', example);
    for (const name of FOUND)
      if (settings[name] !== undefined) problems.add(node.at, `${name} is found for each title`, 'leave it out');
    encoders.push(settings);
  }
  return encoders;
}

function readHeights(entry: YamlEntry | undefined, { problems }: FileContext): readonly number[] {
  if (entry === undefined) return DEFAULT_HEIGHTS;
  const values = numbersOf(entry.value);
  const fit =
    values !== null &&
    values.length > 0 &&
    values.length <= MAX_HEIGHTS &&
    values.every((value) => Number.isInteger(value) && value >= MIN_HEIGHT && value <= MAX_HEIGHT);
  if (fit) return [...new Set(values)].toSorted((a, b) => a - b);
  problems.add(
    entry.value.at,
    `heights is a list of up to ${MAX_HEIGHTS} whole numbers from ${MIN_HEIGHT} to ${MAX_HEIGHT}`,
    'heights: [360, 540, 720, 1080]',
  );
  return DEFAULT_HEIGHTS;
}

function readBitrate(entry: YamlEntry | undefined, { problems }: FileContext): readonly [low: number, high: number] {
  if (entry === undefined) return DEFAULT_BITRATE;
  const [low, high, ...more] = numbersOf(entry.value) ?? [];
  if (low !== undefined && high !== undefined && more.length === 0 && low > 0 && high > low) return [low, high];
  problems.add(entry.value.at, 'bitrate is the lowest and the highest rate of a rung', 'bitrate: [250k, 6M]');
  return DEFAULT_BITRATE;
}

function numbersOf(node: YamlNode): number[] | null {
  if (node.kind !== 'list') return null;
  const numbers = node.items.map((item) => (item.kind === 'scalar' ? parseScalar(item) : null));
  return numbers.every((number) => number !== null) ? numbers : null;
}
