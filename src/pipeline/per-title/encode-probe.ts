// A probe for real: pieces of the source are encoded as a rung would be, and compared with the source at its own size.

import { mkdir, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { EncoderInfo } from '#core/encoder';
import { BUNDLED_ENGINE } from '#core/engine';
import type { Settings } from '#core/settings';
import type { CheckedSource } from '#core/source-check';
import type { Ladder, VideoRendition } from '#core/title';
import { UserError, type Problem } from '#core/user-error';
import { ROTATIONS } from '#media/chunk/chunk-job';
import { chunkRange } from '#media/chunk/chunk-range';
import { startChunk } from '#media/chunk/start-chunk';
import type { EncodeParameters } from '#media/encode-job';
import { measureQuality } from '#media/quality/measure-quality';
import { fitInto, shownSize } from '../plan/picture-fit.ts';
import { videoRenditions } from '../plan/video-renditions.ts';
import { gopFrames } from '../plan-title.ts';
import { renditionParameters } from '../rung-parameters.ts';
import type { RunProbe } from './find-rungs.ts';
import type { Piece } from './probe-pieces.ts';

export interface ProbeContext {
  readonly checked: CheckedSource;
  /** Absolute path of the source, or `lavfi:GRAPH`. */
  readonly source: string;
  readonly ladder: Ladder;
  readonly encoders: readonly EncoderInfo[];
  /** Folder for the pieces, which somebody else removes. */
  readonly folder: string;
  readonly cacheFolder: string;
  readonly signal: AbortSignal;
}

/** Pieces that are encoded at once: each with one thread, in some hundred MB. */
const MAX_AT_ONCE = 4;
/** Pictures without any difference have no finite value; nobody sees one from here on. */
const BEST_QUALITY = 100;

/** What one piece adds to the whole. */
interface Measured {
  readonly bytes: number;
  readonly seconds: number;
  readonly quality: number;
  readonly frames: number;
}

/** Probes with the title's own engine, one thread for each encode, so that the same source gives the same answers. */
export function encodeProbe(context: ProbeContext): RunProbe {
  const references = new Map<string, Promise<string>>();
  return async (rung, pieces) => {
    const parameters = parametersOf(rung, context);
    await mkdir(context.folder, { recursive: true });
    const waiting = [...pieces.entries()];
    const measured: Measured[] = [];
    const work = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        measured[next[0]] = await measurePiece(next[1], parameters, context, references);
    };
    const workers = Math.min(MAX_AT_ONCE, availableParallelism(), pieces.length);
    await Promise.all(Array.from({ length: workers }, work));
    const sum = (value: (piece: Measured) => number) => measured.reduce((all, piece) => all + value(piece), 0);
    return {
      rate: (8 * sum(({ bytes }) => bytes)) / sum(({ seconds }) => seconds),
      quality: sum(({ quality, frames }) => quality * frames) / sum(({ frames }) => frames),
    };
  };
}

function parametersOf(rung: Settings, { checked, ladder, encoders }: ProbeContext): EncodeParameters {
  const problems: Problem[] = [];
  const notes: string[] = [];
  const gop = gopFrames(ladder.gopS, checked.info.video);
  const [rendition] = videoRenditions(checked.info, { ...ladder, rungs: [rung] }, gop, encoders, { problems, notes });
  if (problems.length > 0) throw new UserError(problems);
  return renditionParameters(
    { ladder, source: { stream: checked.info.video.index } },
    rendition as VideoRendition,
    checked.info,
    encoders,
    1,
  );
}

