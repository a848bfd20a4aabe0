// The results of a benchmark as a table for the terminal, and as JSON.

import { styleText } from 'node:util';
import { LEAST_OF_INTERVAL } from '#analysis/median-interval';
import { qualityMetricNames } from '#analysis/quality-metrics';
import { encodeMetricNames } from '#analysis/run-metrics';
import { sessionMetricNames } from '#analysis/session-metrics';
import { HOOK_ROLES } from '#core/benchmark';
import { formatQuantity } from '#core/format-quantity';
import { UserError } from '#core/user-error';
import { nearestName } from '#core/nearest-name';
import { withSpread } from '#explore/report/spread-text';
import { isKeyframeSetting, keyframeMetrics } from '#explore/report/keyframe-metrics';
import { summarizeMetric, type BenchResults, type CellResult } from '#matrix/bench-results';
import { isImported } from '#run/import-study';
import { againstColumn } from './bench-against.ts';
import { plainText } from './plain-text.ts';
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
/** What a SPICE desktop is judged by: what passes its tap, what the client says, and what its programs cost. */
const SPICE_METRICS = [
  'stream.rate encoded',
  'frame.gap p95',
  'encode.time p95',
  'decode.time p95',
  'server.tap.report.drops',
  'bitrate',
  'guest.sender.cpu',
  'server.program.cpu',
  'client.program.cpu',
];
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
  const usual = usualMetrics(known, quality);
  const aboutKeyframes = variesKeyframes(results) ? keyframeMetrics(known) : [];
  const metrics = asked ?? [...new Set([...usual, ...aboutKeyframes, ...ownMetrics(known)])];
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
    runsText(result, results.benchmark),
    ...shown.map((name) => metricText(result, name)),
    ...(compared === null ? [] : [compared.text.get(result.cell.label) ?? '']),
    remark(result, shown),
  ]);
  return [
    textTable(columns, rows),
    ...rangeLines(results, shown),
    ...excludedLines(results),
    ...verdictLines(results),
    ...driftLines(results),
  ].join('\n');
}

/** What stands behind a median in brackets: of few repeats their range, of more an interval that `±` would not tell. */
function* rangeLines({ cells }: BenchResults, metrics: readonly string[]): Generator<string> {
  const counts = cells.flatMap((cell) =>
    metrics.flatMap((name) => {
      const summary = summarizeMetric(cell, name);
      return summary !== null && metricText(cell, name).endsWith(')') ? [summary.count] : [];
    }),
  );
  const hasRange = counts.some((count) => count < LEAST_OF_INTERVAL);
  const hasInterval = counts.some((count) => count >= LEAST_OF_INTERVAL);
  if (counts.length > 0) yield '';
  if (hasRange) yield `(a to b) is the range of the repeats: a 95 % interval takes ${LEAST_OF_INTERVAL} of them`;
  if (hasInterval)
    yield `(a to b) is the 95 % interval of the median${hasRange ? ` where there are ${LEAST_OF_INTERVAL} repeats or more` : ''}`;
}

/** Runs that went well, of those that were planned; of results of others nobody knows a plan. */
function runsText({ runs }: CellResult, benchmark: BenchResults['benchmark']): string {
  const good = runs.filter(({ outcome }) => outcome === 'ok').length;
  return `${good}/${isImported(benchmark) ? runs.length : benchmark.repeat}`;
}

/** Whether the cells differ in how often there is a keyframe. */
function variesKeyframes({ cells }: BenchResults): boolean {
  const names = new Set(cells.flatMap(({ cell }) => Object.keys(cell.settings).filter(isKeyframeSetting)));
  return [...names].some((name) => new Set(cells.map(({ cell }) => cell.settings[name])).size > 1);
}

function usualMetrics(known: readonly string[], quality: readonly string[]): readonly string[] {
  if (known.some((name) => name.startsWith('server.tap.'))) return SPICE_METRICS;
  if (known.includes('stream.rate encoded')) return [...STREAM_METRICS, ...quality, ...STREAM_COST_METRICS];
  // Where nothing was encoded it is the time that was measured.
  return [...(known.includes('encode.fps') ? [] : ['wall']), ...USUAL_METRICS, ...quality, ...COST_METRICS];
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
      excluded: results.excluded
        .filter(({ run }) => run.sameKey === result.cell.sameKey)
        .map(({ run, reason }) => ({ run: run.id, reason })),
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

/** `151 frame/s ±2 %`: the median, and half the width of its 95 % interval, or both its ends; of few repeats `151 frame/s (148 to 154)`, their range. */
function metricText(result: CellResult, name: string): string {
  const summary = summarizeMetric(result, name);
  if (summary === null) return '';
  return withSpread(formatQuantity(summary.median, summary.unit), summary, { name, unit: summary.unit });
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

/** Runs that are told one by one. */
const MAX_EXCLUDED_LINES = 10;

function* excludedLines({ excluded }: BenchResults): Generator<string> {
  if (excluded.length === 0) return;
  yield '';
  yield `left out by hand, and counted nowhere: ${excluded.length} ${excluded.length === 1 ? 'run' : 'runs'} (encodelab runs include takes them in again)`;
  for (const { run, reason } of excluded.slice(0, MAX_EXCLUDED_LINES))
    yield `  ${run.id}  ${run.cell ?? ''} (${run.repeat}): ${plainText(reason)}`;
  if (excluded.length > MAX_EXCLUDED_LINES) yield `  and ${excluded.length - MAX_EXCLUDED_LINES} more`;
}

function* verdictLines(results: BenchResults): Generator<string> {
  if (results.verdicts.length === 0) return;
  yield '';
  const missed = missedWords(results);
  if (missed.length === 0)
    yield styleText('green', `all ${results.verdicts.length} thresholds are met`, { stream: process.stdout });
  for (const words of missed) yield styleText('red', words, { stream: process.stdout });
}

function* driftLines(results: BenchResults): Generator<string> {
  const words = driftWords(results);
  if (words === null) return;
  yield '';
  yield styleText('yellow', words, { stream: process.stdout });
}

/** Thresholds that were missed, and a drift of the machine: sentences without a full stop. */
export function remarksOf(results: BenchResults): string[] {
  const drift = driftWords(results);
  return [...missedWords(results), ...(drift === null ? [] : [drift])];
}

function missedWords({ verdicts }: BenchResults): string[] {
  return verdicts
    .filter(({ state }) => state !== 'met')
    .map(({ threshold, cell, state, value }) => {
      const why = state === 'unknown' ? 'not known: no run of it has the metric' : `it is ${value!.toPrecision(4)}`;
      return `threshold not met: ${threshold} in ${cell}: ${why}`;
    });
}

function driftWords({ drift }: BenchResults): string | null {
  if (drift === null) return null;
  const share = `${drift.share > 0 ? '+' : ''}${(drift.share * 100).toFixed(1)} %`;
  return drift.kind === 'trend'
    ? `the machine itself changed: the cell that was repeated through the bench drifted by ${share} (p = ${drift.p!.toFixed(3)})`
    : `the machine was disturbed: the cell that was repeated through the bench strayed by up to ${share}`;
}
