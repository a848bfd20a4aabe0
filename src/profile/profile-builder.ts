// Puts a profile together, sample by sample: what every reader of a format fills.

import {
  FUNCTION_KINDS,
  PROFILE_VERSION,
  SYMBOL_SOURCES,
  type FunctionKind,
  type LossTable,
  type Profile,
  type ProfileHeader,
  type SampleTable,
  type SpanTable,
  type SymbolSource,
} from '#core/profile';
import { GrowingColumn, doubledCapacity } from './growing-column.ts';
import { StackTrie } from './stack-trie.ts';

/** A stay of a thread on a CPU, as `SpanTable` has it. */
export interface AddedSpan {
  readonly startNs: number;
  readonly endNs: number;
  readonly cpu: number;
  readonly thread: number;
  /** Code in LEAVING_REASONS. */
  readonly left: number;
  /** A node, -1 for none. */
  readonly stack: number;
  /** NaN where it is not known. */
  readonly readyNs: number;
  /** -1 where it is not known. */
  readonly waker: number;
}

export class ProfileBuilder {
  readonly stacks = new StackTrie();

  readonly #libraries = new Map<string, number>();
  readonly #functions = new Map<string, number>();
  readonly #functionNames: string[] = [];
  readonly #functionLibrary = new GrowingColumn(Uint32Array);
  readonly #functionKind = new GrowingColumn(Uint8Array);
  readonly #functionSource = new GrowingColumn(Uint8Array);

  readonly #process = new GrowingColumn(Int32Array, 64);
  readonly #thread = new GrowingColumn(Int32Array, 64);
  readonly #processNames: string[] = [];
  readonly #threadNames: string[] = [];

  #samples = new SampleColumns(1024);
  /** Only once a sample has one. */
  #sampleWeight: GrowingColumn<Float64Array> | null = null;

  #lossTime = new GrowingColumn(Float64Array, 16);
  #lossCpu = new GrowingColumn(Int16Array, 16);
  #lossSamples = new GrowingColumn(Float64Array, 16);

  #spans: SpanColumns | null = null;

  get sampleCount(): number {
    return this.#samples.length;
  }

  get threadCount(): number {
    return this.#process.length;
  }

  /** The position of a library, new or known. */
  library(name: string): number {
    const known = this.#libraries.get(name);
    if (known !== undefined) return known;
    const position = this.#libraries.size;
    this.#libraries.set(name, position);
    return position;
  }

  /** The position of a function, new or known: the same name in another library is another function. */
  function(name: string, library: string, kind: FunctionKind, source: SymbolSource): number {
    const key = `${library}\0${kind}\0${name}`;
    const known = this.#functions.get(key);
    if (known !== undefined) return known;
    const position = this.#functions.size;
    this.#functions.set(key, position);
    this.#functionNames.push(name);
    this.#functionLibrary.push(this.library(library));
    this.#functionKind.push(FUNCTION_KINDS.indexOf(kind));
    this.#functionSource.push(SYMBOL_SOURCES.indexOf(source));
    return position;
  }

  /** A new thread. */
  addThread(process: number, thread: number, processName: string, name: string): number {
    this.#process.push(process);
    this.#thread.push(thread);
    this.#processNames.push(processName);
    this.#threadNames.push(name);
    return this.threadCount - 1;
  }

  /** A thread often gets its name only after it was begun. */
  renameThread(position: number, processName: string, name: string): void {
    this.#processNames[position] = processName;
    this.#threadNames[position] = name;
  }

