// What pieces of work of one sort have in common: medians and 95th percentiles, and the share of each phase.

import { PIECE_PHASES, WHOLE } from '#core/shape';
import { quoteText } from '#recording/sql-text';
import { withShapes, type ShapesOf } from './read-shapes.ts';
import { conditionOf, type ShapeFilter } from './shape-relation.ts';

export interface Spread {
  readonly median: number;
  readonly p95: number;
}

export interface ShapePhase {
  readonly phase: string;
  /** Means over the pieces that have it, seconds. */
  readonly durationS: number;
  readonly cpuS: number | null;
}

export interface ShapeGroup {
  readonly kind: string;
  readonly codec: string | null;
  readonly encoder: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly pieces: number;
  readonly failed: number;
  /** CPU seconds for a million pixels that came out, frames counted each; null where nothing is known. */
  readonly cpuPerMpixel: Spread | null;
  readonly durationS: Spread | null;
  /** Cores, the mean over a piece. */
  readonly cores: Spread | null;
  /** Bytes. */
  readonly memory: Spread | null;
  readonly phases: readonly ShapePhase[];
}

/** More groups than anybody looks at. */
const MAX_GROUPS = 500;
const GROUP = ['kind', 'codec', 'encoder', 'width', 'height'] as const;

/**
 * Groups by kind, codec, encoder and size, those with most pieces first. Figures are of pieces that ended well, of the filter's phase
 * alone where it has one; phases stand in their order.
 * @param limit at most so many groups
 */
export async function shapeGroups(
  lab: ShapesOf,
  filter: ShapeFilter = {},
  limit: number = MAX_GROUPS,
): Promise<ShapeGroup[]> {
  return withShapes(lab, async (connection, relation) => {
    const group = GROUP.join(', ');
    const quantiles = (value: string) =>
      `quantile_cont(CASE WHEN outcome = 'ok' THEN CAST(${value} AS DOUBLE) END, [0.5, 0.95])`;
    const pieces = await connection.run(
      `SELECT ${group}, CAST(count(*) AS DOUBLE) AS pieces, CAST(count(*) FILTER (outcome <> 'ok') AS DOUBLE),
        ${quantiles('cpu_s * 1e6 / nullif(output_pixels * frames, 0)')}, ${quantiles('duration_s')},
        ${quantiles('cpu_s / nullif(duration_s, 0)')}, ${quantiles('memory_peak')}
      FROM ${relation} WHERE ${conditionOf({ ...filter, phase: filter.phase ?? WHOLE })}
      GROUP BY ALL ORDER BY pieces DESC, ${group} LIMIT ${Math.min(limit, MAX_GROUPS)}`,
    );
    const phases = await connection.run(
      `SELECT ${group}, phase, avg(duration_s), avg(cpu_s)
      FROM ${relation} WHERE ${conditionOf({ ...filter, phase: null })} AND phase <> ${quoteText(WHOLE)} AND outcome = 'ok'
      GROUP BY ALL`,
    );
    const phasesOf = Map.groupBy(await phases.getRowsJS(), (row) => JSON.stringify(row.slice(0, GROUP.length)));
    return (await pieces.getRowsJS()).map((row): ShapeGroup => {
      const key = row.slice(0, GROUP.length);
      const [kind, codec, encoder, width, height] = key as [string, ...(string | null)[]];
      const [count, failed, cpuPerMpixel, durationS, cores, memory] = row.slice(GROUP.length);
      return {
        kind,
        codec: codec ?? null,
        encoder: encoder ?? null,
        width: width === null ? null : Number(width),
        height: height === null ? null : Number(height),
        pieces: count as number,
        failed: failed as number,
        cpuPerMpixel: spread(cpuPerMpixel),
        durationS: spread(durationS),
        cores: spread(cores),
        memory: spread(memory),
        phases: (phasesOf.get(JSON.stringify(key)) ?? [])
          .map((each) => each.slice(GROUP.length) as [string, number, number | null])
          .map(([phase, mean, cpuS]) => ({ phase, durationS: mean, cpuS }))
          .toSorted((a, b) => order(a.phase) - order(b.phase)),
      };
    });
  });
}

function order(phase: string): number {
  const at = (PIECE_PHASES as readonly string[]).indexOf(phase);
  return at < 0 ? PIECE_PHASES.length : at;
}

function spread(value: unknown): Spread | null {
  const list = Array.isArray(value) ? (value as (number | null)[]) : null;
  const [median, p95] = list ?? [];
  return typeof median === 'number' && typeof p95 === 'number' ? { median, p95 } : null;
}
