// Pictures in main memory that are used again as soon as the encoder lets go of them.

import { Frame } from 'node-av/lib';
import type { AVPixelFormat } from 'node-av/constants';
import { EncodeFailure, failureOf } from './encode-failure.ts';

/** Frames that encoders hold at once are counted in tens (lookahead); this bound only catches a leak. */
const MAX_FRAMES = 1024;

export class FramePool {
  readonly #frames: Frame[] = [];
  readonly #width: number;
  readonly #height: number;
  readonly #format: AVPixelFormat;

  constructor(width: number, height: number, format: AVPixelFormat) {
    this.#width = width;
    this.#height = height;
    this.#format = format;
  }

  /** A frame whose memory nobody else holds. */
  take(): Frame {
    for (const frame of this.#frames) if (frame.isWritable) return frame;
    if (this.#frames.length === MAX_FRAMES)
      throw new EncodeFailure(`the encoder holds more than ${MAX_FRAMES} pictures`);
    const frame = new Frame();
    frame.alloc();
    frame.width = this.#width;
    frame.height = this.#height;
    frame.format = this.#format;
    const code = frame.getBuffer(0);
    if (code < 0) throw failureOf("a picture can't be allocated", code);
    this.#frames.push(frame);
    return frame;
  }

  close(): void {
    for (const frame of this.#frames) frame.free();
  }
}
