// A track as long as the video and without holes, whatever comes in: silence where nothing is, nothing twice.

import type { Placement } from './audio-job.ts';

/** Silence handed on at a time, samples. */
const SILENCE_SAMPLES = 4096;

/** Takes the track's samples, interleaved, from the first to the last. */
export type TakeSamples = (samples: Float32Array, count: number) => void;

export class TrackSamples {
  readonly #channels: number;
  readonly #length: number;
  readonly #take: TakeSamples;
  readonly #silence: Float32Array;
  #at = 0;
  #silenceBefore = 0;
  #silenceBehind = 0;
  #cutBefore = 0;
  #cutBehind = 0;
  #gaps = 0;
  #gapSamples = 0;
  #overlaps = 0;
  #overlapSamples = 0;
  /** Nothing was heard yet: what is missing comes before the sound and is no hole in it. */
  #begun = false;
  /** One hole or overlap is one, in however many pieces the sound behind it comes. */
  #inOverlap = false;

  /** @param length samples of the track */
  constructor(channels: number, length: number, take: TakeSamples) {
    this.#channels = channels;
    this.#length = length;
    this.#take = take;
    this.#silence = new Float32Array(SILENCE_SAMPLES * channels);
  }

  /** Samples handed on so far. */
  get at(): number {
    return this.#at;
  }

  /** Puts a piece of sound at a position, which may lie before the track, behind it, or on what is there already. */
  put(position: number, samples: Float32Array, count: number): void {
    const first = Math.min(count, Math.max(0, this.#at - position));
    if (first > 0) this.#drop(position, first);
    else this.#inOverlap = false;
    const last = Math.max(first, Math.min(count, this.#length - position));
    this.#cutBehind += count - last;
    if (last === first) return;
    const missing = position + first - this.#at;
    if (missing > 0) this.#fill(missing);
    this.#begun = true;
    this.#at += last - first;
    this.#take(samples.subarray(first * this.#channels, last * this.#channels), last - first);
  }

  /** Fills up with silence to the track's end. */
  finish(): Placement {
    this.#silenceBehind = this.#length - this.#at;
    this.#rest(this.#silenceBehind);
    return {
      silenceBefore: this.#silenceBefore,
      silenceBehind: this.#silenceBehind,
      cutBefore: this.#cutBefore,
      cutBehind: this.#cutBehind,
      gaps: this.#gaps,
      gapSamples: this.#gapSamples,
      overlaps: this.#overlaps,
      overlapSamples: this.#overlapSamples,
      stretched: 0,
    };
  }

  #drop(position: number, count: number): void {
    const before = Math.min(count, Math.max(0, -position));
    this.#cutBefore += before;
    if (count === before) return;
    this.#overlapSamples += count - before;
    if (!this.#inOverlap) this.#overlaps++;
    this.#inOverlap = true;
  }

  #fill(missing: number): void {
    if (this.#begun) {
      this.#gaps++;
      this.#gapSamples += missing;
    } else this.#silenceBefore = missing;
    this.#rest(missing);
  }

  #rest(count: number): void {
    for (let left = count; left > 0;) {
      const part = Math.min(left, SILENCE_SAMPLES);
      this.#at += part;
      left -= part;
      this.#take(this.#silence.subarray(0, part * this.#channels), part);
    }
  }
}
