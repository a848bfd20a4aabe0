// encodelab record

import { styleText } from 'node:util';
import type { Command } from 'commander';
import { formatQuantity } from '#core/format-quantity';
import { MAX_RECORDING_S, MIN_RECORDING_S } from '#core/live';
import { QUALITY_METRICS, type QualityMetric, type QualityWanted } from '#core/quality';
import type { RunRecord } from '#core/run';
import { UserError } from '#core/user-error';
import type { LiveClient, RecordingProgress } from '#live/live-client';
import { EXIT, type ExitCode } from './exit-code.ts';
import { onInterrupt } from './interrupt.ts';
import { addLiveOptions, connect, type LiveOptions } from './live-option.ts';
import { plainText } from './plain-text.ts';
import type { SetExitCode } from './program.ts';
import { formatSpan } from './progress-line.ts';
import { runJson } from './run-json.ts';
import { textTable } from './text-table.ts';

interface RecordOptions extends LiveOptions {
  readonly name: string;
  readonly for?: number;
  readonly quality?: QualityWanted;
  readonly json?: true;
}

export function addRecordCommand(program: Command, setExitCode: SetExitCode): void {
  addLiveOptions(program.command('record').description('record the running session: it becomes a run of the lab'))
    .requiredOption('--name <name>', 'what it is called while it is recorded')
    .option('--for <time>', 'how long: 40s, 5m; until Ctrl-C where it is left out', parseTime)
    .option(
      '--quality <list>',
      `scores of what the client saw, with commas between: ${QUALITY_METRICS.join(', ')}`,
      parseQuality,
    )
    .option('--json', 'print the run as one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  encodelab record --name before --for 40s\n  encodelab record --name after --for 1m --quality psnr,xpsnr --json\n\nThe first Ctrl-C ends the recording and keeps it, the second does not wait for its scores.',
    )
    .action(async (options: RecordOptions) => setExitCode(await record(await connect(options), options)));
}

async function record(live: LiveClient, options: RecordOptions): Promise<ExitCode> {
  const interrupt = onInterrupt(() => note('ending the recording; Ctrl-C again does not wait for it'));
  try {
    const run = await live.startRecording({
      name: options.name,
      forS: options.for ?? null,
      quality: options.quality ?? null,
      keepOutput: false,
      identity: null,
    });
    interrupt.drain.addEventListener('abort', () => void end(live, run), { once: true });
    if (interrupt.drain.aborted) await end(live, run);
    const recorded = await live.recorded(run, interrupt.stop, showProgress);
    clearProgress();
    console.log(options.json === true ? JSON.stringify(runJson(recorded)) : describe(options.name, recorded));
    for (const line of await live.missing(run)) console.error(`missing: ${plainText(line)}`);
    return recorded.outcome === 'ok' ? EXIT.ok : EXIT.failed;
  } catch (error) {
    clearProgress();
    if (!interrupt.stop.aborted) throw error;
    note('the server goes on with it: encodelab runs shows it when it is done');
    return EXIT.interrupted;
  } finally {
    interrupt.release();
    live.close();
  }
}

async function end(live: LiveClient, run: string): Promise<void> {
  await live.endRecording(run, false).catch((error: unknown) => {
    // It may have ended by itself just now: whoever waits for it is told.
    if (!(error instanceof UserError)) throw error;
    note(error.message);
  });
}

function describe(name: string, run: RunRecord): string {
  const metrics = Object.entries(run.metrics).map(([metric, { value, unit, better }]) => [
    plainText(metric),
    formatQuantity(value, unit),
    better ?? '',
  ]);
  return [
    `${plainText(name)}: run ${run.id}, ${run.outcome ?? 'not ended'}${run.durationS === null ? '' : `, ${formatQuantity(run.durationS, 's')}`}`,
    ...(run.reason === null ? [] : [plainText(run.reason)]),
    ...(metrics.length === 0
      ? []
      : ['', textTable([{ title: 'metric' }, { title: 'value', align: 'right' }, { title: 'better' }], metrics)]),
  ].join('\n');
}

let shown = '';

function showProgress({ stage, elapsedS, forS }: RecordingProgress): void {
  const of = forS === null ? '' : ` of ${formatSpan(forS)}`;
  const text = stage === 'scoring' ? 'comparing pictures' : `recording ${formatSpan(elapsedS)}${of}`;
  if (process.stderr.isTTY === true)
    process.stderr.write(`\r\u001B[K${styleText('cyan', text, { stream: process.stderr })}`);
  else if (stage !== shown) console.error(stage === 'scoring' ? text : 'recording');
  shown = stage;
}

function clearProgress(): void {
  if (shown !== '' && process.stderr.isTTY === true) process.stderr.write('\r\u001B[K');
}

function note(text: string): void {
  clearProgress();
  console.error(text);
}

/** `40s`, `5m`, `1h`, `500ms`; a bare number is seconds. */
export function parseTime(text: string): number {
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim()) ?? [];
  const seconds = Number(number) * { ms: 0.001, s: 1, m: 60, h: 3600 }[unit as 's']!;
  if (seconds >= MIN_RECORDING_S && seconds <= MAX_RECORDING_S) return seconds;
  throw new UserError({
    what: `"${text}" is no time for a recording`,
    where: '--for',
    todo: 'from 100ms to 24h, as in 40s, 5m or 1h; without --for it goes on until Ctrl-C',
  });
}

function parseQuality(text: string): QualityWanted {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !QUALITY_METRICS.includes(name as QualityMetric));
  if (unknown !== undefined)
    throw new UserError({
      what: `there is no score "${unknown}"`,
      where: '--quality',
      todo: `there are: ${QUALITY_METRICS.join(', ')}`,
    });
  return { metrics: [...new Set(names as QualityMetric[])], vmafEngine: null, vmafModel: null };
}
