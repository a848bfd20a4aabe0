// encodelab encode SOURCE

import { resolve, basename, extname } from 'node:path';
import { Option, type Command } from 'commander';
import { nearestName } from '#core/nearest-name';
import { SOURCE_FAULTS, type SourceFault } from '#core/source-check';
import { PROTECTIONS, type Protection, type TitleSummary } from '#core/title';
import { UserError } from '#core/user-error';
import { fileIdentity } from '#media/inspect-cache';
import { readLadder } from '#pipeline/ladder';
import type { TitleRequest } from '#pipeline/title-request';
import { NEW_TITLE_PRIORITY, openTitles, type Titles } from '#pipeline/titles';
import { aloneOnTitle } from '#pipeline/alone-on-title';
import { workOnTitles } from '#pipeline/work-on-titles';
import { encodeReport, type EncodeReport } from './encode-report.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { onInterrupt } from './interrupt.ts';
import { labOption } from './lab-option.ts';
import { packageVersion } from './package-version.ts';
import type { SetExitCode } from './program.ts';
import { parseTime } from './record.ts';
import { withLab } from './with-lab.ts';

interface EncodeOptions {
  readonly lab: string;
  readonly ladder: string;
  readonly out?: string;
  readonly chunk?: number;
  readonly name?: string;
  readonly accept?: readonly SourceFault[];
  readonly protect?: Protection;
  readonly priority: number;
  readonly deadline?: string;
  readonly slots?: number;
  readonly resume?: true;
  readonly json?: true;
}

const DEFAULT_LADDER = 'web';
const PROGRESS_MS = 500;

export function addEncodeCommand(program: Command, setExitCode: SetExitCode): void {
  program
    .command('encode')
    .argument('<source>', 'a video file')
    .description('make a title of a source: every rung of a ladder, in parallel chunks, packaged and published')
    .option('--ladder <file|name>', 'rungs, audio and protection (docs/ladders.md)', DEFAULT_LADDER)
    .option('--out <dir>', 'folder to publish to; a folder of the lab where it is left out')
    .option('--chunk <length>', 'length of a chunk: auto, 30s', parseChunk)
    .option('--name <name>', "the title's name; the file's where it is left out")
    .option('--accept <faults>', 'faults of the source to go on with, with commas between', parseFaults)
    .addOption(new Option('--protect <scheme>', 'encryption, whatever the ladder says').choices(PROTECTIONS))
    .option('--priority <n>', 'higher goes first', parseWhole, NEW_TITLE_PRIORITY)
    .option('--deadline <time>', 'of equal priority the earlier goes first: 2026-12-24T18:00Z', parseDeadline)
    .option('--slots <n>', 'encoder threads at work at once; as many as there are cores by default', parseWhole)
    .option('--resume', 'go on with a title that was broken off or failed; an error where there is none')
    .option('--json', 'print one JSON object a line for each event, and the summary at the end')
    .addOption(labOption())
    .addHelpText(
      'after',
      '\nExamples:\n  encodelab encode film.mp4\n  encodelab encode film.mp4 --ladder ladder.yaml --out /srv/media/film --protect cbcs\n\nThe same command again goes on where it was broken off. The first Ctrl-C ends after the items in work, the second at once: nothing that is done is lost.',
    )
    .action(async (source: string, options: EncodeOptions) => setExitCode(await encode(source, options)));
}

async function encode(source: string, options: EncodeOptions): Promise<ExitCode> {
  const request = await requestOf(source, options);
  return withLab(options.lab, async (lab) => {
    const titles = await openTitles(lab);
    const report = encodeReport(options.json === true);
    try {
      return await makeTitle(titles, request, options, report);
    } finally {
      report.close();
      await titles.close();
    }
  });
}

