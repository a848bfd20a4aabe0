// What is mended and added in the manifests that the packager wrote.

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { escapeXml } from './xml-reader.ts';
import { DASH_MANIFEST, HLS_MANIFEST } from './package-plan.ts';

/** Sheets of small pictures, each of the same time, for a player's seek bar. */
export interface ThumbnailSheets {
  /** Names of the sheets in the package's folder: a prefix, a number from 1, an ending. */
  readonly prefix: string;
  readonly ending: string;
  readonly columns: number;
  readonly rows: number;
  /** Pixels of one picture. */
  readonly width: number;
  readonly height: number;
  /** Seconds between pictures. */
  readonly everyS: number;
  readonly sheets: number;
  /** Bytes of all sheets. */
  readonly bytes: number;
}

/**
 * Mends both manifests of a package and its playlists in place.
 * @param root folder of the manifests
 * @param folder of everything else, relative to it
 */
export async function finishManifests(root: string, folder: string, thumbnails: ThumbnailSheets | null): Promise<void> {
  await rewrite(join(root, DASH_MANIFEST), (text) => finishDash(text, folder, thumbnails));
  for (const name of await readdir(join(root, folder)))
    if (name.endsWith('.m3u8')) await rewrite(join(root, folder, name), finishPlaylist);
  if (thumbnails === null) return;
  const list = 'thumbnails.m3u8';
  await writeFile(join(root, folder, list), imagePlaylist(thumbnails));
  await rewrite(
    join(root, HLS_MANIFEST),
    (text) => `${text.trimEnd()}\n\n${imageStream(thumbnails, `${folder}/${list}`)}\n`,
  );
}

function finishDash(text: string, folder: string, thumbnails: ThumbnailSheets | null): string {
  // The packager escapes the slash, which not every server takes for one.
  const mended = mendSwitching(text.replaceAll(`<BaseURL>${folder}%2F`, `<BaseURL>${folder}/`));
  if (thumbnails === null) return mended;
  return mended.replace(/\n {2}<\/Period>/, `\n${imageSet(thumbnails, folder)}  </Period>`);
}

const SET = /<AdaptationSet id="(\d+)"[^]*?<\/AdaptationSet>/g;
const SWITCHING = /( schemeIdUri="urn:mpeg:dash:adaptation-set-switching:2016" value=")[^"]*"/;

/**
 * Renditions of one codec with keys of their own stand in sets of their own, between which a player may switch. The packager
 * numbers sets in the order in which its threads come, and names those numbers here, though it writes others.
 */
function mendSwitching(text: string): string {
  const codecs = new Map<string, string[]>();
  for (const [set, id] of text.matchAll(SET))
    if (SWITCHING.test(set)) codecs.set(codecOf(set), [...(codecs.get(codecOf(set)) ?? []), id!]);
  return text.replaceAll(SET, (set: string, id: string) =>
    set.replace(SWITCHING, (_, before: string) => {
      const others = codecs.get(codecOf(set))!.filter((other) => other !== id);
      return `${before}${others.join(',')}"`;
    }),
  );
}

/** `avc1`, and the language: what a player may not change in the middle. */
function codecOf(set: string): string {
  return `${/codecs="([^."]+)/.exec(set)?.[1]} ${/ lang="([^"]*)"/.exec(set)?.[1]}`;
}

/** Tiles as DASH-IF's interoperability points have them (version 4.3, section 6.2.6). */
function imageSet(sheets: ThumbnailSheets, folder: string): string {
  const { columns, rows, width, height, everyS, prefix, ending, bytes } = sheets;
  const sheetS = columns * rows * everyS;
  const bandwidth = Math.ceil((bytes * 8) / (sheets.sheets * sheetS));
  return `    <AdaptationSet mimeType="image/jpeg" contentType="image">
      <SegmentTemplate media="${escapeXml(`${folder}/${prefix}`)}$Number$${escapeXml(ending)}" duration="${ticks(sheetS)}" timescale="${TICKS}" startNumber="1"/>
      <Representation id="thumbnails" bandwidth="${bandwidth}" width="${width * columns}" height="${height * rows}">
        <EssentialProperty schemeIdUri="http://dashif.org/guidelines/thumbnail_tile" value="${columns}x${rows}"/>
      </Representation>
    </AdaptationSet>
`;
}

/** Ticks of a second in the manifest's set of images. */
const TICKS = 1000;
const ticks = (seconds: number) => Math.round(seconds * TICKS);

/** Images as Roku proposed them for HLS; hls.js and Apple's players pass over them. */
function imageStream({ columns, rows, width, height, everyS, bytes, sheets }: ThumbnailSheets, uri: string): string {
  const bandwidth = Math.ceil((bytes * 8) / (sheets * columns * rows * everyS));
  return `#EXT-X-IMAGE-STREAM-INF:BANDWIDTH=${bandwidth},RESOLUTION=${width}x${height},CODECS="jpeg",URI="${uri}"`;
}

function imagePlaylist({ columns, rows, width, height, everyS, prefix, ending, sheets }: ThumbnailSheets): string {
  const sheetS = columns * rows * everyS;
  const tiles = `#EXT-X-TILES:RESOLUTION=${width}x${height},LAYOUT=${columns}x${rows},DURATION=${everyS}`;
  const lines = Array.from({ length: sheets }, (_, i) => [
    `#EXTINF:${sheetS.toFixed(3)},`,
    tiles,
    `${prefix}${i + 1}${ending}`,
  ]);
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${Math.ceil(sheetS)}`,
    '#EXT-X-PLAYLIST-TYPE:VOD',
    '#EXT-X-IMAGES-ONLY',
    ...lines.flat(),
    '#EXT-X-ENDLIST\n',
  ].join('\n');
}

/**
 * Says how long the longest segment really is: the packager writes more than it asked for. And what names the id of a key is
 * told as ClearKey's, as hls.js has it: under `identity` players take it for the key itself (RFC 8216, section 4.3.2.4).
 */
function finishPlaylist(text: string): string {
  const seconds = [...text.matchAll(/^#EXTINF:([\d.]+)/gm)].map(([, value]) => Number(value));
  const longest = Math.max(1, Math.round(Math.max(0, ...seconds)));
  return text
    .replace(/^#EXT-X-TARGETDURATION:\d+$/m, `#EXT-X-TARGETDURATION:${longest}`)
    .replaceAll(/^(#EXT-X-KEY:.*KEYFORMAT=)"identity"$/gm, '$1"org.w3.clearkey"');
}

async function rewrite(path: string, change: (text: string) => string): Promise<void> {
  await writeFile(path, change(await readFile(path, 'utf8')));
}
