// What is handed to the packager for a title: a stream for each rendition, its keys, and the names of all that comes out.

import type { AudioRendition, Protection, TextRendition, VideoRendition } from '#core/title';
import { uuidText, videoKeyLabel, type ContentKey, type KeyLabel, type SystemData } from './content-key.ts';
import { COMMON_SYSTEM, PLAYREADY_SYSTEM, WIDEVINE_SYSTEM, commonPssh, widevinePssh } from './pssh.ts';

export const DASH_MANIFEST = 'manifest.mpd';
export const HLS_MANIFEST = 'master.m3u8';

export interface PackagedVideo extends Pick<VideoRendition, 'kind' | 'id' | 'width' | 'height'> {
  readonly file: string;
  readonly frames: number;
}
export interface PackagedAudio extends Pick<AudioRendition, 'kind' | 'id' | 'codec' | 'bitrate' | 'language'> {
  readonly file: string;
}
export interface PackagedText extends Pick<TextRendition, 'kind' | 'id' | 'language'> {
  readonly file: string;
}
/** A rendition with the file that was made of it. */
export type PackageInput = PackagedVideo | PackagedAudio | PackagedText;

/** How a package is encrypted. */
export interface PackageKeys {
  readonly scheme: Exclude<Protection, 'none'>;
  /** Labels that the title has streams of. */
  readonly keys: readonly ContentKey[];
  readonly systems: readonly SystemData[];
  /** Initialisation vector of each rendition, hex. */
  readonly ivs: Readonly<Record<string, string>>;
}

/** Bytes of an initialisation vector: `cenc` counts up from 8, `cbcs` has one constant of 16 (ISO/IEC 23001-7). */
export const IV_BYTES = { cenc: 8, cbcs: 16 } as const;

/** Key that a rendition is encrypted with; null for text, which stays in the clear. */
export function labelOf(input: Pick<PackageInput, 'kind'> & { width?: number; height?: number }): KeyLabel | null {
  switch (input.kind) {
    case 'video':
      return videoKeyLabel(input.width!, input.height!);
    case 'audio':
      return 'AUDIO';
    case 'text':
      return null;
  }
}

/**
 * Descriptors of streams, for `runPackager`. Every rendition is one file of fragments; players ask for ranges of it.
 * @param folder that all but the two manifests lie in, relative
 * @param pathOf the input's path, without commas
 */
export function streamDescriptors(
  inputs: readonly PackageInput[],
  folder: string,
  pathOf: (input: PackageInput) => string,
): string[] {
  const taken = new Set<string>();
  return inputs.map((input) => {
    if (!SAFE.test(input.id)) throw new Error(`a rendition may not be called ${input.id}`);
    const out = `${folder}/${input.id}`;
    const fields: Record<string, string> = { in: pathOf(input), stream: input.kind };
    fields['out'] = `${out}.${input.kind === 'text' ? 'vtt' : 'mp4'}`;
    fields['playlist_name'] = `${out}.m3u8`;
    if (input.kind === 'video') fields['iframe_playlist_name'] = `${out}-iframes.m3u8`;
    else {
      // A group is what a player chooses a language from: all of one quality.
      const group = input.kind === 'text' ? 'text' : `${input.codec}-${Math.round(input.bitrate / 1000)}`;
      const language = knownLanguage(input.language);
      fields['hls_group_id'] = group;
      fields['hls_name'] = freeName(group, language ?? input.id, taken);
      if (language !== null) fields['lang'] = language;
    }
    // The label of a key is the rendition: renditions of one class share its key, and each counts from its own vector.
    // With a shared one, two renditions would be encrypted with the same key stream.
    if (labelOf(input) !== null) fields['drm_label'] = input.id;
    return Object.entries(fields)
      .map(([name, value]) => `${name}=${value}`)
      .join(',');
  });
}

/** What a descriptor and the name of a file may hold: a comma would begin another field. */
const SAFE = /^[\w.-]{1,100}$/;

/** A language as BCP 47 writes it; what a source says otherwise is not carried. */
function knownLanguage(language: string | null): string | null {
  return language !== null && language !== 'und' && /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/.test(language)
    ? language
    : null;
}

/** Names in a group are different (RFC 8216, section 4.3.4.1.1): a second `en` is `en 2`. */
function freeName(group: string, wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let number = 2; taken.has(`${group} ${name}`); number++) name = `${wanted} ${number}`;
  taken.add(`${group} ${name}`);
  return name;
}

/** The packager's option `keys`: secret. */
export function keyOption(inputs: readonly PackageInput[], { keys, ivs }: PackageKeys): string {
  return inputs
    .flatMap((input) => {
      const label = labelOf(input);
      if (label === null) return [];
      const key = keys.find((one) => one.label === label)!;
      return [`label=${input.id}:key_id=${key.keyId}:key=${key.key}:iv=${ivs[input.id]!}`];
    })
    .join(',');
}

/** Of each file that is read or written. With the packager's own 32 MiB the same work takes twice the CPU and the time. */
const IO_CACHE_BYTES = 1024 * 1024;

/** The other options of a package; none of them is secret. @param inputs the sound that is played unless somebody chooses first */
export function packageOptions(inputs: readonly PackageInput[], segmentS: number, keys: PackageKeys | null): string[] {
  const sound = inputs.find((input) => input.kind === 'audio');
  const language = sound === undefined ? null : knownLanguage(sound.language);
  return [
    `--segment_duration=${segmentS}`,
    `--mpd_output=${DASH_MANIFEST}`,
    `--hls_master_playlist_output=${HLS_MANIFEST}`,
    // Times of creation are zero: the same input gives the same bytes.
    '--use_fake_clock_for_muxer',
    '--temp_dir=.',
    ...(language === null ? [] : [`--default_language=${language}`]),
    `--io_cache_size=${IO_CACHE_BYTES}`,
    ...(keys === null ? [] : protectionOptions(keys)),
  ];
}

function protectionOptions({ scheme, keys, systems }: PackageKeys): string[] {
  const keyIds = keys.map(({ keyId }) => keyId);
  // What a DRM service wants stands in place of what we would write for its system.
  const own = [
    { system: COMMON_SYSTEM, pssh: commonPssh(keyIds) },
    { system: WIDEVINE_SYSTEM, pssh: widevinePssh(keyIds, scheme) },
  ].filter(({ system }) => !systems.some((other) => other.system === system));
  const boxes = Buffer.concat([...own, ...systems].map(({ pssh }) => pssh));
  return [
    '--enable_raw_key_encryption',
    `--protection_scheme=${scheme}`,
    '--clear_lead=0',
    `--pssh=${boxes.toString('hex')}`,
    ...(systems.some(({ system }) => system === PLAYREADY_SYSTEM) ? [] : ['--protection_systems=PlayReady']),
  ];
}

/** `SD 0001…`: what a person may know of the keys of a package. */
export function describeKeys(keys: readonly ContentKey[]): Record<string, string> {
  return Object.fromEntries(keys.map(({ label, keyId }) => [label, uuidText(keyId)]));
}
