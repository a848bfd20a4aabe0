// encodelab profile record -- COMMAND …

import { constants } from 'node:os';
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { formatQuantity } from '#core/format-quantity';
import { USUAL_PROFILE } from '#core/profile';
import type { RecordingHeader } from '#core/recording';
import type { RunRecord } from '#core/run';
import type { CommandWatch } from '#media/running-encode';
import { readHeader } from '#recording/read-recording';
import { profileCommand } from '#run/profile-command';
import { EXIT } from './exit-code.ts';
import { onInterrupt } from './interrupt.ts';
import { labOption } from './lab-option.ts';
import { packageVersion } from './package-version.ts';
import { plainLine, plainText } from './plain-text.ts';
import { parseFrequency } from './profile-option.ts';
import type { SetExitCode } from './program.ts';
import { withLab } from './with-lab.ts';

interface RecordOptions {
  readonly frequency: number;
  readonly stacks: 'fp' | 'dwarf';
  readonly name?: string;
  readonly json?: true;
  readonly lab: string;
}

/** A shell's exit code of a command that a signal ended is this and the signal's number. */
const SIGNALLED = 128;
/** Of a command line that is a name. */
const NAME_LENGTH = 100;

export function addProfileRecord(profile: Command, setExitCode: SetExitCode): void {
  profile
    .command('record')
    .argument('<command...>', 'a program and its arguments, behind --')
    .description('run a command and record where its CPU time goes: it becomes a run of the lab')
    .option('--frequency <hz>', 'samples a second on each CPU', parseFrequency, USUAL_PROFILE.frequencyHz)
    .addOption(
      new Option('--stacks <how>', 'frame pointers, or unwound by debug information: 8 KB a sample')
        .choices(['fp', 'dwarf'])
        .default('fp'),
    )
    .option('--name <text>', 'what the run is called; the command where it is left out')
    .option('--json', "print the run as one JSON object; the command's output goes to standard error")
    .addOption(labOption())
    .addHelpText(
      'after',
      "\nExamples:\n  encodelab profile record -- ffmpeg -i film.mp4 -c:v libx264 out.mp4\n  encodelab profile record --stacks dwarf --name av1 -- SvtAv1EncApp -i in.y4m -b out.ivf\n\nThe exit code is the command's: 128 and the number of the signal that ended it, 130 after Ctrl-C. The first Ctrl-C ends the command and keeps the profile, the second kills it.",
    )
    .action(async (command: string[], options: RecordOptions) => setExitCode(await record(command, options)));
}

async function record(argv: readonly string[], options: RecordOptions): Promise<number> {
  const interrupt = onInterrupt(() => console.error('ending the command; Ctrl-C again kills it'));
  const watched = new WatchedCommand(options.json === true);
  interrupt.drain.addEventListener('abort', () => watched.interrupt(), { once: true });
  try {
    return await withLab(options.lab, async (lab) => {
      const run = await profileCommand({
        lab,
        version: packageVersion(),
        argv,
        folder: resolve('.'),
        name: plainLine(options.name ?? '') || plainLine(argv.join(' ')).slice(0, NAME_LENGTH),
        profile: {
          ...USUAL_PROFILE,
          frequencyHz: options.frequency,
          stacks: options.stacks === 'dwarf' ? 'dwarf' : 'frame-pointers',
        },
        watch: watched,
        signal: interrupt.stop,
      });
      const header = await readHeader(lab.recordingFolder(run.id));
      if (options.json === true) console.log(JSON.stringify(recordedJson(run, header, watched)));
      else console.error(describe(run, header, watched));
      return watched.exitCode(header.profile !== undefined, interrupt.drain.aborted);
    });
  } finally {
    interrupt.release();
  }
}

/** The command while it runs: what it prints is passed on as it comes. */
class WatchedCommand implements CommandWatch {
  readonly #json: boolean;
  #pid: number | null = null;
  code: number | null = null;
  signal: NodeJS.Signals | null = null;

  constructor(json: boolean) {
    this.#json = json;
  }

  began(pid: number): void {
    this.#pid = pid;
  }

  output(stream: 'stdout' | 'stderr', chunk: Buffer): void {
    const to = stream === 'stderr' || this.#json ? process.stderr : process.stdout;
    to.write(chunk);
  }

  ended(code: number | null, signal: NodeJS.Signals | null): void {
    this.#pid = null;
    this.code = code;
    this.signal = signal;
  }

  /** As Ctrl-C at its own terminal would: its whole group hears of it. */
  interrupt(): void {
    if (this.#pid === null) return;
    try {
      process.kill(-this.#pid, 'SIGINT');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /** The command's own; of one that a signal ended what a shell tells of it. 1 where it went well and no profile could be taken. */
  exitCode(hasProfile: boolean, isInterrupted: boolean): number {
    if (this.signal !== null) return isInterrupted ? EXIT.interrupted : SIGNALLED + constants.signals[this.signal];
    return this.code === 0 && !hasProfile ? EXIT.failed : (this.code ?? EXIT.failed);
  }
}

function recordedJson(run: RunRecord, { profile, rows, absent }: RecordingHeader, command: WatchedCommand) {
  return {
    run: run.id,
    exitCode: command.code,
    signal: command.signal,
    samples: profile === undefined ? null : (rows.samples ?? 0),
    lost: profile?.lost ?? null,
    duration: profile === undefined ? null : (profile.endNs - profile.startNs) / 1e9,
    overheadCpuS: profile?.overheadCpuS ?? null,
    absent: [...(profile?.absent ?? []), ...absent],
  };
}

function describe(run: RunRecord, header: RecordingHeader, command: WatchedCommand): string {
  const { profile, rows } = header;
  const ended = command.signal === null ? `with status ${command.code ?? 'unknown'}` : `by ${command.signal}`;
  const missing = profile?.absent ?? header.absent.filter((text) => text.startsWith('profile'));
  return [
    `the command ended ${ended}`,
    profile === undefined
      ? `run ${run.id}, without a profile`
      : `run ${run.id}: ${rows.samples ?? 0} samples in ${formatQuantity((profile.endNs - profile.startNs) / 1e9, 's')}, taken by ${plainText(profile.tool)}`,
    ...(typeof profile?.overheadCpuS !== 'number'
      ? []
      : [`taking it used ${formatQuantity(profile.overheadCpuS, 's')} of CPU beside the command`]),
    ...missing.map((text) => `missing: ${plainText(text)}`),
    ...(profile === undefined ? [] : ['', `encodelab serve shows it: /runs/${run.id}/profile`]),
  ].join('\n');
}
