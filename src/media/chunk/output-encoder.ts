// One output of a chunk in one pass (child only): the encoder, and the file that its packets go to.

import type { Frame, Packet, Stream } from 'node-av/lib';
import { EncodeFailure } from '../bundled/encode-failure.ts';
import { openEncoder, readBack } from '../bundled/encoder-context.ts';
import type { EncoderInput } from '../bundled/encoder-input.ts';
import { FrameEncoder, type PacketSink } from '../bundled/frame-encoder.ts';
import type { RowSender } from '../bundled/row-sender.ts';
import type { ChunkOutput, ChunkRange } from './chunk-job.ts';
import { Mp4Writer } from './mp4-writer.ts';
import { hasTwoPasses, passOptions } from './two-pass.ts';

/** Which pass it is: the only one, the first, whose packets are thrown away, or the second. */
export type Pass = 'only' | 1 | 2;

export class OutputEncoder {
  readonly #output: ChunkOutput;
  readonly #range: ChunkRange;
  readonly #encoder: FrameEncoder;
  readonly #writer: Mp4Writer | null;
  /** Null where keyframes come by the encoder's own counting. */
  readonly #forced: ReadonlySet<number> | null;
  readonly actual: Readonly<Record<string, string>>;

  /**
   * @param like a picture as it will get them
   * @param rows where its frames and steps are told
   * @throws EncodeFailure where the encoder can't be opened
   */
  constructor(
    output: ChunkOutput,
    range: ChunkRange,
    pass: Pass,
    like: Frame,
    input: EncoderInput,
    source: Stream,
    rows: RowSender,
  ) {
    this.#output = output;
    this.#range = range;
    const { parameters } = output;
    const options =
      pass === 'only'
        ? parameters.options
        : passOptions(parameters.encoder, parameters.options, pass, statsFileOf(output));
    const opened = openEncoder({ ...parameters, options }, like, true, input.devicePictures);
    if ('error' in opened) throw new EncodeFailure(opened.error);
    this.actual = readBack(opened.context, parameters);
    this.#writer =
      pass === 1 ? null : new Mp4Writer(output.output, opened.context, parameters, source, this.#endTicks());
    const sink: PacketSink = {
      write: (packet: Packet) => {
        this.#writer?.write(packet);
        rows.poll();
      },
    };
    const ticks = parameters.variableFrameRate ? 0 : 1;
    this.#encoder = new FrameEncoder(parameters.encoder, opened.context, rows, sink, ticks);
    this.#forced = isRegular(output) ? null : new Set(output.keyframes);
  }

  get packets(): number {
    return this.#encoder.packets;
  }

  get bytes(): number {
    return this.#encoder.bytes;
  }

  /** Number of the frame that is sent next. */
  get frames(): number {
    return this.#encoder.frames;
  }

  /**
   * @param index number of the frame in the chunk
   * @param ticks its time in the source
   */
  send(picture: Frame, index: number, ticks: number): void {
    const pts = this.#output.parameters.variableFrameRate ? ticks - this.#range.firstPts : index;
    this.#encoder.send(picture, pts, this.#range.first + index, this.#forced?.has(index) ?? false);
  }

  flush(): void {
    this.#encoder.flush();
    if (this.packets !== this.frames)
      throw new EncodeFailure(
        `${this.#output.parameters.encoder} made ${this.packets} packets of ${this.frames} frames`,
      );
  }

  /** Completes the file. */
  finish(): void {
    this.#writer?.finish();
  }

  close(): void {
    this.#writer?.close();
    this.#encoder.close();
  }

  /** When the chunk ends; one tick behind its last frame where nothing better is known. */
  #endTicks(): number {
    const { frames, firstPts, lastPts, endPts } = this.#range;
    if (!this.#output.parameters.variableFrameRate) return frames;
    return (endPts ?? lastPts + Math.max(1, Math.round((lastPts - firstPts) / Math.max(1, frames - 1)))) - firstPts;
  }
}

/** @throws EncodeFailure where this engine can't do what an output asks for */
export function checkOutput({ parameters, passes }: ChunkOutput): void {
  const { encoder, hwdecode } = parameters;
  if (hwdecode !== null) throw new EncodeFailure('chunks are decoded in software: hwdecode is not possible for them');
  if (passes === 2 && !hasTwoPasses(encoder))
    throw new EncodeFailure(
      `the bundled engine can't encode in two passes with ${encoder}: its statistics are not handed out (engine: ffmpeg can)`,
    );
}

export function statsFileOf(output: ChunkOutput): string {
  return `${output.output}.pass`;
}

/** True where a keyframe stands at every multiple of the distance that the encoder is told. */
function isRegular({ parameters: { gop }, keyframes }: ChunkOutput): boolean {
  return gop !== null && keyframes.every((frame, i) => frame === i * gop);
}
