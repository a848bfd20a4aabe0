// The results of a benchmark as a table for the terminal, and as JSON.

import { styleText } from 'node:util';
import { qualityMetricNames } from '#analysis/quality-metrics';
import { encodeMetricNames } from '#analysis/run-metrics';
import { sessionMetricNames } from '#analysis/session-metrics';
import { HOOK_ROLES } from '#core/benchmark';
import { formatQuantity } from '#core/format-quantity';
import { UserError } from '#core/user-error';
import { nearestName } from '#core/nearest-name';
import { summarizeMetric, type BenchResults, type CellResult } from '#matrix/bench-results';
import { againstColumn } from './bench-against.ts';
import { textTable } from './text-table.ts';

/** What a stream is judged by. */
const STREAM_METRICS = [
  'stream.rate presented',
  'stream.drops',
  'latency p50',
  'latency p95',
  'freeze.time',
  'encode.time p95',
  'bitrate',
];
const STREAM_COST_METRICS = ['guest.sender.cpu', 'client.receiver.cpu'];
const USUAL_METRICS = ['encode.fps', 'encode.fps p5', 'encode.time p95', 'bitrate'];
/** One of them beside VMAF: the first that was measured. */
const QUALITY_METRICS = ['quality.xpsnr', 'quality.ssim', 'quality.psnr'];
const COST_METRICS = ['cpu.time', 'memory.peak'];
/** Cores that others kept busy during a run, from which on its times are doubtful. */
const DISTURBING_CORES = 0.2;

/** Metrics that at least one run has, in the order in which runs tell them. */
export function knownMetrics(results: BenchResults): string[] {
  return [...new Set(results.cells.flatMap(({ runs }) => runs.flatMap((run) => Object.keys(run.metrics))))];
}

/**
 * The table, the thresholds, the drift: what `bench run` and `bench report` print.
 * @param asked metrics to show; null for the usual ones and those that a command tells of itself
 * @param against a property and its value that cells are compared with: `level=lowest`
 */
export function reportText(results: BenchResults, asked: readonly string[] | null, against?: string): string {
  const compared = against === undefined ? null : againstColumn(results, against);
  const known = knownMetrics(results);
  const quality = [...QUALITY_METRICS.filter((name) => known.includes(name)).slice(0, 1), 'quality.vmaf'];
  const usual = known.includes('stream.rate encoded')
    ? [...STREAM_METRICS, ...quality, ...STREAM_COST_METRICS]
    : [...USUAL_METRICS, ...quality, ...COST_METRICS];
  const metrics = asked ?? [...usual, ...ownMetrics(known)];
  for (const name of asked ?? []) {
    if (known.length === 0 || known.includes(name) || usual.includes(name)) continue;
    const near = nearestName(name, known);
    throw new UserError({
      what: `no run has a metric "${name}"`,
      where: '--metrics',
      todo: near === null ? `there are: ${known.join(', ')}` : `did you mean ${near}?`,
    });
  }
  const shown = metrics.filter((name) => known.includes(name));
  const columns = [
    { title: 'cell' },
    { title: 'runs', align: 'right' as const },
    ...shown.map((title) => ({ title, align: 'right' as const })),
    ...(compared === null ? [] : [{ title: compared.title, align: 'right' as const }]),
    { title: '' },
  ];
  const rows = results.cells.map((result) => [
    result.cell.label,
    `${result.runs.length}/${results.benchmark.repeat}`,
    ...shown.map((name) => metricText(result, name)),
    ...(compared === null ? [] : [compared.text.get(result.cell.label) ?? '']),
    remark(result, shown),
  ]);
  return [textTable(columns, rows), ...verdictLines(results), ...driftLines(results)].join('\n');
}

/** Metrics that only the benchmark's own command has. */
function ownMetrics(known: readonly string[]): string[] {
  const common = new Set([...encodeMetricNames(), ...sessionMetricNames(), ...qualityMetricNames()]);
  const isIndicator = (name: string) => HOOK_ROLES.some((role) => name.startsWith(`${role}.`));
  return known.filter((name) => !common.has(name) && !name.startsWith('element.') && !isIndicator(name));
}

/** One line of JSON a cell. */
export function reportJson(results: BenchResults): string[] {
  const names = knownMetrics(results);
  return results.cells.map((result) =>
    JSON.stringify({
      cell: result.cell.label,
      settings: result.cell.settings,
      state: result.state,
      runs: result.runs.map(({ id }) => id),
      metrics: Object.fromEntries(
        names.flatMap((name) => {
          const summary = summarizeMetric(result, name);
          return summary === null ? [] : [[name, summary]];
        }),
      ),
      thresholds: results.verdicts.filter(({ cell }) => cell === result.cell.label),
    }),
  );
}

/** `151 frame/s ±2%`: the median, and half the width of its 95 % interval. */
function metricText(result: CellResult, name: string): string {
  const summary = summarizeMetric(result, name);
  if (summary === null) return '';
  const text = formatQuantity(summary.median, summary.unit);
  if (summary.interval === null || summary.median === 0) return text;
  const half = (summary.interval[1] - summary.interval[0]) / 2 / Math.abs(summary.median);
  return `${text} ±${half < 0.0005 ? '0' : half >= 0.0995 ? (half * 100).toFixed(0) : (half * 100).toPrecision(2)}%`;
}

function remark(result: CellResult, metrics: readonly string[]): string {
  const notes: string[] = [];
  const failed = result.runs.find(({ outcome }) => outcome !== 'ok');
  if (failed !== undefined)
    notes.push(styleText('red', `${failed.outcome}: ${firstLine(failed.reason)}`, { stream: process.stdout }));
  const strayed = metrics.filter((name) => (summarizeMetric(result, name)?.outliers.length ?? 0) > 0);
  const others = summarizeMetric(result, 'host.others')?.median ?? 0;
  // What the benchmark itself loads the machine with is no disturbance.
  const isStressed = (result.cell.settings['stress'] ?? 'none') !== 'none';
  if (others >= DISTURBING_CORES && !isStressed)
    notes.push(styleText('yellow', `disturbed: others used ${others.toFixed(1)} cores`, { stream: process.stdout }));
  if (strayed.length > 0)
    notes.push(styleText('yellow', `outlier in ${strayed.join(', ')}`, { stream: process.stdout }));
  return notes.join('; ');
}

function firstLine(text: string | null): string {
  return (text ?? '').split('\n')[0]!.slice(0, 100);
}

function* verdictLines({ verdicts }: BenchResults): Generator<string> {
  const missed = verdicts.filter(({ state }) => state !== 'met');
  if (verdicts.length === 0) return;
  yield '';
  if (missed.length === 0)
    yield styleText('green', `all ${verdicts.length} thresholds are met`, { stream: process.stdout });
  for (const { threshold, cell, state, value } of missed) {
    const why = state === 'unknown' ? 'not known: no run of it has the metric' : `it is ${value!.toPrecision(4)}`;
    yield styleText('red', `threshold not met: ${threshold} in ${cell}: ${why}`, { stream: process.stdout });
  }
}

function* driftLines({ drift }: BenchResults): Generator<string> {
  if (drift === null) return;
  const share = `${drift.share > 0 ? '+' : ''}${(drift.share * 100).toFixed(1)} %`;
  yield '';
  yield styleText(
    'yellow',
    drift.kind === 'trend'
      ? `the machine itself changed: the cell that was repeated through the bench drifted by ${share} (p = ${drift.p!.toFixed(3)})`
      : `the machine was disturbed: the cell that was repeated through the bench strayed by up to ${share}`,
    { stream: process.stdout },
  );
}
