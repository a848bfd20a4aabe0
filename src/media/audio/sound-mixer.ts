// Decoded sound of any kind becomes samples of the track's kind (child only): rate, loudspeakers, interleaved floats.

import {
  SoftwareResampleContext,
  avChannelLayoutDefault,
  avChannelLayoutDescribe,
  avSampleFmtIsPlanar,
} from 'node-av/lib';
import type { ChannelLayout, Frame } from 'node-av/lib';
import { AV_CHANNEL_ORDER_UNSPEC, AV_SAMPLE_FMT_FLT } from 'node-av/constants';
import type { AVSampleFormat } from 'node-av/constants';
import { SAMPLE_RATE } from './audio-job.ts';
import { done } from './sound-failure.ts';
import { STRETCH_SAMPLES } from './sound-clock.ts';

const BYTES = 4;

export class SoundMixer {
  readonly #target: ChannelLayout;
  #context: SoftwareResampleContext | null = null;
  #kind = '';
  #buffer = Buffer.alloc(0);
  /** Samples that came out of the last call, interleaved. */
  out = new Float32Array(0);

  constructor(target: ChannelLayout) {
    this.#target = target;
  }

  /** True where the frame is of another kind than those before: `flush`, then `begin`. */
  differs(frame: Frame): boolean {
    return this.#kind !== kindOf(frame);
  }

  /** Starts anew, for frames like this one. What is still inside is lost. */
  begin(frame: Frame): void {
    this.#context?.free();
    this.#kind = kindOf(frame);
    const context = (this.#context = new SoftwareResampleContext());
    const format = frame.format as AVSampleFormat;
    const what = `its sound (${this.#kind}) can't be converted`;
    done(
      context.allocSetOpts2(this.#target, AV_SAMPLE_FMT_FLT, SAMPLE_RATE, layoutOf(frame), format, frame.sampleRate),
      what,
      'source',
    );
    done(context.init(), what, 'source');
  }

  /** Makes the next second this many samples longer (negative: shorter). */
  stretch(samples: number): void {
    done(this.#context!.setCompensation(samples, STRETCH_SAMPLES), "its sound can't be stretched", 'source');
  }

  /** @returns samples in `out` */
  mix(frame: Frame): number {
    // A copy, and not `frame.data`: its buffers hold the frame's memory until the event loop turns, which it never does here.
    const bytes = frame.toBuffer();
    if (!avSampleFmtIsPlanar(frame.format as AVSampleFormat)) return this.#convert([bytes], frame.nbSamples);
    const channels = layoutOf(frame).nbChannels;
    const plane = bytes.length / channels;
    const planes = Array.from({ length: channels }, (_, channel) =>
      bytes.subarray(channel * plane, (channel + 1) * plane),
    );
    return this.#convert(planes, frame.nbSamples);
  }

  /** What the resampler still holds. @returns samples in `out` */
  flush(): number {
    return this.#context === null ? 0 : this.#convert(null, 0);
  }

  close(): void {
    this.#context?.free();
  }

  #convert(data: Buffer[] | null, count: number): number {
    const context = this.#context!;
    const room = context.getOutSamples(count);
    const bytes = room * this.#target.nbChannels * BYTES;
    if (this.#buffer.length < bytes) {
      // Its own memory: an offset into Node's pool need not be a multiple of four.
      this.#buffer = Buffer.from(new ArrayBuffer(bytes));
      this.out = new Float32Array(this.#buffer.buffer);
    }
    if (room === 0) return 0;
    return done(context.convertSync([this.#buffer], room, data, count), "its sound can't be converted", 'source');
  }
}

function kindOf(frame: Frame): string {
  return `${avChannelLayoutDescribe(layoutOf(frame))} ${frame.sampleRate} ${frame.format}`;
}

/** Loudspeakers of a frame; the usual ones for their number where it does not name them. */
export function layoutOf(frame: Frame): ChannelLayout {
  const layout = frame.channelLayout;
  return layout.order === AV_CHANNEL_ORDER_UNSPEC ? avChannelLayoutDefault(layout.nbChannels) : layout;
}
