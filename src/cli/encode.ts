// encodelab encode SOURCE

import { resolve, basename, extname } from 'node:path';
import { Option, type Command } from 'commander';
import { nearestName } from '#core/nearest-name';
import { SOURCE_FAULTS, type SourceFault } from '#core/source-check';
import { PROTECTIONS, type Protection } from '#core/title';
import { UserError } from '#core/user-error';
import { fileIdentity } from '#media/inspect-cache';
import { checkLadder } from '#pipeline/check-ladder';
import { readLadder } from '#pipeline/ladder';
import type { TitleRequest } from '#pipeline/title-request';
import { NEW_TITLE_PRIORITY } from '#pipeline/titles';
import type { ExitCode } from './exit-code.ts';
import { labOption } from './lab-option.ts';
import { makeTitle } from './make-title.ts';
import type { SetExitCode } from './program.ts';
import { parseTime } from './record.ts';
import { withLab } from './with-lab.ts';
import { parseWhole } from './parse-whole.ts';
import { addWorkerOptions, type WorkerOptions } from './worker-option.ts';

interface EncodeOptions extends WorkerOptions {
  readonly lab: string;
  readonly ladder: string;
  readonly out?: string;
  readonly chunk?: number;
  readonly name?: string;
  readonly accept?: readonly SourceFault[];
  readonly protect?: Protection;
  readonly alsoClear?: true;
  readonly priority: number;
  readonly deadline?: string;
  readonly resume?: true;
  readonly json?: true;
}

const DEFAULT_LADDER = 'web';

export function addEncodeCommand(program: Command, setExitCode: SetExitCode): void {
  const command = program
    .command('encode')
    .argument('<source>', 'a video file')
    .description('make a title of a source: every rung of a ladder, in parallel chunks, packaged and published')
    .option('--ladder <file|name>', 'rungs, audio and protection (docs/ladders.md)', DEFAULT_LADDER)
    .option('--out <dir>', 'folder to publish to; a folder of the lab where it is left out')
    .option('--chunk <length>', 'length of a chunk: auto, 30s', parseChunk)
    .option('--name <name>', "the title's name; the file's where it is left out")
    .option('--accept <faults>', 'faults of the source to go on with, with commas between', parseFaults)
    .addOption(new Option('--protect <scheme>', 'encryption, whatever the ladder says').choices(PROTECTIONS))
    .option('--also-clear', 'publish a protected title in the clear as well, in its folder none')
    .option('--priority <n>', 'higher goes first', parseWhole, NEW_TITLE_PRIORITY)
    .option('--deadline <time>', 'of equal priority the earlier goes first: 2026-12-24T18:00Z', parseDeadline);
  addWorkerOptions(command)
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
  const { deadline = null, priority, slots, cpus, memory, resume = false, json = false } = options;
  const name = options.name ?? basename(request.source, extname(request.source));
  const limits = { slots, cpus, memory };
  return withLab(options.lab, async (lab) => {
    await checkLadder(request.ladder, lab.cacheFolder);
    return makeTitle(lab, request, { name, priority, deadline, ...limits, resume, json });
  });
}

async function requestOf(source: string, options: EncodeOptions): Promise<TitleRequest> {
  const path = resolve(source);
  const identity = await fileIdentity(path);
  if (identity === null) throw new UserError({ what: 'there is no such file', where: source, todo: 'Check the path.' });
  const asked = await readLadder(options.ladder);
  const ladder = options.alsoClear === true ? { ...asked, alsoClear: true } : asked;
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

export function parseDeadline(text: string): string {
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
