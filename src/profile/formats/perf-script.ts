// Reads the text of `perf script`, as it is written without options or as FlameScope asks for it.

import type { Profile } from '#core/profile';
import { UserError } from '#core/user-error';
import { libraryQuality } from '../library-quality.ts';
import { ProfileBuilder } from '../profile-builder.ts';
import { finishGiven, quoted } from './given-profile.ts';
import { eventName, parseSampleLine, parseStackText, textBehindAddress, type SampleLine } from './perf-script-lines.ts';
import { PerfScriptHeader } from './perf-script-header.ts';
import { PerfScriptSpans } from './perf-script-spans.ts';
import { PerfScriptThreads } from './perf-script-threads.ts';
import { eachLine, ownText } from './text-lines.ts';

/** More functions in one stack are no stack: perf takes 127 and those that were inlined. */
const MAX_STACK = 16_384;
/** Lines of stacks that are known by their text; then it begins anew. About 100 MB. */
const MAX_KNOWN_LINES = 400_000;

/** Whether text that begins so was written by `perf script`. */
export function isPerfScript(beginning: string): boolean {
  const lines = beginning.split('\n');
  return lines.some((line) => isHeaderLine(line) || (!line.startsWith('#') && isSampleLine(line)));
}

function isHeaderLine(line: string): boolean {
  return line.startsWith('# captured on') || line.startsWith('# perf version');
}

function isSampleLine(line: string): boolean {
  const sample = parseSampleLine(line);
  return sample !== null && (sample.event !== '' || sample.cpu >= 0);
}

/**
 * One event of a file is the profile: the one that tells best where CPU time went. Lines of the scheduler become spans; other events
 * are counted and left out.
 * @param beginning of the same text, to choose the event by
 * @throws UserError where it holds no samples
 */
export async function readPerfScript(chunks: AsyncIterable<string>, file: string, beginning: string): Promise<Profile> {
  const reader = new PerfScriptReader(file, bestEvent(beginning));
  await eachLine(chunks, file, (line, number) => reader.read(line, number));
  return reader.finish();
}

/** Null where none of those in the text is about CPU time. */
function bestEvent(beginning: string): string | null {
  let best: string | null = null;
  for (const line of beginning.split('\n')) {
    if (line.startsWith('\t') || line.startsWith('#')) continue;
    const sample = parseSampleLine(line);
    if (sample === null) continue;
    const event = eventName(sample.event);
    if (rankOf(event) > (best === null ? 0 : rankOf(best))) best = event;
  }
  return best;
}

const CPU_EVENT = /^(|(cpu|task)-clock|(cpu-|ref-|bus-)?cycles|instructions|cpu\w*\/.*)$/;

/** How well an event tells where CPU time went; 0 not at all. */
function rankOf(event: string): number {
  if (event.startsWith('sched:') || event.startsWith('PERF_RECORD_')) return 0;
  if (CPU_EVENT.test(event)) return 3;
  // A tracepoint has its system's name before its own.
  return event.includes(':') ? 1 : 2;
}

class PerfScriptReader {
  readonly #file: string;
  readonly #builder = new ProfileBuilder();
  readonly #threads = new PerfScriptThreads(this.#builder);
  readonly #spans = new PerfScriptSpans(this.#builder, this.#threads);
  readonly #header = new PerfScriptHeader();
  /** The event that is the profile; null before one is known. */
  #event: string | null;
  /** Nanoseconds that a sample stands for, where the event is a clock and tells it. */
  #sampleNs: number | null = null;
  readonly #cpus = new Set<number>();
  #idleSampled = false;
  #lost: number | null = null;
  #stacksTaken = 0;

  /** Samples that were left out, by event. */
  readonly #leftOut = new Map<string, number>();
  #oddLines = 0;
  #firstOddLine = '';

  /** The sample whose stack is being read; null between samples. */
  #sample: SampleLine | null = null;
  /** Whether lines of stacks tell files, and the last one did: where the text is cut off it may not. */
  #filesTold = false;
  #fileToldLast = true;
  /** Innermost first: a function, or where it was inlined -1 - the position of its name in `#inlined`. */
  readonly #stack: number[] = [];
  readonly #inlined: string[] = [];
  /** Functions by the text of their line. */
  #known = new Map<string, number>();
  /** By function: where those that were inlined into it lie. */
  readonly #libraries: string[] = [];

  constructor(file: string, event: string | null) {
    this.#file = file;
    this.#event = event;
  }

  read(line: string, number: number): void {
    if (line.charCodeAt(0) === 0x09) return this.#readStackLine(line, number);
    if (line.startsWith('#')) return this.#header.read(line);
    if (line.trim() === '') return this.#endSample();
    const sample = parseSampleLine(line);
    if (sample !== null) return this.#begin(sample, number);
    // Whoever copied the text may have made spaces of its tabs.
    this.#readStackLine(line, number);
  }

