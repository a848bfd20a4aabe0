// Scores a chunk's frames next to its ends against the pictures that its encoder got (child only).

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { Frame, avGetPixFmtFromName, avGetPixFmtName } from 'node-av/lib';
import { AVCHROMA_LOC_UNSPECIFIED, AVCOL_RANGE_UNSPECIFIED, AVCOL_SPC_UNSPECIFIED } from 'node-av/constants';
import type { AVPixelFormat } from 'node-av/constants';
import { weightedXpsnr } from '#analysis/quality-metrics';
import { isSystemError } from '../cache-file.ts';
import { comparisonFormat } from '../quality/comparison-format.ts';
import { Conformer, formOf } from '../quality/conformer.ts';
import { QualityFailure } from '../quality/quality-job.ts';
import { ScoreFilter } from '../quality/score-filter.ts';
import { XpsnrMeter } from '../quality/xpsnr-meter.ts';
import type { ChunkEdges, ChunkToCheck } from './check-chunk.ts';
import { WARM_UP_FRAMES, edgeFrames, keptPictures, keptPlace } from './edge-frames.ts';

/** Stands for equal pictures, whose XPSNR has no bound: dB. */
const MOST_DB = 100;

export class EdgeScorer {
  readonly #job: ChunkToCheck;
  readonly #atEdge: number;
  /** Of the first frames, until all of them are there. */
  readonly #held: Frame[] = [];
  readonly #first: number[] = [];
  readonly #last: number[] = [];
  #pictures: SourcePictures | null = null;
  #conformers: readonly [source: Conformer, output: Conformer] | null = null;
  #meter: XpsnrMeter | ScoreFilter | null = null;
  #absent: string | null = null;

