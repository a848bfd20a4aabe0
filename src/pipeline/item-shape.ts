// What is known of an item before it is done, for its shape and for whoever predicts it; and its shape, kept when it ends.

import type { LeasedItem } from '#core/queue';
import { joinWords, type WorkFeatures } from '#core/shape';
import type { SourceInfo } from '#core/source';
import type { AudioRendition, Chunk, ItemResult, PlannedItem, Rendition, TitlePlan, VideoRendition } from '#core/title';
import type { ItemRuns } from '#run/item-runs';
import type { ItemShape } from '#run/item-shape';
import { bitDepthOf, engineName, presetOf, rateOf, sourceFeatures } from '#run/work-features';
import { outputWords, type OutputWords } from './output-words.ts';

export interface ItemToDescribe {
  readonly plan: TitlePlan;
  readonly info: SourceInfo;
  readonly item: Pick<PlannedItem, 'kind' | 'chunk' | 'renditions'>;
  /** Of the encoder. */
  readonly threads: number;
  /** As `machineName` calls it. */
  readonly machine: string;
}

/** Of an item that its title's plan has. */
export function itemFeatures({ plan, info, item, threads, machine }: ItemToDescribe): WorkFeatures {
  const { kind } = item;
  // A packager takes all that there is, and a publisher too.
  const renditions = plan.renditions.filter(({ id }) => item.renditions.length === 0 || item.renditions.includes(id));
  const chunk = item.chunk === null ? undefined : plan.chunks[item.chunk];
  const whole = sourceOnly(kind, info, machine);
  const ofWhole = { ...whole, ...activity(plan.chunks), frames: plan.source.frames, outputs: renditions.length };
  const videos = renditions.filter((each): each is VideoRendition => each.kind === 'video');
  const largest = videos.toSorted((a, b) => b.width * b.height - a.width * a.height)[0];
  if (largest === undefined) return { ...ofWhole, ...soundOf(renditions) };
  const made = { ...ofWhole, ...pictureOf(largest, videos) };
  if (kind !== 'encode') return made;
  const { settings } = largest;
  const words = outputWords(videos.map(wordsOf));
  return {
    ...made,
    ...words,
    ...(chunk === undefined ? {} : { ...activity([chunk]), frames: framesOf(chunk) }),
    sourceFrameBytes: chunk === undefined ? whole.sourceFrameBytes : chunk.sourceBytes / framesOf(chunk),
    rateValue: isSameRate(words, largest) ? rateOf(settings).rateValue : null,
    bitDepth: bitDepthOf(String(settings['pix_fmt'] ?? info.video.pixelFormat)),
    passes: largest.passes,
    threads,
  };
}

/** Of an item that works on a source of which there is no plan yet: nulls where nothing is known of that either. */
export function sourceOnly(kind: string, info: SourceInfo | null, machine: string): WorkFeatures {
  return {
    ...sourceFeatures(info),
    kind,
    codec: null,
    encoder: null,
    engine: null,
    preset: null,
    rateControl: null,
    rateValue: null,
    width: null,
    height: null,
    outputs: 0,
    outputPixels: null,
    frameRate: info === null ? null : info.video.averageFrameRate,
    frames: info?.video.frames ?? null,
    bitDepth: info?.video.bitDepth ?? null,
    passes: 1,
    spatial: null,
    temporal: null,
    threads: null,
    machine,
  };
}

/**
 * Does an item, counts what its processes use, and keeps its shape; one that is broken off leaves none.
 * @param known what is known of it; asked at the end, when an inspected source is known too
 */
export async function withShape<Done extends { readonly result: Pick<ItemResult, 'cpuS' | 'checkCpuS'> }>(
  runs: ItemRuns,
  { item }: LeasedItem,
  signal: AbortSignal,
  known: () => Promise<{ readonly features: WorkFeatures; readonly source: string | null }>,
  work: (shape: ItemShape) => Promise<Done>,
): Promise<Done> {
  const shape = await runs.shape({ title: item.title, item: item.key });
  const done = await shape
    .count(() => work(shape))
    .catch(async (error: Error) => {
      await shape.end(signal.aborted ? null : { ...(await known()), outcome: 'failed', toldCpuS: null });
      throw error;
    });
  const { cpuS, checkCpuS } = done.result;
  const toldCpuS = cpuS === null ? null : cpuS + (checkCpuS ?? 0);
  await shape.end({ ...(await known()), outcome: 'ok', toldCpuS });
  return done;
}

function pictureOf(
  { width, height }: VideoRendition,
  all: readonly VideoRendition[],
): Pick<WorkFeatures, 'codec' | 'width' | 'height' | 'outputPixels'> {
  return {
    codec: joinWords(all.map(({ codec }) => codec).toSorted()),
    width,
    height,
    outputPixels: all.reduce((sum, each) => sum + each.width * each.height, 0),
  };
}

function wordsOf({ codec, settings }: VideoRendition): OutputWords {
  return {
    codec,
    encoder: settings['encoder'] === undefined ? null : String(settings['encoder']),
    engine: engineName(String(settings['engine'] ?? 'bundled')),
    preset: presetOf(settings),
    rateControl: rateOf(settings).rateControl,
  };
}

/** Steps of quality mean something of one encoder only. */
function isSameRate(words: OutputWords, output: VideoRendition): boolean {
  const { encoder, rateControl } = wordsOf(output);
  return words.encoder === encoder && words.rateControl === rateControl;
}

function soundOf(renditions: readonly Rendition[]): Partial<WorkFeatures> {
  const sound = renditions.find((each): each is AudioRendition => each.kind === 'audio');
  return sound === undefined ? {} : { codec: sound.codec, rateControl: 'bitrate', rateValue: sound.bitrate };
}

/** Means over all frames of these chunks. */
function activity(chunks: readonly Chunk[]): Pick<WorkFeatures, 'spatial' | 'temporal'> {
  const frames = chunks.reduce((sum, chunk) => sum + framesOf(chunk), 0);
  if (frames === 0) return { spatial: null, temporal: null };
  const mean = (of: (chunk: Chunk) => number) =>
    chunks.reduce((sum, chunk) => sum + of(chunk) * framesOf(chunk), 0) / frames;
  return { spatial: mean((chunk) => chunk.spatial), temporal: mean((chunk) => chunk.temporal) };
}

function framesOf({ first, last }: Chunk): number {
  return last - first + 1;
}