  #begin(sample: SampleLine, number: number): void {
    this.#endSample();
    if (sample.event.startsWith('PERF_RECORD_')) return this.#countLost(sample);
    this.#sample = sample;
    // Without a stack the function stands in the same line.
    if (sample.rest.endsWith(')') && textBehindAddress(sample.rest) > 0) this.#readStackLine(sample.rest, number);
  }

  #countLost({ event, rest, cpu }: SampleLine): void {
    const lost = /^PERF_RECORD_LOST(_SAMPLES)?$/.test(event) ? /\blost\s+(\d{1,15})/.exec(rest) : null;
    if (lost === null) return;
    this.#lost = (this.#lost ?? 0) + Number(lost[1]);
    this.#spans.lost(cpu);
  }

  #readStackLine(line: string, number: number): void {
    if (this.#sample === null) {
      if (this.#oddLines++ === 0) this.#firstOddLine = `line ${number}, ${quoted(line.trim())}`;
      return;
    }
    const begin = textBehindAddress(line);
    // `-F +srcline` writes a line of its own below each function: nothing of it is kept.
    if (begin < 0) return;
    if (this.#stack.length === MAX_STACK)
      throw new UserError({
        what: `the stack has more than ${MAX_STACK} functions`,
        where: `${this.#file}:${number}`,
        todo: 'Look at the file: an empty line between two samples may be missing.',
      });
    const text = line.slice(begin);
    this.#fileToldLast = text.endsWith(')');
    this.#filesTold ||= this.#fileToldLast;
    this.#stack.push(this.#known.get(text) ?? this.#newFunction(text));
  }

  #newFunction(text: string): number {
    const { name, library, kind, named } = parseStackText(text);
    if (library === null) return -this.#inlined.push(name);
    const made = this.#builder.function(ownText(name), ownText(library), kind, named ? 'given' : 'none');
    this.#libraries[made] ??= ownText(library);
    if (this.#known.size === MAX_KNOWN_LINES) this.#known = new Map();
    this.#known.set(ownText(text), made);
    return made;
  }

  #endSample(): void {
    const sample = this.#sample;
    if (sample === null) return;
    this.#sample = null;
    const event = eventName(sample.event);
    if (this.#event === null && rankOf(event) > 0) this.#event = ownText(event);
    if (event === this.#event) this.#addSample(sample);
    else if (!this.#spans.add(sample, event, this.#takenStack()))
      this.#leftOut.set(ownText(event), (this.#leftOut.get(event) ?? 0) + 1);
    this.#stack.length = 0;
    this.#inlined.length = 0;
  }

  #addSample(sample: SampleLine): void {
    const { process, thread, comm, cpu, timeNs, period } = sample;
    if (this.#sampleNs === null && period > 0 && isClock(this.#event!)) this.#sampleNs = period;
    if (thread === 0) this.#idleSampled = true;
    if (cpu >= 0) this.#cpus.add(cpu);
    const stack = this.#takenStack();
    if (stack >= 0) this.#stacksTaken++;
    const known = this.#threads.of(process, thread, comm);
    this.#builder.addSample(timeNs, cpu, known.position, stack);
    this.#spans.seen(sample, known);
  }

  /** The node of the stack that was read; -1 where there was none. */
  #takenStack(): number {
    let node = -1;
    let library = '[unknown]';
    for (let i = this.#stack.length - 1; i >= 0; i--) {
      let called = this.#stack[i]!;
      if (called >= 0) library = this.#libraries[called]!;
      else called = this.#builder.function(ownText(this.#inlined[-1 - called]!), library, 'user', 'given');
      node = this.#builder.stacks.add(node, called);
    }
    return node;
  }

  finish(): Profile {
    const isCut = this.#sample !== null && this.#filesTold && !this.#fileToldLast;
    if (isCut) this.#sample = null;
    this.#endSample();
    this.#threads.finish();
    const missing = this.#spans.finish(this.#header.isEach('sched:sched_switch'));
    const frequencyHz = this.#header.frequencyHz(this.#event ?? '');
    const sampleNs = this.#sampleNs ?? (isClock(this.#event ?? '') && frequencyHz !== null ? 1e9 / frequencyHz : null);
    const profile = finishGiven(this.#builder, {
      tool: this.#header.tool,
      file: this.#file,
      clock: 'own',
      weightUnit: sampleNs === null ? 'samples' : 'ns',
      sampleNs,
      frequencyHz: frequencyHz ?? (sampleNs === null ? null : Math.round(1e9 / sampleNs)),
      cpus: [...this.#cpus].toSorted((a, b) => a - b),
      scope: this.#idleSampled || this.#header.systemWide ? 'system' : 'processes',
      stacks: this.#stacksTaken > 0 ? 'given' : 'none',
      lost: this.#lost,
      absent: [...this.#absent(), ...missing, ...(isCut ? ['the end: the text stops in the middle of a sample'] : [])],
    });
    return { ...profile, header: { ...profile.header, quality: libraryQuality(profile) } };
  }

  #absent(): string[] {
    const absent = [...this.#leftOut].map(
      ([event, samples]) =>
        `${event === '' ? 'an event without a name' : event}: ${samples} ${samples === 1 ? 'sample of it was' : 'samples of it were'} left out, not being CPU time`,
    );
    if (this.#event !== null && rankOf(this.#event) < 3)
      absent.push(`CPU time: the samples are of ${this.#event}, since no other event is in the file`);
    if (this.#oddLines > 0)
      absent.push(`${this.#oddLines} lines: they are none of perf script; the first is ${this.#firstOddLine}`);
    return absent;
  }
}

function isClock(event: string): boolean {
  return event === 'cpu-clock' || event === 'task-clock';
}