  /**
   * @param cpu -1 where it is not known
   * @param stack a node of `stacks`, -1 for none
   * @param instruction code in INSTRUCTION_KINDS
   * @param weight left out where all samples are equal; then for all of them
   */
  addSample(timeNs: number, cpu: number, thread: number, stack: number, instruction = 0, weight?: number): void {
    if (this.#samples.length === this.#samples.timeNs.length) this.#samples = this.#samples.doubled();
    const samples = this.#samples;
    const row = samples.length++;
    samples.timeNs[row] = timeNs;
    samples.cpu[row] = cpu;
    samples.thread[row] = thread;
    samples.stack[row] = stack;
    samples.instruction[row] = instruction;
    if (weight !== undefined) (this.#sampleWeight ??= new GrowingColumn(Float64Array)).push(weight);
  }

  addLoss(timeNs: number, cpu: number, samples: number): void {
    this.#lossTime.push(timeNs);
    this.#lossCpu.push(cpu);
    this.#lossSamples.push(samples);
  }

  /** The scheduler was watched, though it may not have told anything. */
  expectSpans(): void {
    this.#spans ??= new SpanColumns();
  }

  /** As if the scheduler had not been watched. */
  forgetSpans(): void {
    this.#spans = null;
  }

  addSpan(span: AddedSpan): void {
    this.expectSpans();
    this.#spans!.add(span);
  }

  /** Forgets samples, spans and losses; functions, stacks and threads keep their positions, for the rows that follow. */
  forgetRows(): void {
    this.#samples = new SampleColumns(1024);
    if (this.#sampleWeight !== null) this.#sampleWeight = new GrowingColumn(Float64Array);
    if (this.#spans !== null) this.#spans = new SpanColumns();
    this.#lossTime = new GrowingColumn(Float64Array, 16);
    this.#lossCpu = new GrowingColumn(Int16Array, 16);
    this.#lossSamples = new GrowingColumn(Float64Array, 16);
  }

  /** Everything that was added, in the order of its time. */
  finish(header: Omit<ProfileHeader, 'version'>): Profile {
    const samples = this.#samples.table(this.#sampleWeight);
    const lossOrder = timeOrder(this.#lossTime.view());
    const losses: LossTable = {
      timeNs: this.#lossTime.taken(lossOrder),
      cpu: this.#lossCpu.taken(lossOrder),
      samples: this.#lossSamples.taken(lossOrder),
    };
    return {
      header: { version: PROFILE_VERSION, ...header },
      libraries: [...this.#libraries.keys()],
      functions: {
        name: [...this.#functionNames],
        library: this.#functionLibrary.taken(null),
        kind: this.#functionKind.taken(null),
        source: this.#functionSource.taken(null),
      },
      stacks: this.stacks.table(),
      threads: {
        process: this.#process.taken(null),
        thread: this.#thread.taken(null),
        processName: [...this.#processNames],
        name: [...this.#threadNames],
      },
      samples,
      spans: this.#spans?.table() ?? null,
      losses,
    };
  }
}

/** Plain arrays: one function that pushes into arrays of all types is several times slower, and there are millions of samples. */
class SampleColumns {
  length = 0;
  readonly timeNs: Float64Array;
  readonly cpu: Int16Array;
  readonly thread: Uint32Array;
  readonly stack: Int32Array;
  readonly instruction: Uint8Array;

  constructor(capacity: number) {
    this.timeNs = new Float64Array(capacity);
    this.cpu = new Int16Array(capacity);
    this.thread = new Uint32Array(capacity);
    this.stack = new Int32Array(capacity);
    this.instruction = new Uint8Array(capacity);
  }

  doubled(): SampleColumns {
    const larger = new SampleColumns(doubledCapacity(this.length));
    larger.length = this.length;
    larger.timeNs.set(this.timeNs);
    larger.cpu.set(this.cpu);
    larger.thread.set(this.thread);
    larger.stack.set(this.stack);
    larger.instruction.set(this.instruction);
    return larger;
  }

  table(weight: GrowingColumn<Float64Array> | null): SampleTable {
    const { length } = this;
    const order = timeOrder(this.timeNs.subarray(0, length));
    const taken = <A extends Float64Array | Int32Array | Uint32Array | Int16Array | Uint8Array>(values: A): A => {
      if (order === null) return values.slice(0, length) as A;
      const sorted = values.slice(0, length) as A;
      for (let i = 0; i < length; i++) sorted[i] = values[order[i]!]!;
      return sorted;
    };
    return {
      timeNs: taken(this.timeNs),
      cpu: taken(this.cpu),
      thread: taken(this.thread),
      stack: taken(this.stack),
      instruction: taken(this.instruction),
      weight: weight?.taken(order) ?? null,
    };
  }
}

class SpanColumns {
  readonly #start = new GrowingColumn(Float64Array);
  readonly #end = new GrowingColumn(Float64Array);
  readonly #cpu = new GrowingColumn(Int16Array);
  readonly #thread = new GrowingColumn(Uint32Array);
  readonly #left = new GrowingColumn(Uint8Array);
  readonly #stack = new GrowingColumn(Int32Array);
  readonly #ready = new GrowingColumn(Float64Array);
  readonly #waker = new GrowingColumn(Int32Array);

  add(span: AddedSpan): void {
    this.#start.push(span.startNs);
    this.#end.push(span.endNs);
    this.#cpu.push(span.cpu);
    this.#thread.push(span.thread);
    this.#left.push(span.left);
    this.#stack.push(span.stack);
    this.#ready.push(span.readyNs);
    this.#waker.push(span.waker);
  }

  table(): SpanTable {
    const order = timeOrder(this.#start.view());
    return {
      startNs: this.#start.taken(order),
      endNs: this.#end.taken(order),
      cpu: this.#cpu.taken(order),
      thread: this.#thread.taken(order),
      left: this.#left.taken(order),
      stack: this.#stack.taken(order),
      readyNs: this.#ready.taken(order),
      waker: this.#waker.taken(order),
    };
  }
}

/** Rows by ascending time; null where they are already. Equal times keep their order. */
function timeOrder(times: Float64Array): Uint32Array | null {
  let sorted = true;
  for (let row = 1; row < times.length && sorted; row++) sorted = times[row - 1]! <= times[row]!;
  if (sorted) return null;
  return Uint32Array.from(times.keys()).sort((a, b) => times[a]! - times[b]! || a - b);
}
