// Threads: where the same encodes were measured with different numbers of them, those that cost least CPU.

import { median } from '#analysis/quantile';
import { RESOURCES } from '#core/packing';
import { WHOLE, type ShapeRow } from '#core/shape';
import type { Fleet } from '../simulate/fleet.ts';
import { LEAST_GAIN, percent, type Advice } from './advice.ts';
import { meanInterval } from './mean-interval.ts';

/** Encodes of the same frames with both numbers of threads: fewer say nothing. */
const LEAST_PAIRS = 5;
/** More pairs would take time and say the same. */
const MOST_PAIRS = 2_000;
const MEMORY = RESOURCES.indexOf('memory');

/** The same frames, encoded in the same way with two numbers of threads: CPU seconds of each. */
interface Pair {
  readonly few: ShapeRow;
  readonly many: ShapeRow;
}

/**
 * Fewer threads for each encode and more encodes at once, where that saves CPU, and where the fleet's workers have the memory
 * to be full of such encodes.
 */
export function adviseThreads(rows: readonly ShapeRow[], fleet: Fleet | null): readonly Advice[] {
  const usable = rows.filter(
    (row) =>
      row.phase === WHOLE && row.outcome === 'ok' && row.threads !== null && row.cpuS !== null && row.source !== null,
  );
  return [...Map.groupBy(usable, wayOf).values()].flatMap((encodes) => {
    const threads = [...new Set(encodes.map((row) => row.threads!))].toSorted((a, b) => a - b);
    const most = threads.at(-1);
    const best = threads
      .slice(0, -1)
      .flatMap((few) => adviceOf(encodes, few, most!, fleet) ?? [])
      .toSorted((a, b) => b.gain.share.low - a.gain.share.low)[0];
    return best === undefined ? [] : [best];
  });
}

function adviceOf(encodes: readonly ShapeRow[], few: number, many: number, fleet: Fleet | null): Advice | null {
  const pairs = pairsOf(encodes, few, many).slice(0, MOST_PAIRS);
  if (pairs.length < LEAST_PAIRS) return null;
  const logs = meanInterval(pairs.map((pair) => Math.log(pair.few.cpuS! / pair.many.cpuS!)));
  const share = { value: 1 - Math.exp(logs.value), low: 1 - Math.exp(logs.high), high: 1 - Math.exp(logs.low) };
  if (!(share.low >= LEAST_GAIN)) return null;
  const memory = memoryACore(pairs);
  if (fleet !== null && !hasMemory(fleet, memory)) return null;
  const [first] = encodes;
  const size = first!.height === null ? '' : ` of ${first!.height} lines`;
  return {
    about: 'threads',
    what: `encode ${first!.encoder}${first!.preset === null ? '' : ` ${first!.preset}`}${size} with ${threadsText(few)} each instead of ${many}, and more at once`,
    gain: { of: 'cpu', share },
    evidence: [
      `${pairs.length} pairs of encodes of the same frames took ${percent(share.value)} less CPU with ${threadsText(few)} than with ${many} (median ${seconds(pairs.map((pair) => pair.few.cpuS!))} against ${seconds(pairs.map((pair) => pair.many.cpuS!))})`,
      ...(memory === null ? [] : [`full of them a worker needs ${(memory / 1e9).toFixed(2)} GB of memory a core`]),
    ],
  };
}

/** Encoder and all that its speed depends on but the frames. */
function wayOf(row: ShapeRow): string {
  return JSON.stringify([
    row.kind,
    row.encoder,
    row.engine,
    row.preset,
    row.width,
    row.height,
    row.passes,
    row.outputs,
    row.machine,
  ]);
}

/** Repeats of the same encode are paired in the order in which they ran. */
function pairsOf(encodes: readonly ShapeRow[], few: number, many: number): readonly Pair[] {
  const byTime = encodes.toSorted((a, b) => a.endedAt - b.endedAt);
  const same = Map.groupBy(byTime, (row) =>
    JSON.stringify([row.source, row.item, row.frames, row.rateControl, row.rateValue]),
  );
  return [...same.values()].flatMap((rows) => {
    const others = rows.filter((row) => row.threads === many);
    return rows
      .filter((row) => row.threads === few)
      .slice(0, others.length)
      .map((row, i) => ({ few: row, many: others[i]! }));
  });
}

/** Bytes that an encode with few threads takes for each core that it keeps busy; null where it was not measured. */
function memoryACore(pairs: readonly Pair[]): number | null {
  const values = pairs.flatMap(({ few: { memoryPeak, cpuS, durationS } }) =>
    memoryPeak === null ? [] : [memoryPeak / Math.max(cpuS! / durationS, Number.EPSILON)],
  );
  return values.length === 0 ? null : median(values);
}

/** Of every size of worker. What was not measured can't be judged, and is not advised. */
function hasMemory(fleet: Fleet, memory: number | null): boolean {
  return memory !== null && fleet.every(({ size }) => memory * size.capacity[0]! <= size.capacity[MEMORY]!);
}

function threadsText(threads: number): string {
  return threads === 1 ? '1 thread' : `${threads} threads`;
}

function seconds(values: readonly number[]): string {
  return `${median(values).toFixed(1)} s`;
}
