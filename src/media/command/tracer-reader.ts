// GStreamer's debug log as it is written: times of elements out of the latency tracer, read as bytes.
//
// Formats: subprojects/gstreamer/plugins/tracers/gstlatency.c (records), gst/gstinfo.c (line prefix), gst/gstpipeline.c (`now=`).
// 0:00:00.057133168 14546 0x5570f2cf9800 TRACE GST_TRACER :0:: element-latency, element-id=(string)0x5570f2ce1700,
//   element=(string)x264enc0, src=(string)src, time=(guint64)31393013, ts=(guint64)57106829;

/** Longer lines are none of the tracer's records; what comes behind this many bytes is dropped. */
const MAX_LINE_BYTES = 16 * 1024;
/** A day: no buffer stays in an element for longer. */
const LONGEST_NS = 86_400e9;
/** Pipelines have tens of elements; what comes behind so many different ones is not followed. */
export const MAX_ELEMENTS = 256;

const RECORD = Buffer.from(' element-latency, element-id=(string)0x');
const NAME = Buffer.from(', element=(string)');
/** From a source's way out to a sink's way in. */
const PIPELINE_RECORD = Buffer.from(' latency, src-element-id=(string)0x');
const SINK_ID = Buffer.from(', sink-element-id=(string)0x');
const TIME = Buffer.from(', time=(guint64)');
const TIMESTAMP = Buffer.from(', ts=(guint64)');
const TRACER = Buffer.from(' GST_TRACER ');
const NEWLINE = 10;

export interface TracerHandlers {
  /** A buffer left an element, or came through the whole pipeline: times in nanoseconds, `stampNs` since the program initialised GStreamer. */
  record(element: number, timeNs: number, stampNs: number): void;
  /** An element was seen for the first time; elements count from 0. */
  element(index: number, name: string): void;
  /** The pipeline's clock and the log's stamp at the same moment, nanoseconds. */
  clock(clockNs: number, stampNs: number): void;
  /** A factory made an element: `x264enc`. */
  factory(name: string): void;
  /** Any other line: what the user asked GStreamer to tell. */
  other(line: string): void;
}

export class TracerReader {
  readonly #handlers: TracerHandlers;
  /** Elements by their address, which is exact in a double (48 bits). */
  readonly #elements = new Map<number, number>();
  readonly #names = new Set<string>();
  readonly #rest = Buffer.allocUnsafe(MAX_LINE_BYTES);
  #restLength = 0;
  /** Records of elements beyond MAX_ELEMENTS. */
  dropped = 0;

  constructor(handlers: TracerHandlers) {
    this.#handlers = handlers;
  }

  push(chunk: Buffer): void {
    let start = 0;
    let end = chunk.indexOf(NEWLINE);
    if (this.#restLength > 0 && end >= 0) {
      this.#keep(chunk.subarray(0, end));
      this.#line(this.#rest, 0, this.#restLength);
      this.#restLength = 0;
      start = end + 1;
      end = chunk.indexOf(NEWLINE, start);
    }
    for (; end >= 0; start = end + 1, end = chunk.indexOf(NEWLINE, start)) this.#line(chunk, start, end);
    this.#keep(chunk.subarray(start));
  }

  #keep(part: Buffer): void {
    this.#restLength += part.copy(this.#rest, this.#restLength, 0, MAX_LINE_BYTES - this.#restLength);
  }

  #line(bytes: Buffer, start: number, end: number): void {
    const line = bytes.subarray(start, end);
    const record = line.indexOf(RECORD);
    if (record >= 0) {
      const nameAt = line.indexOf(NAME, record);
      if (nameAt >= 0) this.#record(line, hexAt(line, record + RECORD.length), () => elementName(line, nameAt));
    } else if (line.indexOf(TRACER) < 0) this.#text(line.toString('utf8'));
    else if (line.indexOf(PIPELINE_RECORD) >= 0) {
      const sinkAt = line.indexOf(SINK_ID);
      // A half lets no element have the same number: sinks tell no times of their own.
      if (sinkAt >= 0) this.#record(line, hexAt(line, sinkAt + SINK_ID.length) + 0.5, () => pipelineName(line));
    }
  }

  #record(line: Buffer, id: number, name: () => string): void {
    const timeAt = line.lastIndexOf(TIME);
    const stampAt = line.lastIndexOf(TIMESTAMP);
    if (timeAt < 0 || stampAt < timeAt) return;
    let element = this.#elements.get(id);
    if (element === undefined) {
      if (this.#elements.size === MAX_ELEMENTS) {
        this.dropped++;
        return;
      }
      element = this.#elements.size;
      this.#elements.set(id, element);
      this.#handlers.element(element, this.#ownName(name()));
    }
    const timeNs = decimalAt(line, timeAt + TIME.length);
    // GST_CLOCK_TIME_NONE is the largest number of 64 bits: no time at all.
    if (timeNs < LONGEST_NS) this.#handlers.record(element, timeNs, decimalAt(line, stampAt + TIMESTAMP.length));
  }

  /** Elements in different bins may have the same name. */
  #ownName(name: string): string {
    let own = name;
    for (let i = 2; this.#names.has(own); i++) own = `${name}#${i}`;
    this.#names.add(own);
    return own;
  }

  #text(line: string): void {
    const made = / creating element "([^"]+)"/.exec(line);
    if (made !== null) return this.#handlers.factory(made[1]!);
    if (!line.includes(' pipeline gstpipeline.c:')) return this.#handlers.other(line);
    const stamp = CLOCK.exec(line);
    const now = new RegExp(`, now=${CLOCK.source.slice(1)}`).exec(line);
    if (stamp !== null && now !== null) this.#handlers.clock(nanoseconds(now), nanoseconds(stamp));
  }
}

/** GST_TIME_FORMAT: hours, minutes, seconds, nanoseconds. */
const CLOCK = /^(\d+):(\d\d):(\d\d)\.(\d{9})/;

function nanoseconds([, hours, minutes, seconds, rest]: RegExpExecArray): number {
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1e9 + Number(rest);
}

function elementName(line: Buffer, nameAt: number): string {
  const from = nameAt + NAME.length;
  return line.toString('utf8', from, line.indexOf(', src=', from));
}

/** `filesrc0..filesink0` for the way through the whole pipeline. */
function pipelineName(line: Buffer): string {
  const text = line.toString('utf8');
  const [, source, sink] = /, src-element=\(string\)([^,]*),.*, sink-element=\(string\)([^,]*),/.exec(text) ?? [];
  return `${source}..${sink}`;
}

function decimalAt(bytes: Buffer, at: number): number {
  let value = 0;
  for (let i = at; bytes[i]! >= 48 && bytes[i]! <= 57; i++) value = value * 10 + bytes[i]! - 48;
  return value;
}

function hexAt(bytes: Buffer, at: number): number {
  let value = 0;
  for (let i = at; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte >= 48 && byte <= 57) value = value * 16 + byte - 48;
    else if (byte >= 97 && byte <= 102) value = value * 16 + byte - 87;
    else break;
  }
  return value;
}
