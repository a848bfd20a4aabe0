// Any command line as a run with a profile: measured like a benchmark's command, in the folder and with the output of who starts it.

import { UserError } from '#core/user-error';
import type { CommandSpec } from '#core/command';
import type { ProfileWanted } from '#core/profile';
import type { RunRecord } from '#core/run';
import type { Lab } from '#lab/lab';
import { readEnvironment } from '#measure/environment';
import { programBuild, resolveProgram } from '#media/command/program';
import type { CommandWatch } from '#media/running-encode';
import { executeRun } from './execute-run.ts';
import { sameKey } from './same-key.ts';

export interface ProfiledCommand {
  readonly lab: Lab;
  /** Version of encodelab. */
  readonly version: string;
  readonly argv: readonly string[];
  /** Absolute: what the command runs in. */
  readonly folder: string;
  /** What the run is called. */
  readonly name: string;
  readonly profile: ProfileWanted;
  readonly watch: CommandWatch;
  /** Kills the command; what was recorded until then is kept where `profileSignal` is another. */
  readonly signal: AbortSignal;
  /** Gives its profile up; `signal` where it is left out. */
  readonly profileSignal?: AbortSignal | undefined;
}

/** Sampling interval of the probes, milliseconds: the second's metrics and what goes on within it. */
const INTERVAL_MS = 100;

/**
 * Runs it to its end; how it ends is an outcome of the run.
 * @throws UserError where there is no such program, or the lab can't be written
 */
export async function profileCommand(command: ProfiledCommand): Promise<RunRecord> {
  const { lab, version, argv, folder, name, profile, watch, signal, profileSignal } = command;
  const found = await resolveProgram(argv[0]!, folder);
  if ('why' in found)
    throw new UserError({ what: found.why, todo: 'write the command behind --, as in: profile record -- ffmpeg …' });
  const build = await programBuild(found.path);
  const known = await readEnvironment({ encodelab: version, node: process.versions.node });
  const environment = { ...known, versions: { ...known.versions, command: build } };
  const spec: CommandSpec = {
    argv: argv.map(escaped),
    folder,
    workingFolder: folder,
    env: {},
    output: null,
    metrics: [],
    gstreamer: false,
    where: 'the command line',
  };
  const spelling = { 'command ': JSON.stringify(argv) };
  return executeRun({
    lab,
    environment,
    work: { kind: 'command', spec, settings: {}, source: null, picture: null, pictures: {}, concurrent: 1 },
    sourceIdentity: null,
    identity: {
      benchmark: null,
      cell: name,
      repeat: 1,
      settings: {},
      labels: [],
      sameKey: sameKey({ kind: 'command', settings: spelling, sourceHash: '', encoderBuild: build }, environment),
    },
    intervalMs: INTERVAL_MS,
    timeoutS: null,
    keepOutput: false,
    quality: null,
    profile,
    commandWatch: watch,
    signal,
    profileSignal,
  });
}

/** Braces of a benchmark's command name settings; here they are braces. */
function escaped(text: string): string {
  return text.replaceAll('{', '{{').replaceAll('}', '}}');
}
