// Measured shapes as work: what is known of a whole piece, as it is packed.

import { WHOLE, type ShapeRow } from '#core/shape';
import { UserError } from '#core/user-error';

export interface UsableShape {
  readonly title: string;
  readonly kind: string;
  readonly durationS: number;
  /** Mean cores busy. */
  readonly cores: number;
  /** That a worker gave an encode; null for other work, and where it is not known. */
  readonly threads: number | null;
  /** What was not measured is not packed by: 0. */
  readonly memoryBytes: number;
  readonly diskBytes: number;
  /** Bytes a second. */
  readonly network: number;
}

/** Fewer cores than that are rounding: an item takes a hundredth of a core at least. */
const LEAST_CORES = 0.01;

/**
 * Whole pieces that ended well and whose CPU was measured.
 * @param filter that chose them, for messages
 * @throws UserError where there is none
 */
export function usableShapes(rows: readonly ShapeRow[], filter: string): readonly UsableShape[] {
  const usable = rows.filter(isUsable).map((row) => ({
    title: row.title ?? row.id,
    kind: row.kind,
    durationS: row.durationS,
    cores: Math.max(LEAST_CORES, row.cpuS! / row.durationS),
    threads: row.kind === 'encode' ? row.threads : null,
    memoryBytes: row.memoryPeak ?? 0,
    diskBytes: row.diskWritten ?? 0,
    network: (row.network ?? 0) / row.durationS,
  }));
  if (usable.length > 0) return usable;
  throw new UserError({
    what: `no shape of the lab ${filter === '' ? 'tells what a piece of work took' : `matches '${filter}'`}`,
    where: 'shapes',
    todo: 'encodelab shapes list shows what there is (several outputs together are encoder=libsvtav1+libx264); encodes of titles and benchmarks leave them',
  });
}

function isUsable(row: ShapeRow): boolean {
  return isEnded(row) && row.cpuS !== null && row.durationS > 0;
}

function isEnded({ phase, outcome }: ShapeRow): boolean {
  return phase === WHOLE && outcome === 'ok';
}

/** What of these rows can't be played for want of their CPU, a sentence; null where all can. */
export function unusableText(rows: readonly ShapeRow[]): string | null {
  const without = rows.filter((row) => isEnded(row) && !isUsable(row));
  if (without.length === 0) return null;
  const kinds = [...new Set(without.map(({ kind }) => kind))].toSorted();
  const pieces = without.length === 1 ? '1 piece' : `${without.length} pieces`;
  return `${pieces} of work without CPU: ${kinds.join(', ')}`;
}
