// Which rows of an agent's batch belong into a recording, and where its indicators stand in the recording's one list.

import type { Indicator } from '#core/indicator';
import type { FrameBatch, SeriesBatch, StepBatch } from '#core/recording';
import type { FrameWindow } from '#recording/live-file';

/** Rows point at their indicators with 16 bits. */
const MAX_INDICATORS = 65_536;
/** An indicator of an agent that the recording has no place for. */
const NOWHERE = -1;

/** Indicators of the same name and unit have one place, whichever agents measure them. */
export class IndicatorPlaces {
  readonly #list: Indicator[];
  readonly #places = new Map<string, number>();
  readonly #byAgent = new Map<string, Int32Array>();

  constructor(list: readonly Indicator[] = []) {
    this.#list = [...list];
    for (const [place, { name, unit }] of list.entries()) this.#places.set(JSON.stringify([name, unit]), place);
  }

  get list(): readonly Indicator[] {
    return this.#list;
  }

  /** @returns whether the recording's list grew */
  set(agent: string, indicators: readonly Indicator[]): boolean {
    const before = this.#list.length;
    const places = Int32Array.from(indicators, (indicator) => this.#placeOf(indicator));
    this.#byAgent.set(agent, places);
    return this.#list.length > before;
  }

  #placeOf(indicator: Indicator): number {
    const key = JSON.stringify([indicator.name, indicator.unit]);
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    if (this.#list.length === MAX_INDICATORS) return NOWHERE;
    this.#places.set(key, this.#list.length);
    return this.#list.push(indicator) - 1;
  }

  /**
   * Rows with places of the recording's list instead of those of the agent's own.
   * @param isWanted by the agent's own time
   */
  mapped(agent: string, batch: SeriesBatch, isWanted: (timeUs: number) => boolean): SeriesBatch {
    const places = this.#byAgent.get(agent) ?? NO_PLACES;
    const rows = batch.timeUs.length;
    const indicator = new Uint16Array(rows);
    const timeUs = new Float64Array(rows);
    const value = new Float64Array(rows);
    let kept = 0;
    for (let i = 0; i < rows; i++) {
      const place = places[batch.indicator[i]!] ?? NOWHERE;
      if (place === NOWHERE || !isWanted(batch.timeUs[i]!)) continue;
      indicator[kept] = place;
      timeUs[kept] = batch.timeUs[i]!;
      value[kept++] = batch.value[i]!;
    }
    return {
      agent,
      indicator: indicator.subarray(0, kept),
      timeUs: timeUs.subarray(0, kept),
      value: value.subarray(0, kept),
    };
  }
}

const NO_PLACES = new Int32Array();

/** The rows of a batch that lie in its stream's window: the batch itself where all do, which is nearly always. */
export function framesInside(batch: FrameBatch, windows: readonly FrameWindow[]): FrameBatch {
  const rows = rowsInside(batch, windows);
  if (rows === null) return batch;
  return {
    stream: batch.stream,
    timeBase: batch.timeBase,
    frame: pick(batch.frame, rows),
    sourceFrame: pick(batch.sourceFrame, rows),
    pts: pick(batch.pts, rows),
    type: pick(batch.type, rows),
    key: pick(batch.key, rows),
    bytes: pick(batch.bytes, rows),
    quantizer: pick(batch.quantizer, rows),
  };
}

export function stepsInside(batch: StepBatch, windows: readonly FrameWindow[]): StepBatch {
  const rows = rowsInside(batch, windows);
  if (rows === null) return batch;
  return {
    stream: batch.stream,
    role: batch.role,
    frame: pick(batch.frame, rows),
    step: pick(batch.step, rows),
    startUs: pick(batch.startUs, rows),
    durationUs: pick(batch.durationUs, rows),
    busyUs: pick(batch.busyUs, rows),
    outcome: pick(batch.outcome, rows),
  };
}

/** Null where all rows lie inside. */
function rowsInside(
  { stream, frame }: { readonly stream: string; readonly frame: Int32Array },
  windows: readonly FrameWindow[],
): Int32Array | null {
  const window = windows.find((one) => one.stream === stream);
  if (window === undefined) return NO_PLACES;
  const last = window.last ?? Infinity;
  if (frame.every((number) => number >= window.first && number <= last)) return null;
  const rows: number[] = [];
  for (const [row, number] of frame.entries()) if (number >= window.first && number <= last) rows.push(row);
  return Int32Array.from(rows);
}

function pick<T extends Int32Array | Float64Array | Float32Array | Uint8Array>(column: T, rows: Int32Array): T {
  const picked = new (column.constructor as new (length: number) => T)(rows.length);
  for (let i = 0; i < rows.length; i++) picked[i] = column[rows[i]!]!;
  return picked;
}
