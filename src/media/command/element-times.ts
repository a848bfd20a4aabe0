// Times of a pipeline's elements, collected while it runs: a series for each, and what is left of it at the end.

import type { Metric } from '#core/metric';
import { quantileSorted } from '#analysis/quantile';
import { GrowingColumn, ThinnedSample } from './growing-column.ts';
import { TracerReader } from './tracer-reader.ts';

/** Rows of one element that wait for the next flush. */
const BATCH_ROWS = 1024;
/** Times of one element that are kept for its quantiles; of more every second, fourth … is. */
const SAMPLE_SIZE = 32_768;
/** Times of an encoder that are kept to be matched with frames: ten hours at 60 frames a second. */
const MAX_FRAMES = 2_200_000;
/** Kept of lines that are not the tracer's. */
const MAX_OTHER_LINES = 50;

/** Where the times of elements go: an indicator `element.NAME.latency` in seconds. */
export interface ElementSink {
  /** Times are monotonic, microseconds: when the buffer left the element. Of the arrays, which are the receiver's now. */
  elements(name: string, timeUs: Float64Array, latencyS: Float64Array): void;
}

/** All times of one element, in the order in which buffers left it. */
export interface ElementHistory {
  readonly name: string;
  readonly factory: string | null;
  /** Monotonic, microseconds: when each buffer left. */
  readonly endUs: Float64Array;
  readonly durationUs: Float64Array;
}

export class ElementTimes {
  readonly #sink: ElementSink;
  readonly #named: ReadonlyMap<string, string>;
  readonly #factories = new Set<string>();
  readonly #elements: Element[] = [];
  readonly #other: string[] = [];
  readonly #reader: TracerReader;
  #begunUs = 0;
  /** Our monotonic clock less the tracer's stamps, microseconds: exact where the pipeline told its clock. */
  #offsetUs: number | null = null;
  /** The smallest difference between reading a record and its stamp. */
  #arrivalUs = Infinity;
  #nowUs = 0;
  records = 0;

  /** @param named factories of elements that were given a name, by that name */
  constructor(sink: ElementSink, named: ReadonlyMap<string, string>) {
    this.#sink = sink;
    this.#named = named;
    this.#reader = new TracerReader({
      element: (index, name) => (this.#elements[index] = new Element(name)),
      record: (index, timeNs, stampNs) => this.#record(index, timeNs / 1000, stampNs / 1000),
      clock: (clockNs, stampNs) => this.#clock(clockNs / 1000, stampNs / 1000),
      factory: (name) => this.#factories.add(name),
      other: (line) => {
        if (this.#other.push(line) > MAX_OTHER_LINES) this.#other.shift();
      },
    });
  }

  /** The program begins: nothing of it has a time before. */
  begin(timeUs: number): void {
    this.#begunUs = timeUs;
  }

  /** @param nowUs monotonic, when the bytes were read */
  push(chunk: Buffer, nowUs: number): void {
    this.#nowUs = nowUs;
    this.#reader.push(chunk);
  }

  /**
   * Hands on what is there: about once a second, and at the end. The pipeline tells its clock when it begins to play,
   * after its first buffers: they wait for it.
   */
  flush(atEnd = false): void {
    if (this.#offsetUs === null && !atEnd) return;
    for (const element of this.#elements) this.#flush(element);
  }

  /** Records of elements beyond those that are followed. */
  get dropped(): number {
    return this.#reader.dropped;
  }

  get otherLines(): readonly string[] {
    return this.#other;
  }

  /** How the tracer's time became ours. */
  get clock(): 'told' | 'estimated' | 'none' {
    return this.#offsetUs !== null ? 'told' : this.records > 0 ? 'estimated' : 'none';
  }

  /** Median and 95th percentile of each element, ms. */
  metrics(): Record<string, Metric> {
    const metrics: Record<string, Metric> = {};
    for (const { name, sample } of this.#elements) {
      const sorted = sample.sorted();
      for (const p of [0.5, 0.95])
        metrics[`element.${name} p${p * 100}`] = {
          value: quantileSorted(sorted, p) / 1000,
          unit: 'ms',
          better: 'lower',
        };
    }
    return metrics;
  }

  /** Elements that may be encoders by what made them, or by their names where that is not known. */
  encoders(): ElementHistory[] {
    return this.#elements
      .filter(({ ends }) => ends !== null)
      .map(({ name, ends, durations }) => {
        const endUs = ends!.values();
        for (let i = 0; i < endUs.length; i++) endUs[i]! += this.#offset;
        return { name, factory: this.#factoryOf(name), endUs, durationUs: durations!.values() };
      });
  }

  get #offset(): number {
    return this.#offsetUs ?? this.#arrivalUs;
  }

  #clock(clockUs: number, stampUs: number): void {
    const offset = clockUs - stampUs;
    // GStreamer began after the program did, and stamps lie in the past. Another clock than the system's is far off.
    if (this.#offsetUs === null && offset >= this.#begunUs && clockUs <= this.#nowUs) this.#offsetUs = offset;
  }

  #record(index: number, timeUs: number, stampUs: number): void {
    const element = this.#elements[index]!;
    if (this.records++ === 0 || this.#nowUs - stampUs < this.#arrivalUs) this.#arrivalUs = this.#nowUs - stampUs;
    if (element.sample.size === 0 && this.#mayEncode(element.name)) element.keepAll();
    element.add(timeUs, stampUs);
    if (element.waiting === BATCH_ROWS) this.#flush(element);
  }

  #flush(element: Element): void {
    if (element.waiting === 0) return;
    const timeUs = element.batchEnds.slice(0, element.waiting);
    const latencyS = element.batchTimes.slice(0, element.waiting);
    for (let i = 0; i < timeUs.length; i++) timeUs[i] = Math.round(timeUs[i]! + this.#offset);
    element.waiting = 0;
    this.#sink.elements(element.name, timeUs, latencyS);
  }

  #mayEncode(name: string): boolean {
    return !name.includes('..') && (this.#factoryOf(name) ?? name).includes('enc');
  }

  /** GStreamer names an element after its factory with a number: `x264enc0`, `avdec_h264-0`. */
  #factoryOf(name: string): string | null {
    const given = this.#named.get(name);
    if (given !== undefined) return given;
    const stem = name.replace(/#\d+$/, '').replace(/-?\d+$/, '');
    return this.#factories.has(stem) ? stem : null;
  }
}

class Element {
  readonly name: string;
  readonly sample = new ThinnedSample(SAMPLE_SIZE);
  readonly batchEnds = new Float64Array(BATCH_ROWS);
  readonly batchTimes = new Float64Array(BATCH_ROWS);
  waiting = 0;
  ends: GrowingColumn | null = null;
  durations: GrowingColumn | null = null;

  constructor(name: string) {
    this.name = name;
  }

  keepAll(): void {
    this.ends = new GrowingColumn(MAX_FRAMES);
    this.durations = new GrowingColumn(MAX_FRAMES);
  }

  add(timeUs: number, stampUs: number): void {
    this.sample.add(timeUs);
    this.batchEnds[this.waiting] = stampUs;
    this.batchTimes[this.waiting++] = timeUs / 1e6;
    this.ends?.add(stampUs);
    this.durations?.add(timeUs);
  }
}
