// The past of what a page begins to look at, from the rows that the collector still has.

import type { Collector } from '#live/collector-types';
import { packMessage } from './stream-packing.ts';
import { collectorSeconds, FrameRows, SeriesRows, StepRows } from './stream-rows.ts';

/** Rows of all indicators of a request: 16 MB. Each gets its share, at least what a chart can show; a longer past has every 2nd, 4th … row. */
const MAX_PAST_ROWS = 1_000_000;
const LEAST_PAST_ROWS = 1_000;
/** Rows of frames, or of the steps of one role. */
const MAX_PAST_FRAME_ROWS = 200_000;

interface PastSeries {
  readonly rows: SeriesRows;
  /** Every Nth row is taken. */
  every: number;
  seen: number;
}

export class StreamPast {
  readonly #collector: Collector;
  readonly #tables = new Map<string, (PastSeries | undefined)[]>();
  readonly #series: readonly PastSeries[];
  readonly #withFrames: boolean;
  readonly #maxRows: number;

  /** @param keys `agent/indicator` */
  constructor(collector: Collector, keys: readonly string[], withFrames: boolean) {
    this.#collector = collector;
    this.#withFrames = withFrames;
    const byKey = new Map<string, PastSeries>();
    for (const key of keys) {
      const slash = key.indexOf('/');
      if (slash > 0)
        byKey.set(key, { rows: new SeriesRows(key.slice(0, slash), key.slice(slash + 1)), every: 1, seen: 0 });
    }
    this.#series = [...byKey.values()];
    this.#maxRows = Math.max(LEAST_PAST_ROWS, Math.floor(MAX_PAST_ROWS / (byKey.size + 1)));
    const agents = new Set(this.#series.map(({ rows }) => rows.agent));
    if (agents.size === 0) return;
    for (const { name, indicators } of collector.state().agents)
      if (agents.has(name))
        this.#tables.set(
          name,
          indicators.map((indicator) => byKey.get(`${name}/${indicator.name}`)),
        );
  }

  /** @returns packed messages */
  read(pastS: number): Uint8Array[] {
    if (this.#tables.size === 0 && !this.#withFrames) return [];
    const { epochUs } = this.#collector;
    const frames = new Map<string, FrameRows>();
    const steps = new Map<string, StepRows>();
    const stop = this.#collector.listen(
      {
        series: (agent, batch, clock) => {
          const table = this.#tables.get(agent);
          if (table === undefined || clock === null) return;
          for (let row = 0; row < batch.indicator.length; row++) {
            const past = table[batch.indicator[row]!];
            if (past === undefined) continue;
            add(past, collectorSeconds(batch.timeUs[row]!, clock, epochUs), batch.value[row]!, this.#maxRows);
          }
        },
        frames: (_agent, batch, clock) => {
          if (!this.#withFrames) return;
          let rows = frames.get(batch.stream);
          if (rows === undefined) frames.set(batch.stream, (rows = new FrameRows(batch.stream)));
          if (rows.count < MAX_PAST_FRAME_ROWS) rows.add(batch, clock, epochUs);
        },
        steps: (_agent, batch, clock) => {
          if (!this.#withFrames) return;
          const key = `${batch.role}/${batch.stream}`;
          let rows = steps.get(key);
          if (rows === undefined) steps.set(key, (rows = new StepRows(batch.stream, batch.role)));
          if (rows.count < MAX_PAST_FRAME_ROWS) rows.add(batch, clock, epochUs);
        },
        picture: () => undefined,
        feed: () => undefined,
        changed: () => undefined,
      },
      pastS,
    );
    // The past is told before `listen` comes back.
    stop();
    const all = [...this.#series.map(({ rows }) => rows), ...frames.values(), ...steps.values()];
    return all.flatMap((rows) => {
      const message = rows.message(1);
      return message === null ? [] : [packMessage(message)];
    });
  }
}

function add(past: PastSeries, timeS: number, value: number, maxRows: number): void {
  if (past.seen++ % past.every !== 0) return;
  past.rows.add(timeS, value);
  if (past.rows.count < maxRows) return;
  past.rows.halve();
  past.every *= 2;
}
