// Chunk length: where pieces cost much that does not depend on their length, longer ones save it.

import { mean, median } from '#analysis/quantile';
import { WHOLE, type ShapeRow } from '#core/shape';
import { LEAST_GAIN, percent, type Advice } from './advice.ts';
import { bootstrapGroups } from './bootstrap.ts';

/** Pieces of one kind: fewer give no line. */
const LEAST_PIECES = 30;
/** The newest of each kind; more would take time and say the same. */
const MOST_PIECES = 2_000;
/** The longest pieces of a title have so many times the frames of its shortest: else the line has no slope to tell. */
const LEAST_RANGE = 2;

/**
 * CPU seconds of a piece as a line over its frames: what every piece costs, however short. Pieces are compared within their titles alone:
 * one that is harder to encode and cut shorter would look like a cost of cutting.
 */
export function adviseChunks(rows: readonly ShapeRow[]): readonly Advice[] {
  const usable = rows.filter(
    (row) =>
      // Only encodes are cut: what else there is has the length of its source.
      row.kind === 'encode' &&
      row.phase === WHOLE &&
      row.outcome === 'ok' &&
      row.item !== null &&
      row.cpuS !== null &&
      (row.frames ?? 0) > 0,
  );
  return [...Map.groupBy(usable, kindOf).values()].flatMap(
    (pieces) => adviceOf(pieces.toSorted((a, b) => b.endedAt - a.endedAt).slice(0, MOST_PIECES)) ?? [],
  );
}

function adviceOf(all: readonly ShapeRow[]): Advice | null {
  const titles = [...Map.groupBy(all, ({ title }) => title).values()].filter(hasRange);
  const pieces = titles.flat();
  if (pieces.length < LEAST_PIECES) return null;
  // Pieces of twice the length are half as many: half of what each costs anyway is saved.
  const share = bootstrapGroups(titles, (draw) => fixedCpuS(draw) / 2 / mean(draw.flat().map((row) => row.cpuS!)));
  if (!(share.low >= LEAST_GAIN)) return null;
  const [first] = pieces;
  const frames = pieces.map((row) => row.frames!);
  return {
    about: 'chunks',
    what: `cut ${wayText(first!)} into chunks of twice the length (${2 * median(frames)} frames)`,
    gain: { of: 'cpu', share },
    evidence: [
      `${pieces.length} pieces of ${titles.length === 1 ? '1 title' : `${titles.length} titles`}, ${Math.min(...frames)} to ${Math.max(...frames)} frames: each costs ${fixedCpuS(titles).toFixed(2)} s of CPU however short it is, of ${mean(pieces.map((row) => row.cpuS!)).toFixed(2)} s on average (${percent(2 * share.value)})`,
    ],
  };
}

function hasRange(pieces: readonly ShapeRow[]): boolean {
  const frames = pieces.map((row) => row.frames!);
  return Math.max(...frames) >= LEAST_RANGE * Math.min(...frames);
}

/** Encoder and all that its speed depends on but the frames. */
function kindOf(row: ShapeRow): string {
  return JSON.stringify([
    row.kind,
    row.encoder,
    row.engine,
    row.preset,
    row.rateControl,
    row.rateValue,
    row.passes,
    row.width,
    row.height,
    row.threads,
    row.outputs,
    row.machine,
  ]);
}

/** What tells a kind from others, for people. */
function wayText({ kind, encoder, preset, rateControl, rateValue, height, threads }: ShapeRow): string {
  return [
    encoder ?? kind,
    preset,
    rateControl !== null && rateValue !== null ? `${rateControl} ${rateValue}` : null,
    height === null ? null : `of ${height} lines`,
    threads === null ? null : `with ${threads === 1 ? '1 thread' : `${threads} threads`}`,
  ]
    .filter((word) => word !== null)
    .join(' ');
}

/**
 * What a piece costs at no frames, by least squares within each title; NaN where no title has pieces of different lengths. Pieces of the same
 * relative error count alike: weights 1 / frames².
 */
function fixedCpuS(titles: readonly (readonly ShapeRow[])[]): number {
  let above = 0;
  let below = 0;
  for (const pieces of titles) {
    // Weighted least squares of cpu = a + b × frames is the plain one of cpu / frames = b + a / frames.
    const x = pieces.map((row) => 1 / row.frames!);
    const y = pieces.map((row) => row.cpuS! / row.frames!);
    const meanX = mean(x);
    const meanY = mean(y);
    for (let i = 0; i < x.length; i++) {
      above += (x[i]! - meanX) * (y[i]! - meanY);
      below += (x[i]! - meanX) ** 2;
    }
  }
  return below === 0 ? NaN : above / below;
}
