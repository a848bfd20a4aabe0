// Reads what a running ffmpeg writes to standard error: times of calls (-benchmark_all), when the output was opened, and
// the lines that are worth keeping. It works on bytes: such a log has four lines for each frame.

import { CallTimes } from './call-times.ts';

const NOTHING = Buffer.alloc(0);
const NEWLINE = 10;
const SPACE = 32;
const DIGIT_ZERO = 48;
/** `[info] bench:       14 user        0 sys       14 real encode_video 0.0 ` */
const BENCH = Buffer.from('[info] bench: ');
const REAL = Buffer.from(' real ');
const ENCODE = 'e'.charCodeAt(0);
const FLUSH = 'f'.charCodeAt(0);
const VIDEO = 'v'.charCodeAt(0);
const OUTPUT = '[info] Output #0';
/** A line without an end that is longer is cut. */
const MAX_LINE_BYTES = 16 * 1024;
/** Kept of the other lines. */
const MAX_LOG_CHARS = 32 * 1024;

export class EncodeLog {
  /** Calls of the encoder that took a frame or looked for a packet. */
  readonly encode = new CallTimes();
  /** Calls that drained it; the last of them found nothing. */
  readonly flush = new CallTimes();
  /** Called when the output is opened, and when calls of draining are told. */
  readonly #onOpen: () => void;
  readonly #onFlush: () => void;
  #rest: Buffer = NOTHING;
  #text = '';
  #apart = true;
  /** Of the chunk at work: which column each call went to, to put their ends right. */
  #chunkTook: number[] = [];
  #chunkKind: (CallTimes | null)[] = [];
  #lastEndUs = -Infinity;

  constructor(onOpen: () => void, onFlush: () => void) {
    this.#onOpen = onOpen;
    this.#onFlush = onFlush;
  }

  /** The lines that are no times of calls; the end of them. */
  get text(): string {
    return this.#text + this.#rest.toString('utf8');
  }

  /**
   * @param chunk is not kept
   * @param nowUs when it came, microseconds, monotonic
   */
  push(chunk: Buffer, nowUs: number): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const flushed = this.flush.count;
    this.#chunkTook.length = 0;
    this.#chunkKind.length = 0;
    let at = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, at)) {
      this.#line(bytes, at, end);
      at = end + 1;
    }
    this.#rest = at === bytes.length ? NOTHING : Buffer.from(bytes.subarray(at, at + MAX_LINE_BYTES));
    this.#setEnds(nowUs);
    if (this.flush.count > flushed) this.#onFlush();
  }

  #line(bytes: Buffer, start: number, end: number): void {
    if (end - start > BENCH.length && bytes.compare(BENCH, 0, BENCH.length, start, start + BENCH.length) === 0) {
      this.#bench(bytes, start, end);
      return;
    }
    const line = bytes.toString('utf8', start, end);
    if (line.startsWith(OUTPUT)) this.#onOpen();
    this.#text = `${this.#text}${line}\n`;
    if (this.#text.length > 2 * MAX_LOG_CHARS) this.#text = this.#text.slice(-MAX_LOG_CHARS);
  }

  #bench(bytes: Buffer, start: number, end: number): void {
    const real = bytes.indexOf(REAL, start);
    if (real < 0 || real > end) return;
    let took = 0;
    for (let at = real - 1, digit = 1; at >= start && bytes[at] !== SPACE; at--, digit *= 10)
      took += (bytes[at]! - DIGIT_ZERO) * digit;
    const name = real + REAL.length;
    const first = bytes[name]!;
    const kind = first === ENCODE ? this.encode : first === FLUSH ? this.flush : null;
    // `encode_video` or `flush_video`, and not `encode_audio`.
    const isVideo = kind !== null && bytes[name + (first === ENCODE ? 'encode_' : 'flush_').length] === VIDEO;
    this.#chunkTook.push(took);
    this.#chunkKind.push(isVideo ? kind : null);
    if (isVideo) kind.add(0, took, this.#apart);
    this.#apart = !isVideo;
  }

  /**
   * The last call ended when the chunk came, those before it earlier by what the later ones took; none began before the
   * one before it had ended: a chunk may be seen late, and the next one soon after it.
   */
  #setEnds(nowUs: number): void {
    let total = 0;
    for (const took of this.#chunkTook) total += took;
    let endUs = Math.max(nowUs - total, this.#lastEndUs);
    let encode = this.encode.count - this.#chunkKind.filter((kind) => kind === this.encode).length;
    let flush = this.flush.count - this.#chunkKind.filter((kind) => kind === this.flush).length;
    for (const [i, kind] of this.#chunkKind.entries()) {
      endUs += this.#chunkTook[i]!;
      if (kind === this.encode) this.encode.endUs[encode++] = endUs;
      else if (kind === this.flush) this.flush.endUs[flush++] = endUs;
    }
    this.#lastEndUs = endUs;
  }
}

/** Why it failed: the first errors of a log, each once. */
export function errorsIn(log: string, limit = 3): string[] {
  const errors = new Set<string>();
  for (const line of log.split(/[\r\n]+/)) {
    const told = /\[(?:error|fatal|panic)\] (.+)$/.exec(line)?.[1]?.trim();
    if (told !== undefined && told !== '' && !CONSEQUENCE.test(told)) errors.add(told);
  }
  return [...errors].slice(0, limit);
}

/** Lines that say nothing beyond that something failed. */
const CONSEQUENCE = /^(Conversion failed!|Exiting\.\.\.|Error opening output files?: |Nothing was written into output)/;

/** The lines of a log for a person: without the level and the address of the context, and without mere information. */
export function readableLog(log: string): string {
  return log
    .split(/[\r\n]+/)
    .filter((line) => /\[(warning|error|fatal|panic)\]/.test(line) || /^[^[\s]/.test(line))
    .map((line) =>
      line.replace(/^(?:\[(\w+\S*) @ 0x[0-9a-f]+\] )?\[\w+\] /, (_, context?: string) =>
        context === undefined ? '' : `${context}: `,
      ),
    )
    .join('\n');
}
