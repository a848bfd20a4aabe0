// The video streams of a display channel: created, fed with frames, reported on and destroyed, from the messages that pass.

import { CLIP, DISPLAY_CLIENT, DISPLAY_SERVER, VIDEO_CODECS } from './protocol.ts';
import { isKeyframe } from './stream-keyframe.ts';

/** Streams of one channel at once; the numbers of the protocol are small, and one that never ends must not fill the memory. */
const MOST_STREAMS = 256;
/** A client without sound says so by -1. */
const NO_AUDIO = 0xffff_ffff;

export interface SpiceStream {
  /** Counts up over the life of the channel: the server uses its own numbers again. */
  readonly serial: number;
  /** The server's number. */
  readonly id: number;
  readonly surface: number;
  /** `mjpeg`, `vp8` …; `codec 9` where the number is not known. */
  readonly codec: string;
  /** Pixels: of the encoded pictures, and of what they show. */
  readonly width: number;
  readonly height: number;
  readonly sourceWidth: number;
  readonly sourceHeight: number;
  readonly atUs: number;
}

export interface SpiceFrame {
  readonly stream: SpiceStream;
  /** Counts up in its stream. */
  readonly frame: number;
  /** Of the encoded picture. */
  readonly bytes: number;
  /** Of the message, its head left out. */
  readonly messageBytes: number;
  /** Null where its first bytes do not tell. */
  readonly key: boolean | null;
  /** Multimedia time, milliseconds, when it is to be shown; wraps at 2^32. */
  readonly mmTime: number;
  /** Size of this frame where the message tells it, else of its stream. */
  readonly width: number;
  readonly height: number;
  /** Monotonic: its first and its last byte at the tap. */
  readonly firstUs: number;
  readonly lastUs: number;
}

/** What a client says about a stream's last frames. */
export interface SpiceReport {
  readonly stream: SpiceStream;
  readonly startMmTime: number;
  readonly endMmTime: number;
  readonly frames: number;
  readonly drops: number;
  /** Milliseconds left until the last frame was to be shown when it came; below 0 it was late. */
  readonly lastDelayMs: number;
  /** Null where no sound is played. */
  readonly audioDelayMs: number | null;
  readonly atUs: number;
}

export interface StreamSink {
  streamCreated(stream: SpiceStream): void;
  streamDestroyed(stream: SpiceStream, atUs: number): void;
  /** Windows lie before it, or not any more. @param rectangles that are shown of it from now on; null for all of it */
  streamClipped(stream: SpiceStream, rectangles: number | null, atUs: number): void;
  frame(frame: SpiceFrame): void;
  report(report: SpiceReport): void;
  /** The server asks for reports every so often. */
  reportsAsked(stream: SpiceStream, windowFrames: number, timeoutMs: number): void;
}

export class DisplayStreams {
  readonly #sink: StreamSink;
  readonly #streams = new Map<number, { readonly stream: SpiceStream; frames: number }>();
  #created = 0;
  /** Frames of streams whose creation was not seen. */
  #orphans = 0;

  constructor(sink: StreamSink) {
    this.#sink = sink;
  }

  get orphans(): number {
    return this.#orphans;
  }

  /** A message of the server's; one that is too short for its type is left alone. */
  fromServer(type: number, body: DataView, size: number, firstUs: number, lastUs: number): void {
    switch (type) {
      case DISPLAY_SERVER.streamCreate:
        return this.#create(body, lastUs);
      case DISPLAY_SERVER.streamData:
        return this.#data(body, 12, 8, size, firstUs, lastUs);
      case DISPLAY_SERVER.streamDataSized:
        return this.#data(body, 36, 32, size, firstUs, lastUs);
      case DISPLAY_SERVER.streamClip:
        return this.#clip(body, lastUs);
      case DISPLAY_SERVER.streamDestroy:
        if (body.byteLength >= 4) this.#destroy(body.getUint32(0, true), lastUs);
        return;
      case DISPLAY_SERVER.streamDestroyAll:
        return this.end(lastUs);
      case DISPLAY_SERVER.streamActivateReport:
        return this.#asked(body);
      default:
    }
  }