async function makeTitle(
  titles: Titles,
  request: TitleRequest,
  options: EncodeOptions,
  report: EncodeReport,
): Promise<ExitCode> {
  const interrupt = onInterrupt((text) => report.note(text));
  try {
    const id = await takeUp(titles, request, options, report);
    const work = () =>
      workOnTitles({
        titles,
        title: id,
        slots: options.slots,
        drain: interrupt.drain,
        stop: interrupt.stop,
        version: packageVersion(),
        onNote: (text) => report.note(text),
        onEvent: (event) => report.event(event),
      });
    const shown = setInterval(() => void showProgress(titles, id, report), PROGRESS_MS);
    await aloneOnTitle(titles, id, { work, signal: interrupt.drain, onWait: (who) => report.note(who) }).finally(() =>
      clearInterval(shown),
    );
    const summary = await titles.summary(id);
    report.end(summary);
    return exitCodeOf(summary);
  } finally {
    interrupt.release();
  }
}

async function showProgress(titles: Titles, id: string, report: EncodeReport): Promise<void> {
  const title = await titles.queue.title(id);
  if (title !== null) report.progress({ title, leftS: null });
}

/** A title that asks for the same is gone on with: nothing is made twice. */
async function takeUp(
  titles: Titles,
  request: TitleRequest,
  options: EncodeOptions,
  report: EncodeReport,
): Promise<string> {
  const same = await titles.findSame(request);
  if (same === null) {
    if (options.resume === true)
      throw new UserError({
        what: 'there is no title of this source with this ladder to go on with',
        where: request.source,
        todo: 'Leave out --resume, or see encodelab titles list.',
      });
    const name = options.name ?? basename(request.source, extname(request.source));
    const { priority, deadline = null } = options;
    const id = await titles.add({ name, request, priority, deadline, campaign: null });
    report.begun(id, name, false);
    return id;
  }
  if (same.state === 'failed') await titles.queue.retryFailed(same.id);
  if (same.state === 'paused') await titles.queue.changeTitle(same.id, { state: 'running' });
  report.begun(same.id, same.name, true);
  return same.id;
}

function exitCodeOf({ outcome }: TitleSummary): ExitCode {
  if (outcome === 'done') return EXIT.ok;
  return outcome === 'interrupted' ? EXIT.interrupted : EXIT.failed;
}

async function requestOf(source: string, options: EncodeOptions): Promise<TitleRequest> {
  const path = resolve(source);
  const identity = await fileIdentity(path);
  if (identity === null) throw new UserError({ what: 'there is no such file', where: source, todo: 'Check the path.' });
  const ladder = await readLadder(options.ladder);
  return {
    version: 1,
    source: path,
    identity,
    ladder: options.protect === undefined ? ladder : { ...ladder, protection: options.protect },
    chunkS: options.chunk ?? null,
    out: options.out === undefined ? null : resolve(options.out),
    accept: options.accept ?? [],
  };
}

/** Undefined for `auto`: the plan decides. */
function parseChunk(text: string): number | undefined {
  return text === 'auto' ? undefined : parseTime(text);
}

function parseWhole(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0) return number;
  throw new UserError({ what: `"${text}" is no whole number`, todo: 'as in --slots 2' });
}

function parseDeadline(text: string): string {
  const time = Date.parse(text);
  if (Number.isNaN(time))
    throw new UserError({ what: `"${text}" is no time`, where: '--deadline', todo: 'as in 2026-12-24T18:00Z' });
  return new Date(time).toISOString();
}

function parseFaults(text: string): SourceFault[] {
  return text.split(',').map((part) => {
    const name = part.trim();
    const fault = SOURCE_FAULTS.find((each) => each === name);
    if (fault !== undefined) return fault;
    const near = nearestName(name, SOURCE_FAULTS);
    throw new UserError({
      what: `"${name}" is no fault of a source`,
      where: '--accept',
      todo: near === null ? `one of: ${SOURCE_FAULTS.join(', ')}` : `did you mean ${near}?`,
    });
  });
}
