// The items of a title and what each needs: encode → assemble → package → publish, with audio, text and thumbnails beside.

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

/** Renditions of a chunk that are encoded by one item: one each. */
function together(renditions: readonly VideoRendition[]): readonly (readonly VideoRendition[])[] {
  return renditions.map((rendition) => [rendition]);
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
    .map((video) => ({ video, costS: chunks.reduce((sum, chunk) => sum + encodeCost(chunk, video, source), 0) }))
    .toSorted((a, b) => b.costS - a.costS)
    .map(({ video }) => video);
  const encodes = together(byCost).flatMap((group) => chunks.map((chunk) => encodeItem(chunk, group, source)));
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
    costS: rounded(group.reduce((sum, rendition) => sum + encodeCost(chunk, rendition, source), 0)),
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
