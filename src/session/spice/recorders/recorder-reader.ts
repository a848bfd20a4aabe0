// The stream that a patched SPICE process of 2020 tells its events in: the names of its recorders in one line, then entries of four
// lines, closed by an empty one. As the tool of that time read it (openshift-psap/matrix-benchmarking, commit d1f4a2a).

import { shortText } from './shown-text.ts';

export interface RecorderEntry {
  /** Of the recorder: `frame`, `frames_stats` … */
  readonly name: string;
  /** Function that told it. */
  readonly where: string;
  /** The process's own clock, microseconds: the time of day of its machine, in the records that are left. */
  readonly timeUs: number;
  /** Without the place in the source that stands before it. */
  readonly message: string;
}

export interface RecorderSink {
  /** What the process can tell; each is to be answered with a byte. */
  names(names: readonly string[]): void;
  entry(entry: RecorderEntry): void;
  /** Lines that are no entry were passed over. */
  unread(why: string): void;
}

/** Bytes of a line: a pipeline as a picture is told in one. */
const MOST_LINE = 1024 * 1024;
const GREETING = /^Recorders: ?(.*)$/;

export class RecorderReader {
  readonly #sink: RecorderSink;
  readonly #decoder = new TextDecoder();
  #rest = '';
  #lines: string[] = [];
  #hasNames = false;
  #isLost = false;

  constructor(sink: RecorderSink) {
    this.#sink = sink;
  }

  feed(chunk: Uint8Array): void {
    this.#rest += this.#decoder.decode(chunk, { stream: true });
    for (let end = this.#rest.indexOf('\n'); end !== -1; end = this.#rest.indexOf('\n')) {
      const line = this.#rest.slice(0, end);
      this.#rest = this.#rest.slice(end + 1);
      this.#line(line.endsWith('\r') ? line.slice(0, -1) : line);
    }
    if (this.#rest.length <= MOST_LINE) return;
    this.#rest = '';
    this.#lose('a line is longer than any');
  }

  #line(line: string): void {
    if (!this.#hasNames) return this.#greet(line);
    if (line !== '') {
      if (this.#isLost) return;
      this.#lines.push(line);
      // A message of several lines is one that nobody wrote: what follows is read again from the next empty line.
      if (this.#lines.length > 4) this.#lose('an entry has more than four lines');
      return;
    }
    const lines = this.#lines;
    const isLost = this.#isLost;
    this.#lines = [];
    this.#isLost = false;
    if (isLost || lines.length === 0) return;
    const entry = entryOf(lines);
    if (entry === null) this.#sink.unread(`this is no entry: ${shortText(lines.join(' / '))}`);
    else this.#sink.entry(entry);
  }

  #greet(line: string): void {
    const [, names] = GREETING.exec(line) ?? [];
    if (names === undefined) return this.#sink.unread('it does not begin with its recorders');
    this.#hasNames = true;
    this.#sink.names(
      names
        .split(';')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
    );
  }

  #lose(why: string): void {
    this.#lines = [];
    this.#isLost = true;
    this.#sink.unread(why);
  }
}

/** `Name: …`, `Where: …` (of another build `Function: …`), `Time: …` and the message; the words before the values may be missing. Null where it is none. */
function entryOf(lines: readonly string[]): RecorderEntry | null {
  if (lines.length !== 4) return null;
  const [name, where, time] = lines.map((line) => line.replace(/^(Name|Where|Function|Time): /, '')) as [
    string,
    string,
    string,
  ];
  const timeUs = /^\d+$/.test(time) ? Number(time) : NaN;
  if (!Number.isSafeInteger(timeUs)) return null;
  return { name, where, timeUs, message: lines[3]!.replace(/^[^\s:]+:\d+:/, '') };
}