  fromClient(type: number, body: DataView, atUs: number): void {
    if (type !== DISPLAY_CLIENT.streamReport || body.byteLength < 32) return;
    const known = this.#streams.get(body.getUint32(0, true));
    if (known === undefined) return;
    const audio = body.getUint32(28, true);
    this.#sink.report({
      stream: known.stream,
      startMmTime: body.getUint32(8, true),
      endMmTime: body.getUint32(12, true),
      frames: body.getUint32(16, true),
      drops: body.getUint32(20, true),
      lastDelayMs: body.getInt32(24, true),
      audioDelayMs: audio === NO_AUDIO ? null : audio,
      atUs,
    });
  }

  /** Every stream ends: the server said so, or the channel is closed. */
  end(atUs: number): void {
    for (const id of this.#streams.keys()) this.#destroy(id, atUs);
  }

  #create(body: DataView, atUs: number): void {
    if (body.byteLength < 50) return;
    const id = body.getUint32(4, true);
    this.#destroy(id, atUs);
    if (this.#streams.size >= MOST_STREAMS) this.#destroy(this.#streams.keys().next().value!, atUs);
    const codec = body.getUint8(9);
    const stream: SpiceStream = {
      serial: this.#created++,
      id,
      surface: body.getUint32(0, true),
      codec: VIDEO_CODECS[codec] ?? `codec ${codec}`,
      width: body.getUint32(18, true),
      height: body.getUint32(22, true),
      sourceWidth: body.getUint32(26, true),
      sourceHeight: body.getUint32(30, true),
      atUs,
    };
    this.#streams.set(id, { stream, frames: 0 });
    this.#sink.streamCreated(stream);
  }

  #destroy(id: number, atUs: number): void {
    const known = this.#streams.get(id);
    if (known === undefined) return;
    this.#streams.delete(id);
    this.#sink.streamDestroyed(known.stream, atUs);
  }

  #clip(body: DataView, atUs: number): void {
    if (body.byteLength < 5) return;
    const known = this.#streams.get(body.getUint32(0, true));
    const type = body.getUint8(4);
    if (known === undefined) return;
    if (type === CLIP.none) this.#sink.streamClipped(known.stream, null, atUs);
    else if (type === CLIP.rectangles && body.byteLength >= 9)
      this.#sink.streamClipped(known.stream, body.getUint32(5, true), atUs);
  }

  /** @param headBytes before the picture's data; @param sizeAt where the size of the data stands */
  #data(body: DataView, headBytes: number, sizeAt: number, size: number, firstUs: number, lastUs: number): void {
    if (body.byteLength < headBytes) return;
    const known = this.#streams.get(body.getUint32(0, true));
    if (known === undefined) {
      this.#orphans++;
      return;
    }
    const bytes = body.getUint32(sizeAt, true);
    // A size that is larger than its message is somebody's mistake: the message's own holds.
    const data = Math.min(bytes, size - headBytes);
    const isSized = headBytes > 12;
    const head = new Uint8Array(body.buffer, body.byteOffset + headBytes, Math.min(data, body.byteLength - headBytes));
    const { stream } = known;
    this.#sink.frame({
      stream,
      frame: known.frames++,
      bytes: data,
      messageBytes: size,
      key: isKeyframe(stream.codec, head),
      mmTime: body.getUint32(4, true),
      width: isSized ? body.getUint32(8, true) : stream.width,
      height: isSized ? body.getUint32(12, true) : stream.height,
      firstUs,
      lastUs,
    });
  }

  #asked(body: DataView): void {
    if (body.byteLength < 16) return;
    const known = this.#streams.get(body.getUint32(0, true));
    if (known !== undefined) this.#sink.reportsAsked(known.stream, body.getUint32(8, true), body.getUint32(12, true));
  }
}