  constructor(job: ChunkToCheck) {
    this.#job = job;
    this.#atEdge = edgeFrames(job.frames);
    this.#guarded(() => {
      if (job.kept === null) throw new QualityFailure("the source's pictures were not kept");
      if (job.kept.absent !== null) throw new QualityFailure(job.kept.absent);
      this.#pictures = new SourcePictures(job);
    });
  }

  /**
   * Takes the chunk's frames, one after the other. Those at its beginning are scored backwards: the metric weighs errors by
   * what changes in time, and what came before the chunk is another scene, or not known.
   * @param frame its picture may be exchanged
   * @param number in the chunk
   */
  take(frame: Frame, number: number): void {
    if (this.#absent !== null || number >= this.#job.frames) return;
    const [held, atEdge, tail] = [this.#held, this.#atEdge, this.#job.frames - this.#atEdge];
    this.#guarded(() => {
      if (number >= atEdge) {
        if (number >= tail) this.#score(frame, number, this.#last);
        return;
      }
      held.push(cloneOf(frame));
      if (held.length < atEdge) return;
      for (let i = atEdge - 1; i >= 0; i--) this.#score(held[i]!, i, this.#first);
      for (let i = tail; i < atEdge; i++) this.#score(held[i]!, i, this.#last);
      this.#letGo();
    });
  }

  /** What was found: of each end from the chunk's first or last frame inwards. */
  get edges(): ChunkEdges {
    const of = (scores: readonly number[]) => (this.#absent === null ? scores.slice(WARM_UP_FRAMES).toReversed() : []);
    return { first: of(this.#first), last: of(this.#last), absent: this.#absent };
  }

  close(): void {
    this.#letGo();
    this.#pictures?.close();
    this.#meter?.close();
    for (const conformer of this.#conformers ?? []) conformer.close();
  }

  #score(output: Frame, number: number, scores: number[]): void {
    const source = this.#pictures!.at(number);
    // An encoder changes no colours, whatever its stream says of them: samples are compared with those that it got.
    sayNoColours(output);
    this.#open(source, output);
    const meter = this.#meter!;
    this.#conformers![0].conform(source);
    this.#conformers![1].conform(output);
    meter.score(source, output);
    const planes = new Map<string, number>();
    meter.read((column, value) => planes.set(column, value));
    const plane = (name: string) => planes.get(`xpsnr.${name}`) ?? NaN;
    const score = Math.min(MOST_DB, weightedXpsnr(plane('y'), plane('u'), plane('v')));
    // Decibels to the thousandth: more is noise in a report.
    scores.push(Math.round(score * 1000) / 1000);
  }

  #open(source: Frame, output: Frame): void {
    if (this.#meter !== null) return;
    const form = formOf(source, output, comparisonFormat(formatName(source), formatName(output)));
    const { frameRate } = this.#job;
    this.#conformers = [new Conformer(form), new Conformer(form)];
    this.#meter = XpsnrMeter.measures(form)
      ? new XpsnrMeter(form, frameRate)
      : new ScoreFilter('xpsnr', form, frameRate);
  }

  /** What can't be compared is a reason, and no fault of the chunk. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof QualityFailure)) throw error;
      this.#absent ??= error.message;
      this.#letGo();
    }
  }

  #letGo(): void {
    for (const frame of this.#held.splice(0)) frame.free();
  }
}

/** The file of kept pictures. */
class SourcePictures {
  readonly #frames: number;
  readonly #form: { readonly width: number; readonly height: number; readonly format: AVPixelFormat };
  readonly #descriptor: number;
  readonly #bytes: Buffer;
  readonly #picture = new Frame();
  /** The bytes as a picture, for the moment in which they are copied. */
  readonly #view = new Frame();

  /** @throws QualityFailure where it does not hold what it should */
  constructor({ kept, width, height, frames }: ChunkToCheck) {
    this.#frames = frames;
    this.#form = { width, height, format: avGetPixFmtFromName(kept!.pixelFormat) };
    this.#descriptor = opened(kept!.file);
    const { size } = fstatSync(this.#descriptor);
    this.#bytes = Buffer.alloc(Math.floor(size / keptPictures(frames)));
    this.#picture.alloc();
    this.#view.alloc();
  }

  /** The picture of a frame; valid until the next call. */
  at(frame: number): Frame {
    const [bytes, picture, view] = [this.#bytes, this.#picture, this.#view];
    const place = keptPlace(frame, this.#frames) * bytes.length;
    if (readSync(this.#descriptor, bytes, 0, bytes.length, place) < bytes.length)
      throw new QualityFailure(`the file of the source's pictures ends before frame ${frame}`);
    picture.unref();
    for (const each of [picture, view]) Object.assign(each, this.#form);
    // `fromBuffer` leaves a frame pointing into memory of JavaScript's, and filters hold on to theirs: they get a copy.
    const taken = picture.getBuffer(0) >= 0 && view.fromBuffer(bytes) >= 0 && picture.copy(view) >= 0;
    view.unref();
    const { width, height } = this.#form;
    if (!taken) throw new QualityFailure(`${bytes.length} bytes were kept, which is no picture of ${width}x${height}`);
    sayNoColours(picture);
    return picture;
  }

  close(): void {
    closeSync(this.#descriptor);
    this.#picture.free();
    this.#view.free();
  }
}

function opened(file: string): number {
  try {
    return openSync(file, 'r');
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new QualityFailure(`the source's pictures can't be read: ${error.message}`, { cause: error });
  }
}

function sayNoColours(frame: Frame): void {
  frame.colorSpace = AVCOL_SPC_UNSPECIFIED;
  frame.colorRange = AVCOL_RANGE_UNSPECIFIED;
  frame.chromaLocation = AVCHROMA_LOC_UNSPECIFIED;
}

function cloneOf(frame: Frame): Frame {
  const clone = frame.clone();
  if (clone === null) throw new QualityFailure('there is no memory for a picture');
  return clone;
}

function formatName(frame: Frame): string {
  return avGetPixFmtName(frame.format as AVPixelFormat) ?? 'unknown';
}
