// A package is read again before it counts: every file that a manifest names is there, every segment where an index says,
// every frame once, and encrypted with the key that it should be.

import { readFile, stat } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { readFragmentedFile, type FragmentedFile } from './fragmented-file.ts';
import { DASH_MANIFEST, HLS_MANIFEST, labelOf, type PackageInput, type PackageKeys } from './package-plan.ts';
import { namedPlaylists, readPlaylist, type Playlist } from './playlist.ts';
import { elementsOf, readXml, type XmlElement } from './xml-reader.ts';

/** Playlists count milliseconds: a segment's duration is rounded to one. */
const ROUNDING_S = 0.001;

/**
 * @param root folder of the manifests
 * @param folder of everything else, relative to it
 * @throws Error that says what is wrong with which file
 */
export async function checkPackage(
  root: string,
  folder: string,
  inputs: readonly PackageInput[],
  keys: PackageKeys | null,
): Promise<void> {
  const files = new Map<string, FragmentedFile>();
  for (const input of inputs) {
    if (input.kind === 'text') continue;
    const name = `${folder}/${input.id}.mp4`;
    const file = await named(name, () => readFragmentedFile(join(root, name)));
    checkFile(name, file, input, keys);
    files.set(name, file);
  }
  checkSameTimes(inputs, folder, files);
  await named(DASH_MANIFEST, () => checkDash(root, files));
  await named(HLS_MANIFEST, () => checkHls(root, files));
}

function checkFile(name: string, file: FragmentedFile, input: PackageInput, keys: PackageKeys | null): void {
  if (input.kind === 'video' && file.samples !== input.frames)
    throw new Error(`${name}: it has ${file.samples} frames where ${input.frames} went in`);
  const indexed = file.segments.reduce((sum, { duration }) => sum + duration, 0);
  if (input.kind === 'video' && indexed !== file.duration)
    throw new Error(`${name}: its index tells of ${indexed} ticks, its fragments of ${file.duration}`);
  const label = labelOf(input);
  const key = keys?.keys.find((one) => one.label === label);
  const { protection } = file;
  const wanted = key === undefined ? null : `${keys!.scheme} ${key.keyId}`;
  const found = protection === null ? null : `${protection.scheme} ${protection.keyId}`;
  if (wanted !== found)
    throw new Error(`${name}: it is protected by ${found ?? 'nothing'}, not by ${wanted ?? 'nothing'}`);
}

/** A player may change between any two renditions of video at any segment: all must be cut at the same frames. */
function checkSameTimes(
  inputs: readonly PackageInput[],
  folder: string,
  files: ReadonlyMap<string, FragmentedFile>,
): void {
  const videos = inputs.filter(({ kind }) => kind === 'video').map(({ id }) => `${folder}/${id}.mp4`);
  const cuts = (name: string) => {
    const { segments, timescale } = files.get(name)!;
    return segments.map(({ duration }) => duration / timescale);
  };
  const first = videos[0] === undefined ? [] : cuts(videos[0]);
  for (const name of videos.slice(1)) {
    const other = cuts(name);
    if (other.length !== first.length || other.some((seconds, i) => Math.abs(seconds - first[i]!) > ROUNDING_S))
      throw new Error(`${name}: its segments are not those of ${videos[0]}`);
  }
}

async function checkDash(root: string, files: ReadonlyMap<string, FragmentedFile>): Promise<void> {
  const mpd = readXml(await readFile(join(root, DASH_MANIFEST), 'utf8'));
  if (mpd.name !== 'MPD' || mpd.attributes['type'] !== 'static')
    throw new Error('it is no manifest of a finished title');
  const seen = new Set<string>();
  for (const set of elementsOf(mpd, 'AdaptationSet')) {
    for (const representation of elementsOf(set, 'Representation')) {
      const base = elementsOf(representation, 'BaseURL')[0]?.text;
      if (base === undefined) await checkSheets(root, set, secondsOf(mpd));
      else {
        const name = decodeURIComponent(base);
        seen.add(name);
        const file = files.get(name);
        if (file === undefined) await mustExist(root, name);
        else checkRanges(name, representation, file);
      }
    }
  }
  for (const name of files.keys()) if (!seen.has(name)) throw new Error(`it does not name ${name}`);
}

function checkRanges(name: string, representation: XmlElement, file: FragmentedFile): void {
  const index = elementsOf(representation, 'SegmentBase')[0]?.attributes['indexRange'];
  const header = elementsOf(representation, 'Initialization')[0]?.attributes['range'];
  if (index !== file.index.join('-') || header !== `0-${file.headerBytes - 1}`)
    throw new Error(`it says that the header and the index of ${name} are at ${header} and ${index}: they are not`);
}

async function checkSheets(root: string, set: XmlElement, seconds: number): Promise<void> {
  const { media, duration, timescale } = elementsOf(set, 'SegmentTemplate')[0]?.attributes ?? {};
  if (media === undefined) throw new Error('a representation has no file');
  const sheets = Math.ceil(seconds / (Number(duration) / Number(timescale)) - ROUNDING_S);
  for (let number = 1; number <= sheets; number++) await mustExist(root, media.replace('$Number$', String(number)));
}

/** `PT1H2M3.5S` in seconds. */
function secondsOf(mpd: XmlElement): number {
  const text = mpd.attributes['mediaPresentationDuration'] ?? '';
  const [, hours = 0, minutes = 0, seconds = 0] = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?$/.exec(text) ?? [];
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

async function checkHls(root: string, files: ReadonlyMap<string, FragmentedFile>): Promise<void> {
  const seen = new Set<string>();
  for (const name of new Set(namedPlaylists(await readFile(join(root, HLS_MANIFEST), 'utf8')))) {
    await named(name, async () => {
      const text = await readFile(join(root, name), 'utf8');
      const playlist = readPlaylist(text);
      if (!playlist.ended || playlist.segments.length === 0) throw new Error('it is empty or has no end');
      const pictures = text.includes('#EXT-X-I-FRAMES-ONLY');
      for (const uri of new Set(playlist.segments.map((segment) => segment.uri))) {
        const path = normalize(join(dirname(name), uri));
        const file = files.get(path);
        if (file === undefined) await mustExist(root, path);
        else {
          checkSegments(playlist, file, pictures);
          seen.add(path);
        }
      }
    });
  }
  for (const name of files.keys()) if (!seen.has(name)) throw new Error(`it does not lead to ${name}`);
}

function checkSegments(playlist: Playlist, file: FragmentedFile, pictures: boolean): void {
  if (playlist.map?.bytes !== file.headerBytes) throw new Error('its header is not that of the file');
  if (pictures) {
    for (const { range } of playlist.segments)
      if (range === null || range.offset + range.bytes > file.bytes)
        throw new Error('a picture lies outside of the file');
    return;
  }
  if (playlist.segments.length !== file.segments.length)
    throw new Error(`it has ${playlist.segments.length} segments, the file ${file.segments.length}`);
  for (const [i, { range, seconds }] of playlist.segments.entries()) {
    const { offset, bytes, duration } = file.segments[i]!;
    if (range?.offset !== offset || range.bytes !== bytes || Math.abs(seconds - duration / file.timescale) > ROUNDING_S)
      throw new Error(`its segment ${i + 1} is not that of the file`);
  }
}

async function mustExist(root: string, name: string): Promise<void> {
  const found = await stat(join(root, name)).catch(() => null);
  if (found === null || !found.isFile() || found.size === 0) throw new Error(`it names ${name}, which is not there`);
}

async function named<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new Error(`${name}: ${(cause as Error).message}`, { cause });
  }
}
