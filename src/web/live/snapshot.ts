// The values of a chart as a table: what is in view now, a row for each time.

import { firstAt, type Track } from '../chart/track.ts';

export interface Snapshot {
  readonly timeS: readonly number[];
  readonly columns: readonly (readonly (number | null)[])[];
}

/** More rows than anybody reads; the newest are kept. */
const MOST_ROWS = 50_000;

/** @param tracks those of a chart; their times may differ: each time of any has a row */
export function snapshot(tracks: readonly Track[], from: number, to: number): Snapshot {
  const times = new Set<number>();
  for (const { times: own, values, length } of tracks)
    for (let i = firstAt(own, length, from); i < length && own[i]! <= to; i++)
      if (!Number.isNaN(values[i]!)) times.add(own[i]!);
  const timeS = [...times].toSorted((a, b) => a - b).slice(-MOST_ROWS);
  const positions = new Map(timeS.map((time, position) => [time, position]));
  const columns = tracks.map(({ times: own, values, length }) => {
    const column = Array.from<number | null>({ length: timeS.length }).fill(null);
    for (let i = firstAt(own, length, timeS[0] ?? Infinity); i < length && own[i]! <= to; i++) {
      const at = positions.get(own[i]!);
      if (at !== undefined && !Number.isNaN(values[i]!)) column[at] = values[i]!;
    }
    return column;
  });
  return { timeS, columns };
}

/** In stored units and with all digits; an absent value is an empty field. */
export function snapshotCsv({ timeS, columns }: Snapshot, names: readonly string[], unit: string): string {
  const quote = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const head = names.map((name) => quote(unit === '1' ? name : `${name} (${unit})`));
  const lines = timeS.map((time, row) => [time.toFixed(6), ...columns.map((column) => column[row] ?? '')].join(','));
  return [['time_s', ...head].join(','), ...lines, ''].join('\n');
}
