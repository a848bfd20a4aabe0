// Thumbnails for seeking and a poster: those that a check kept, else decoded in a child of ours that is watched.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckedSource } from '#core/source-check';
import { webvttFile } from '../text/webvtt-file.ts';
import { runWatched } from '../watched-child.ts';
import { takeKeptPictures } from './kept-pictures.ts';
import type { ThumbnailJob, ThumbnailMessage } from './thumbnail-messages.ts';
import {
  POSTER_NAME,
  choosePictures,
  intervalS,
  pictureShape,
  placeOf,
  sheetGrid,
  sheetNames,
  type Size,
} from './thumbnail-plan.ts';

const STALL_MS = 60_000;
const TIMEOUT_MS = 12 * 3_600_000;

export interface MadeThumbnails {
  /** Names in the folder: what the WebVTT file calls them by. */
  readonly vtt: string;
  readonly sheets: readonly string[];
  readonly poster: string;
  readonly facts: ThumbnailFacts;
  /** CPU seconds. */
  readonly cpuS: number;
}

export interface ThumbnailFacts {
  readonly pictures: number;
  /** Seconds that a picture stands for. */
  readonly intervalS: number;
  /** Of a picture, and of the first sheet in pictures; the last sheet may have fewer rows. */
  readonly tile: Size & { readonly columns: number; readonly rows: number };
  readonly poster: Size & { readonly frame: number };
  /** Frames that were decoded for them; 0 where a check had kept them. */
  readonly decodedFrames: number;
}

export interface ThumbnailOptions {
  /** Folder in which a check of the source kept its pictures; where they are not there, whole and right, all are decoded again. */
  readonly kept?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (share: number) => void;
}

/**
 * Writes `thumbnails.vtt`, `thumbnails-1.jpg` … and `poster.jpg` into a folder: the same bytes from kept pictures and from
 * decoded ones.
 * @param durationS of the video
 * @throws Error where pictures can't be decoded or written
 */
export async function makeThumbnails(
  source: string,
  checked: Pick<CheckedSource, 'info' | 'frames'>,
  durationS: number,
  folder: string,
  options: ThumbnailOptions = {},
): Promise<MadeThumbnails> {
  options.signal?.throwIfAborted();
  const { video } = checked.info;
  const pictures = choosePictures(checked, durationS);
  const shape = pictureShape(video);
  const { tile } = shape;
  const kept = options.kept === undefined ? null : await takeKeptPictures(options.kept, folder, checked, durationS);
  const made = kept ?? (await decode({ source, stream: video.index, pictures, shape, folder }, options));
  const sheets = sheetNames(pictures.length);
  const vtt = 'thumbnails.vtt';
  const interval = intervalS(durationS);
  const cues = pictures.map((_, index) => {
    const { sheet, x, y } = placeOf(index, tile);
    return {
      startMs: index * interval * 1000,
      endMs: Math.round(Math.min(durationS, (index + 1) * interval) * 1000),
      text: `${sheets[sheet]}#xywh=${x},${y},${tile.width},${tile.height}`,
      settings: '',
    };
  });
  await writeFile(join(folder, vtt), webvttFile(cues));
  return {
    vtt,
    sheets,
    poster: POSTER_NAME,
    facts: {
      pictures: pictures.length,
      intervalS: interval,
      tile: { ...tile, ...sheetGrid(0, pictures.length) },
      poster: { ...shape.poster, frame: made.posterFrame },
      decodedFrames: made.decodedFrames,
    },
    cpuS: made.cpuS,
  };
}

async function decode(
  job: ThumbnailJob,
  options: ThumbnailOptions,
): Promise<Extract<ThumbnailMessage, { kind: 'made' }>> {
  const answers: Exclude<ThumbnailMessage, { kind: 'progress' }>[] = [];
  const { child, stopped, fault } = await runWatched(import.meta.url, './thumbnail-child', job, {
    stallMs: STALL_MS,
    timeoutMs: TIMEOUT_MS,
    signal: options.signal,
    onMessage: (raw) => {
      const message = raw as unknown as ThumbnailMessage;
      if (message.kind === 'progress') options.onProgress?.(message.share);
      else if (message.kind === 'made' || message.kind === 'failed') answers.push(message);
    },
  });
  options.signal?.throwIfAborted();
  const answer = answers[0];
  if (answer?.kind === 'made') return answer;
  const why = answer?.what ?? stopped ?? fault ?? child.signal ?? `exit status ${child.code}`;
  throw new Error(`no thumbnails were made of ${job.source}: ${why} ${child.stderr.trim().slice(-500)}`.trim());
}
