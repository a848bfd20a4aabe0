// `audio`: the audio renditions of a ladder.

import { AUDIO_CODECS, type AudioCodec, type AudioRung } from '#core/title';
import { parseNumber } from '#media/setting-value';
import { Fields } from '#system/yaml/fields';
import type { ProblemList } from '#system/yaml/problem-list';
import type { YamlEntry, YamlMap, YamlScalar } from '#system/yaml/yaml-tree';

const KEYS = ['codec', 'bitrate', 'channels', 'loudness'];
const EXAMPLE = '- {codec: aac, bitrate: 128k, channels: 2}';
/** Bits a second that AAC and Opus make anything of. */
const MIN_BITRATE = 8_000;
const MAX_BITRATE = 1_024_000;
const DEFAULT_BITRATES: Readonly<Record<AudioCodec, number>> = { aac: 128_000, opus: 96_000 };
const MAX_CHANNELS = 8;
const DEFAULT_CHANNELS = 2;
/** LUFS; the range of EBU R 128 meters, and a word for leaving it as it is. */
const QUIETEST = -70;
const LOUDEST = -5;
const UNCHANGED = 'none';

/** What a ladder has where it says nothing of audio. */
const DEFAULT_AUDIO: readonly AudioRung[] = [{ codec: 'aac', bitrate: 128_000, channels: 2, loudness: null }];

export function readAudio(entry: YamlEntry | undefined, problems: ProblemList): readonly AudioRung[] {
  if (entry === undefined) return DEFAULT_AUDIO;
  const { value } = entry;
  // `audio: []` is a ladder without audio, on purpose.
  if (value.kind !== 'list') {
    problems.add(value.at, 'audio is a list', `audio: [${EXAMPLE.slice(2)}]`);
    return [];
  }
  const rungs: AudioRung[] = [];
  for (const node of value.items)
    if (node.kind === 'map') rungs.push(readAudioRung(node, problems));
    else problems.add(node.at, 'an audio rung is a mapping', EXAMPLE);
  return rungs;
}

function readAudioRung(node: YamlMap, problems: ProblemList): AudioRung {
  const sections = new Map<string, YamlEntry>();
  for (const entry of node.entries)
    if (KEYS.includes(entry.key)) sections.set(entry.key, entry);
    else problems.addUnknown(entry.keyAt, 'key of an audio rung', entry.key, KEYS);
  const fields = new Fields(sections, problems);
  const codec = fields.choice('codec', 'aac', AUDIO_CODECS);
  return {
    codec,
    bitrate: numberOf(sections.get('bitrate'), DEFAULT_BITRATES[codec], MIN_BITRATE, MAX_BITRATE, '128k', problems),
    channels: fields.count('channels', DEFAULT_CHANNELS, 1, MAX_CHANNELS),
    loudness: isUnchanged(sections.get('loudness'))
      ? null
      : numberOf(sections.get('loudness'), null, QUIETEST, LOUDEST, '-23', problems),
  };
}

function isUnchanged(entry: YamlEntry | undefined): boolean {
  return entry?.value.kind === 'scalar' && entry.value.value === UNCHANGED;
}

/** A number as people write it, within bounds; `absent` where it is not there or wrong, after telling. */
function numberOf<T extends number | null>(
  entry: YamlEntry | undefined,
  absent: T,
  min: number,
  max: number,
  example: string,
  problems: ProblemList,
): number | T {
  if (entry === undefined) return absent;
  const { value } = entry;
  const number = value.kind === 'scalar' ? parseScalar(value) : null;
  if (number !== null && number >= min && number <= max) return number;
  problems.add(value.at, `${entry.key} is a number from ${min} to ${max}`, `write ${entry.key}: ${example}`);
  return absent;
}

export function parseScalar({ value }: YamlScalar): number | null {
  return value === null ? null : parseNumber(value);
}
