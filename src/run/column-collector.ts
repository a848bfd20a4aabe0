// Collects the columns that metrics need, batch by batch: about 30 bytes a frame, so that a source of hours stays small.

import type { FrameBatch, StepBatch } from '#core/recording';
import { STEPS } from '#core/recording';

const DECODE = STEPS.indexOf('decode');
const SCALE = STEPS.indexOf('scale');
const ENCODE = STEPS.indexOf('encode');

/** A numeric column that grows by doubling. */
class GrowingColumn<T extends Float64Array | Float32Array | Int32Array | Uint8Array> {
  #values: T;
  #length = 0;
  readonly #make: (length: number) => T;

  constructor(make: (length: number) => T) {
    this.#make = make;
    this.#values = make(1024);
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const grown = this.#make(this.#length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#length++] = value;
  }

  get values(): T {
    return this.#values.subarray(0, this.#length) as T;
  }
}

const float64 = () => new GrowingColumn((length) => new Float64Array(length));
const float32 = () => new GrowingColumn((length) => new Float32Array(length));
const int32 = () => new GrowingColumn((length) => new Int32Array(length));
const uint8 = () => new GrowingColumn((length) => new Uint8Array(length));

export class ColumnCollector {
  readonly #bytes = int32();
  readonly #type = uint8();
  readonly #key = uint8();
  readonly #quantizer = float32();
  readonly #frame = int32();
  readonly #encodeStartUs = float64();
  readonly #encodeDelayUs = float32();
  readonly #encodeBusyUs = float32();
  readonly #decodeBusyUs = float32();
  readonly #scaleBusyUs = float32();
  #firstPts = Infinity;
  #lastPts = -Infinity;
  #secondsPerTick = NaN;

  addFrames(batch: FrameBatch): void {
    this.#secondsPerTick = batch.timeBase[0] / batch.timeBase[1];
    for (let i = 0; i < batch.frame.length; i++) {
      this.#bytes.push(batch.bytes[i]!);
      this.#type.push(batch.type[i]!);
      this.#key.push(batch.key[i]!);
      this.#quantizer.push(batch.quantizer[i]!);
      this.#frame.push(batch.frame[i]!);
      this.#firstPts = Math.min(this.#firstPts, batch.pts[i]!);
      this.#lastPts = Math.max(this.#lastPts, batch.pts[i]!);
    }
  }

  addSteps(batch: StepBatch): void {
    for (let i = 0; i < batch.frame.length; i++) {
      const busy = known(batch.busyUs[i]!);
      switch (batch.step[i]) {
        case DECODE:
          this.#decodeBusyUs.push(busy);
          break;
        case SCALE:
          this.#scaleBusyUs.push(busy);
          break;
        case ENCODE:
          this.#encodeStartUs.push(batch.startUs[i]!);
          this.#encodeDelayUs.push(known(batch.durationUs[i]!));
          this.#encodeBusyUs.push(busy);
          break;
      }
    }
  }

  columns() {
    const frames = this.#bytes.values.length;
    // The last frame's own duration is not in the table: it is taken to be the mean of the others.
    const spanS = (this.#lastPts - this.#firstPts) * this.#secondsPerTick;
    return {
      bytes: this.#bytes.values,
      type: this.#type.values,
      key: this.#key.values,
      quantizer: this.#quantizer.values,
      frame: this.#frame.values,
      playS: frames > 1 ? (spanS * frames) / (frames - 1) : NaN,
      encodeStartUs: this.#encodeStartUs.values,
      encodeDelayUs: this.#encodeDelayUs.values,
      encodeBusyUs: this.#encodeBusyUs.values,
      decodeBusyUs: this.#decodeBusyUs.values,
      scaleBusyUs: this.#scaleBusyUs.values,
    };
  }
}

type Columns = ReturnType<ColumnCollector['columns']>;

/** The columns of several streams as those of one: what is added up or ranked over frames does not care whose they are. */
export function joinColumns(streams: readonly Columns[]): Columns {
  const [first, ...others] = streams;
  if (first === undefined) throw new Error('a run has one stream at least');
  if (others.length === 0) return first;
  const join = <T extends Float64Array | Float32Array | Int32Array | Uint8Array>(pick: (columns: Columns) => T): T => {
    const parts = streams.map(pick);
    const joined = new (parts[0]!.constructor as new (length: number) => T)(
      parts.reduce((sum, part) => sum + part.length, 0),
    );
    let at = 0;
    for (const part of parts) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  };
  return {
    ...first,
    bytes: join((columns) => columns.bytes),
    type: join((columns) => columns.type),
    key: join((columns) => columns.key),
    quantizer: join((columns) => columns.quantizer),
    frame: join((columns) => columns.frame),
    playS: streams.reduce((sum, { playS }) => sum + playS, 0),
  };
}

function known(us: number): number {
  return us < 0 ? NaN : us;
}
