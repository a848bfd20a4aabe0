// encodelab profile record -- COMMAND …

import { constants } from 'node:os';
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { formatQuantity } from '#core/format-quantity';
import { USUAL_PROFILE, WHOLE_PROFILE } from '#core/profile';
import type { RecordingHeader } from '#core/recording';
import type { RunRecord } from '#core/run';
import type { CommandWatch } from '#media/running-encode';
import { measureSelection, ownThreads } from '#profile/selection';
import { readProfile } from '#recording/profile-tables';
import { readHeader } from '#recording/read-recording';
import { profileCommand } from '#run/profile-command';
import { EXIT } from './exit-code.ts';
import { labOption } from './lab-option.ts';
import { packageVersion } from './package-version.ts';
import { plainLine, plainText } from './plain-text.ts';
import { parseFrequency } from './profile-option.ts';
import { ProfileSignals, type SignalledCommand } from './profile-signals.ts';
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
      "\nExamples:\n  encodelab profile record -- ffmpeg -i film.mp4 -c:v libx264 out.mp4\n  encodelab profile record --stacks dwarf --name av1 -- SvtAv1EncApp -i in.y4m -b out.ivf\n\nThe exit code is the command's: 128 and the number of the signal that ended it, 130 after Ctrl-C. The first Ctrl-C ends the command, the second kills it, and both keep the profile; a third gives it up. SIGTERM is as the second. What the command leaves behind is ended with it.",
    )
    .action(async (command: string[], options: RecordOptions) => setExitCode(await record(command, options)));
}

async function record(argv: readonly string[], options: RecordOptions): Promise<number> {
  const watched = new WatchedCommand(options.json === true);
  const signals = new ProfileSignals(watched, (text) => console.error(text));
  const release = signals.listen();
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
        signal: signals.kill,
        profileSignal: signals.giveUp,
      });
      const folder = lab.recordingFolder(run.id);
      const recorded = { run, header: await readHeader(folder), ownSamples: await ownSamples(folder) };
      if (options.json === true) console.log(JSON.stringify(recordedJson(recorded, watched)));
      else console.error(describe(recorded, watched));
      return watched.exitCode(recorded.header.profile !== undefined, signals);
    });
  } finally {
    release();
  }
}

/** The command while it runs: what it prints is passed on as it comes. */
class WatchedCommand implements CommandWatch, SignalledCommand {
  readonly #json: boolean;
  #pid: number | null = null;
  #isInterrupted = false;
  isOver = false;
  code: number | null = null;
  signal: NodeJS.Signals | null = null;

  constructor(json: boolean) {
    this.#json = json;
  }

  began(pid: number): void {
    this.#pid = pid;
    if (this.#isInterrupted) this.interrupt();
  }

  output(stream: 'stdout' | 'stderr', chunk: Buffer): void {
    const to = stream === 'stderr' || this.#json ? process.stderr : process.stdout;
    to.write(chunk);
  }

  left(names: readonly string[]): void {
    console.error(leftWords(names));
  }

  ended(code: number | null, signal: NodeJS.Signals | null): void {
    this.#pid = null;
    this.isOver = true;
    this.code = code;
    this.signal = signal;
  }

  /** As Ctrl-C at its own terminal would: its whole group hears of it, at its beginning where that is still to come. */
  interrupt(): void {
    this.#isInterrupted = true;
    if (this.#pid === null) return;
    try {
      process.kill(-this.#pid, 'SIGINT');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /**
   * The command's own; of one that a signal ended what a shell tells of it: of ours, where we were told to end it. 1 where it went well and no
   * profile could be taken.
   */
  exitCode(hasProfile: boolean, { heard, giveUp }: ProfileSignals): number {
    if (this.signal !== null || giveUp.aborted || !this.isOver) {
      const signal = heard ?? this.signal;
      if (signal !== null) return SIGNALLED + constants.signals[signal];
    }
    return this.code === 0 && !hasProfile ? EXIT.failed : (this.code ?? EXIT.failed);
  }
}

/** Names that are told. */
const MAX_LEFT = 5;

function leftWords(names: readonly string[]): string {
  const more = names.length > MAX_LEFT ? ` and ${names.length - MAX_LEFT} more` : '';
  const told = names.slice(0, MAX_LEFT).map(plainLine).join(', ') + more;
  return `the command is over and did not wait for what it had started, which is ended: ${told}`;
}

interface RecordedCommand {
  readonly run: RunRecord;
  readonly header: RecordingHeader;
  /** Of the command's processes, as the page shows them first; null where there are no others, or it is not known which they are. */
  readonly ownSamples: number | null;
}

async function ownSamples(folder: string): Promise<number | null> {
  const profile = await readProfile(folder);
  const threads = profile && ownThreads(profile);
  return profile && threads && measureSelection(profile, { ...WHOLE_PROFILE, threads }).busySamples;
}

function recordedJson({ run, header, ownSamples }: RecordedCommand, command: WatchedCommand) {
  const { profile, rows, absent } = header;
  return {
    run: run.id,
    exitCode: command.code,
    signal: command.signal,
    samples: profile === undefined ? null : (rows.samples ?? 0),
    ownSamples,
    lost: profile?.lost ?? null,
    duration: profile === undefined ? null : (profile.endNs - profile.startNs) / 1e9,
    overheadCpuS: profile?.overheadCpuS ?? null,
    absent: [...(profile?.absent ?? []), ...absent],
  };
}

function describe({ run, header, ownSamples }: RecordedCommand, command: WatchedCommand): string {
  const { profile, rows } = header;
  const ended = command.signal === null ? `with status ${command.code ?? 'unknown'}` : `by ${command.signal}`;
  const missing = profile?.absent ?? header.absent.filter((text) => text.startsWith('profile'));
  return [
    `the command ended ${ended}`,
    profile === undefined
      ? `run ${run.id}, without a profile`
      : `run ${run.id}: ${samplesWords(rows.samples ?? 0, ownSamples)} in ${formatQuantity((profile.endNs - profile.startNs) / 1e9, 's')}, taken by ${plainText(profile.tool)}`,
    ...(typeof profile?.overheadCpuS !== 'number'
      ? []
      : [`taking it used ${formatQuantity(profile.overheadCpuS, 's')} of CPU beside the command`]),
    ...missing.map((text) => `missing: ${plainText(text)}`),
    ...(profile === undefined ? [] : ['', `encodelab serve shows it: /runs/${run.id}/profile`]),
  ].join('\n');
}

function samplesWords(all: number, own: number | null): string {
  if (own === null) return `${all.toLocaleString('en')} samples`;
  return `${own.toLocaleString('en')} samples of the command, ${all.toLocaleString('en')} with all else that ran and idle CPUs,`;
}
