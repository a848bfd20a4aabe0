// The items of a title and what each needs: encode → assemble → package → publish, with audio, text and thumbnails beside.

import { BUNDLED_ENGINE } from '#core/engine';
import type { VideoStreamInfo } from '#core/source';
import type { Chunk, Ladder, PlannedItem, Rendition, VideoRendition } from '#core/title';
import {
  ASSEMBLE_COST_PER_FRAME,
  AUDIO_COST_PER_S,
  encodeCost,
  rounded,
  THUMBNAIL_NS_PER_PIXEL,
} from './encode-cost.ts';

/** Digits of a chunk's number in a key, so that keys sort as chunks do. */
const CHUNK_DIGITS = 5;

/** Items below which a machine of a few cores could not be kept busy. */
const MIN_ENCODES = 4;

/**
 * Renditions of a chunk that one item encodes: decoding and scaling once for all of them takes 0.41 of the CPU seconds of
 * one item each (x264 veryfast, four rungs of a 1080p source) to 0.74 (VP9). A title of very few chunks is split more finely.
 * @param renditions dearest first
 */
function together(renditions: readonly VideoRendition[], chunks: number): readonly (readonly VideoRendition[])[] {
  const byEngine = [
    ...Map.groupBy(renditions, ({ settings }) => String(settings['engine'] ?? BUNDLED_ENGINE)).values(),
  ];
  const groups = Math.ceil(MIN_ENCODES / (chunks * byEngine.length));
  return byEngine.flatMap((ofEngine) => dealt(ofEngine, Math.min(groups, ofEngine.length)));
}

/** Dealt out like cards, so that each group has dear and cheap ones. */
function dealt(renditions: readonly VideoRendition[], groups: number): VideoRendition[][] {
  return Array.from({ length: groups }, (_, group) => renditions.filter((_rendition, i) => i % groups === group));
}

/** In the order in which they are best taken: long ones that nothing can shorten first, then dear renditions before cheap ones. */
export function planItems(
  chunks: readonly Chunk[],
  renditions: readonly Rendition[],
  source: VideoStreamInfo,
  { protection, alsoClear = false }: Pick<Ladder, 'protection' | 'alsoClear'>,
): PlannedItem[] {
  const videos = renditions.filter((rendition) => rendition.kind === 'video');
  const beside = renditions.filter((rendition) => rendition.kind !== 'video').map((each) => besideItem(each, source));
  const thumbnails: PlannedItem = {
    key: 'thumbnails',
    kind: 'thumbnails',
    needs: [],
    chunk: null,
    renditions: [],
    costS: rounded((source.frames * source.width * source.height * THUMBNAIL_NS_PER_PIXEL) / 1e9),
  };
  const byCost = videos
    .map((video) => ({ video, costS: chunks.reduce((sum, chunk) => sum + encodeCost(chunk, [video], source), 0) }))
    .toSorted((a, b) => b.costS - a.costS)
    .map(({ video }) => video);
  const encodes = together(byCost, chunks.length).flatMap((group) =>
    chunks.map((chunk) => encodeItem(chunk, group, source)),
  );
  const assembles = videos.map((video) => assembleItem(video, encodes, source));
  const parts = [...assembles, ...beside, thumbnails];
  const all = renditions.map(({ id }) => id);
  return [
    ...beside,
    thumbnails,
    ...encodes,
    ...assembles,
    ...publishing('', parts, all),
    ...(alsoClear && protection !== 'none' ? publishing('/none', parts, all) : []),
  ];
}

/** @param variant `/none` for the clear one of a protected title, empty for the title as its ladder says */
function publishing(variant: string, parts: readonly PlannedItem[], renditions: readonly string[]): PlannedItem[] {
  const packaged = `package${variant}`;
  const item = { chunk: null, renditions, costS: null };
  return [
    { key: packaged, kind: 'package', needs: parts.map(({ key }) => key), ...item },
    { key: `publish${variant}`, kind: 'publish', needs: [packaged], ...item },
  ];
}

function encodeItem(chunk: Chunk, group: readonly VideoRendition[], source: VideoStreamInfo): PlannedItem {
  const ids = group.map(({ id }) => id);
  return {
    key: `encode/${String(chunk.index).padStart(CHUNK_DIGITS, '0')}/${ids.join('+')}`,
    kind: 'encode',
    needs: [],
    chunk: chunk.index,
    renditions: ids,
    costS: encodeCost(chunk, group, source),
  };
}

function assembleItem({ id }: VideoRendition, encodes: readonly PlannedItem[], source: VideoStreamInfo): PlannedItem {
  return {
    key: `assemble/${id}`,
    kind: 'assemble',
    needs: encodes.filter(({ renditions }) => renditions.includes(id)).map(({ key }) => key),
    chunk: null,
    renditions: [id],
    costS: rounded(source.frames * ASSEMBLE_COST_PER_FRAME),
  };
}

function besideItem(rendition: Exclude<Rendition, VideoRendition>, source: VideoStreamInfo): PlannedItem {
  return {
    key: `${rendition.kind}/${rendition.id}`,
    kind: rendition.kind,
    needs: [],
    chunk: null,
    renditions: [rendition.id],
    costS: rendition.kind === 'audio' ? rounded(source.duration * AUDIO_COST_PER_S) : null,
  };
}
