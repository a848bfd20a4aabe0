// The child that decodes a source into a file of plain pictures, as an encode would take them in.

import { closeSync, openSync, writevSync } from 'node:fs';
import { Frame, Log, avGetPixFmtFromName } from 'node-av/lib';
import { AVCHROMA_LOC_LEFT, AVCHROMA_LOC_TOPLEFT, AVCOL_RANGE_JPEG, AV_LOG_WARNING } from 'node-av/constants';
import { EncodeFailure } from '../bundled/encode-failure.ts';
import { FramePacer } from '../bundled/frame-pacer.ts';
import { PictureScaler } from '../bundled/picture-scaler.ts';
import { SourceFrames } from '../bundled/source-frames.ts';
import { readJob } from '../channel/job.ts';
import { ChannelWriter } from '../channel/writer.ts';
import type { EncodeParameters } from '../encode-job.ts';
import { FRAME_LINE, pictureBytes, y4mHeader } from './y4m.ts';

export interface PictureJob {
  readonly source: string;
  readonly picture: EncodeParameters;
  /** True for YUV4MPEG2, false for the pictures alone. */
  readonly headers: boolean;
  readonly path: string;
  /** More than were expected are refused: the disk was looked at for so many. */
  readonly maxFrames: number;
}

export type PictureMessage =
  | { readonly kind: 'progress'; readonly frames: number }
  | { readonly kind: 'end'; readonly frames: number; readonly problem: string | null };

const PROGRESS_MS = 250;
const channel = new ChannelWriter();
const send = (message: PictureMessage) => channel.json(message);

function main(): void {
  const job = readJob<PictureJob>();
  Log.setLevel(AV_LOG_WARNING);
  const writer = new PictureWriter(job);
  let problem: string | null = null;
  try {
    decode(job, writer);
  } catch (error) {
    if (error instanceof EncodeFailure) problem = error.message;
    else if ((error as NodeJS.ErrnoException).code === 'ENOSPC') problem = 'the disk is full';
    else throw error;
  }
  writer.close();
  send({ kind: 'end', frames: writer.frames, problem });
}

/** The frames that are asked for, at the rate that is asked for: each source frame for as long as it is the nearest one. */
function decode({ source: path, picture }: PictureJob, writer: PictureWriter): void {
  const source = new SourceFrames(path, picture.sourceStream);
  const [first, last] = picture.frames ?? [0, Infinity];
  const { timeBase, avgFrameRate } = source.stream;
  const { sourceRate, frameRate } = picture;
  const pacer =
    sourceRate === null
      ? new FramePacer(timeBase, frameRate, avgFrameRate)
      : new FramePacer({ num: sourceRate.den, den: sourceRate.num }, frameRate, sourceRate);
  let [newest, shown] = [allocated(), allocated()];
  let lasts = 0;
  while (source.frame < last && source.next(newest)) {
    if (source.frame >= first && source.frame <= last) {
      if (picture.variableFrameRate) writer.write(newest, 1);
      else {
        const count = pacer.next(sourceRate === null ? source.ticks : source.frame);
        lasts = sourceRate === null ? source.duration : 1;
        writer.write(shown, count);
      }
      [newest, shown] = [shown, newest];
    }
    newest.unref();
  }
  if (!picture.variableFrameRate) writer.write(shown, pacer.end(lasts));
  if (writer.frames === 0) throw new EncodeFailure('the source holds none of the frames that are asked for');
  newest.free();
  shown.free();
  source.close();
}

class PictureWriter {
  readonly #job: PictureJob;
  readonly #scaler: PictureScaler;
  readonly #file: number;
  readonly #bytes: number;
  readonly #line = Buffer.from(FRAME_LINE);
  #toldMs = 0;
  frames = 0;

  constructor(job: PictureJob) {
    const { width, height, pixelFormat } = job.picture;
    this.#job = job;
    this.#scaler = new PictureScaler(width, height, avGetPixFmtFromName(pixelFormat));
    this.#bytes = pictureBytes(width, height, pixelFormat);
    this.#file = openSync(job.path, 'wx', 0o600);
  }

  write(frame: Frame, count: number): void {
    if (count === 0) return;
    const picture = this.#scaler.needs(frame) ? this.#scaler.scale(frame) : frame;
    if (this.frames === 0 && this.#job.headers) this.#put([Buffer.from(headerOf(picture, this.#job.picture))]);
    const data = picture.toBuffer();
    if (data.length !== this.#bytes)
      throw new EncodeFailure(`a picture has ${data.length} bytes, and ${this.#bytes} were expected`);
    if (this.frames + count > this.#job.maxFrames)
      throw new EncodeFailure(`the source has more than the ${this.#job.maxFrames} frames that were expected`);
    for (let i = 0; i < count; i++) this.#put(this.#job.headers ? [this.#line, data] : [data]);
    this.frames += count;
    if (performance.now() - this.#toldMs < PROGRESS_MS) return;
    this.#toldMs = performance.now();
    send({ kind: 'progress', frames: this.frames });
  }

  close(): void {
    this.#scaler.close();
    closeSync(this.#file);
  }

  #put(parts: Buffer[]): void {
    let left = parts;
    while (left.length > 0) {
      let written = writevSync(this.#file, left);
      // A write may end early: what is left of it comes next.
      while (left.length > 0 && written >= left[0]!.length) {
        written -= left[0]!.length;
        left = left.slice(1);
      }
      if (left.length > 0 && written > 0) left = [left[0]!.subarray(written), ...left.slice(1)];
    }
  }
}

function headerOf(frame: Frame, { width, height, frameRate, pixelFormat }: EncodeParameters): string {
  const { num, den } = frame.sampleAspectRatio;
  const location = frame.chromaLocation;
  return y4mHeader({
    width,
    height,
    frameRate,
    pixelFormat,
    sampleAspectRatio: num > 0 && den > 0 ? { num, den } : null,
    chromaLocation: location === AVCHROMA_LOC_LEFT ? 'left' : location === AVCHROMA_LOC_TOPLEFT ? 'topleft' : null,
    fullRange: frame.colorRange === AVCOL_RANGE_JPEG,
  });
}

function allocated(): Frame {
  const frame = new Frame();
  frame.alloc();
  return frame;
}

main();
