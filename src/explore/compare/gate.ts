// May this go on? A comparison with a baseline, judged for a build: green only where everything could be compared and nothing became worse.

import type { Comparison, ChangeRow } from './compare-sides.ts';
import { formatChange, formatLimit } from './format-change.ts';

/** How much worse is too much: a share of the old value, or an amount in the metric's own unit. */
export interface Limit {
  readonly kind: 'share' | 'amount';
  readonly value: number;
}

export interface GateRules {
  readonly limit: Limit;
  readonly byMetric: Readonly<Record<string, Limit>>;
  /** Where there are too few repeats for an interval, the limit alone decides. */
  readonly fewRepeats: boolean;
  /** Metrics that must have been compared. */
  readonly metrics: readonly string[];
}

export interface GateVerdict {
  /** `blocked`: something could not be compared, so nobody knows. */
  readonly state: 'passed' | 'worse' | 'blocked';
  readonly worse: readonly ChangeRow[];
  /** Why it is worse, and what could not be compared: a sentence each. */
  readonly reasons: readonly string[];
}

/** What is judged where nobody names metrics: as far as the runs have it. */
export const GATE_METRICS: readonly string[] = [
  'encode.fps',
  'encode.time p95',
  'cpu.time',
  'memory.peak',
  'quality.vmaf',
  'quality.xpsnr',
  'quality.ssim',
  'quality.psnr',
  'stream.rate presented',
  'stream.drops',
  'latency p95',
  'freeze.time',
];

/** A metric is too much worse where it is worse by more than its limit and surely worse (see compareSides), in a pair of cells or over all. */
export function judgeComparison(comparison: Comparison, rules: GateRules): GateVerdict {
  const rows = [...comparison.overall, ...comparison.cells].filter(({ metric }) => rules.metrics.includes(metric));
  const worse = rows.filter((row) => isTooBad(row, rules));
  const reasons = worse.map((row) => {
    const where = row.cell === null ? 'over all cells' : row.cell;
    const limit = formatLimit(rules.byMetric[row.metric] ?? rules.limit, row.unit);
    return `${row.metric} is worse, ${where}: ${formatChange(row)}, more than ${limit}`;
  });
  const blocked = blockers(comparison, rules, rows);
  return {
    state: worse.length > 0 ? 'worse' : blocked.length > 0 ? 'blocked' : 'passed',
    worse,
    reasons: [...reasons, ...blocked],
  };
}

function isTooBad(row: ChangeRow, rules: GateRules): boolean {
  const isSure = row.verdict === 'worse' || (rules.fewRepeats && row.verdict === 'unknown');
  return isSure && isBeyond(row, rules.byMetric[row.metric] ?? rules.limit);
}

/** Whether it is worse by more than the limit. From 0 on any amount is more than a share. */
function isBeyond(row: ChangeRow, limit: Limit): boolean {
  const sign = row.better === 'higher' ? -1 : 1;
  const amount = sign * (row.scale === 'difference' ? row.effect : row.effect - 1);
  if (limit.kind === 'share') return amount > 0 && (Number.isNaN(row.share) || sign * row.share > limit.value);
  if (row.scale === 'difference') return amount > limit.value;
  // Over several cells a ratio has no common amount: each cell has its own.
  return row.a !== null && row.b !== null && sign * (row.b - row.a) > limit.value;
}

function blockers(comparison: Comparison, rules: GateRules, rows: readonly ChangeRow[]): string[] {
  const { match } = comparison;
  const reasons: string[] = [];
  if (match.pairs.length === 0) reasons.push('no cell of one side matches a cell of the other');
  else if (match.onlyA.length > 0)
    reasons.push(`${count(match.onlyA.length, 'cell')} of the baseline missing: ${some(match.onlyA)}`);
  const failed = match.pairs.filter(({ b }) => b.failed > 0);
  if (failed.length > 0) {
    const why = failed.map(({ label, b }) => (b.reason === null ? label : `${label} (${b.reason})`));
    reasons.push(`runs failed in ${count(failed.length, 'cell')}: ${some(why)}`);
  }
  for (const metric of rules.metrics) {
    const own = rows.filter((row) => row.metric === metric);
    const cells = own.filter(({ cell }) => cell !== null);
    const expected = match.pairs.filter(({ a }) => a.values[metric] !== undefined).length;
    if (cells.length === 0) {
      reasons.push(whyNot(comparison, metric));
      continue;
    }
    if (cells.length < expected)
      reasons.push(`${metric} is missing in ${count(expected - cells.length, 'cell')} that the baseline has it for`);
    const isSureOverall = own.some(({ cell, interval }) => cell === null && interval !== null);
    const unsure = cells.filter(({ interval }) => interval === null).length;
    if (unsure > 0 && !isSureOverall && !rules.fewRepeats)
      reasons.push(
        `${metric}: too few repeats for an interval in ${count(unsure, 'cell')}: 3 on each side are the least (--few-repeats judges by the limit alone)`,
      );
  }
  return reasons;
}

function whyNot({ a, b, absent, notes }: Comparison, metric: string): string {
  if (absent.onBoth.includes(metric)) return `no run has ${metric}`;
  if (absent.onB.includes(metric)) return `only ${a} has ${metric}`;
  if (absent.onA.includes(metric)) return `only ${b} has ${metric}`;
  return notes.find((note) => note.startsWith(`${metric} is `)) ?? `${metric} could not be compared in any cell`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** Labels named in a sentence. */
const NAMED = 3;

function some(labels: readonly string[]): string {
  const rest = labels.length - NAMED;
  return labels.slice(0, NAMED).join('; ') + (rest > 0 ? ` and ${rest} more` : '');
}