async function measurePiece(
  piece: Piece,
  parameters: EncodeParameters,
  context: ProbeContext,
  references: Map<string, Promise<string>>,
): Promise<Measured> {
  const name = `${piece[0]}-${parameters.pixelFormat}`;
  let reference = references.get(name);
  if (reference === undefined) {
    const file = join(context.folder, `${name}-source.mp4`);
    references.set(
      name,
      (reference = encodePiece(piece, lossless(parameters, context), file, context).then(() => file)),
    );
  }
  const source = await reference;
  const output = join(context.folder, `${name}.mp4`);
  try {
    const bytes = await encodePiece(piece, parameters, output, context);
    const quality = await qualityOf(source, output, parameters, context.signal);
    return { bytes, seconds: secondsOf(piece, context.checked), frames: piece[1] - piece[0] + 1, quality };
  } finally {
    await rm(output, { force: true });
  }
}

/** The source's pictures as they are, at the size in which they are shown: compared with again and again. */
function lossless(parameters: EncodeParameters, { checked }: ProbeContext): EncodeParameters {
  const shown = shownSize(checked.info.video);
  const { width, height } = fitInto(shown, shown);
  const options = { preset: 'ultrafast', qp: '0' };
  return { ...parameters, width, height, engine: BUNDLED_ENGINE, encoder: 'libx264', bitrate: null, options };
}

/** Returns the bytes of its pictures. @throws Error where it does not end well */
async function encodePiece(
  [first, last]: Piece,
  parameters: EncodeParameters,
  output: string,
  { checked, source, cacheFolder, signal }: ProbeContext,
): Promise<number> {
  const { video } = checked.info;
  const gop = parameters.gop ?? last - first + 1;
  const keyframes: number[] = [];
  for (let frame = 0; frame <= last - first; frame += gop) keyframes.push(frame);
  const ignore = () => undefined;
  const running = startChunk(
    {
      source,
      sourceStream: video.index,
      timeBase: video.timeBase,
      rotation: ROTATIONS.find((turn) => turn === ((video.rotation % 360) + 360) % 360) ?? 0,
      engine: parameters.engine,
      range: chunkRange({ first, last }, checked),
      outputs: [{ parameters, passes: 1, keyframes, output, stream: 'probe' }],
    },
    [{ frames: ignore, steps: ignore, phase: ignore, progress: ignore }],
    { signal, cacheFolder },
  );
  if ((await running.ready) !== null) running.begin();
  const { outcome, reason, outputs, logTail } = await running.result;
  signal.throwIfAborted();
  if (outcome !== 'ok') throw new Error(`the probe of frames ${first} to ${last} fails: ${reason}\n${logTail}`);
  return outputs[0]!.bytes;
}

/** Mean XPSNR of the frames, decibels. */
async function qualityOf(
  source: string,
  output: string,
  { frameRate, variableFrameRate, timeBase }: EncodeParameters,
  signal: AbortSignal,
): Promise<number> {
  let sum = 0;
  let count = 0;
  const result = await measureQuality(
    {
      source,
      output,
      timing: {
        frames: null,
        frameRate,
        variableFrameRate,
        timeBase,
        sourceRate: variableFrameRate ? null : frameRate,
        sourceStream: null,
      },
      metrics: ['xpsnr'],
      vmaf: null,
      pictures: null,
    },
    {
      scores: ({ metric, value }) => {
        if (metric !== 'xpsnr') return;
        for (const each of value) {
          sum += Math.min(each, BEST_QUALITY);
          count++;
        }
      },
      progress: () => undefined,
    },
    { signal },
  );
  signal.throwIfAborted();
  if (!result.ok) throw new Error(`a probe can't be compared with its source: ${result.reason}`);
  if (count === 0) throw new Error(`a probe has no XPSNR: ${result.absent.join('; ')}`);
  return sum / count;
}

function secondsOf([first, last]: Piece, { frames, info }: CheckedSource): number {
  const { num, den } = info.video.timeBase;
  const { pts, duration } = frames;
  const mean = info.video.duration / pts.length;
  const own = duration[last]! > 0 ? (duration[last]! * num) / den : mean;
  const ticks = last + 1 < pts.length ? pts[last + 1]! - pts[first]! : pts[last]! - pts[first]!;
  return (ticks * num) / den + (last + 1 < pts.length ? 0 : own);
}
