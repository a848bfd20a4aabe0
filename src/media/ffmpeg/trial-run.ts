// Trials with the user's ffmpeg: a run of two made-up frames for each, a few at a time.

import { runChild, type ChildResult } from '#system/child-process';
import type { EncodeParameters } from '../encode-job.ts';
import { selfDescription } from '../encoder-text.ts';
import type { RawTrial } from '../trial-messages.ts';
import type { LoggedTrial, TrialRunOptions } from '../trial-runner.ts';
import { deviceArguments, encoderArguments } from './command-line.ts';
import { uploadDeviceOf } from './hardware.ts';

/** Runs at once: more would only wait for the cores. */
const AT_ONCE = 2;
const FRAMES = 2;
/** A trial of two frames may take this long: SVT-AV1 in 4K at its slowest preset takes some seconds. */
const TRIAL_TIMEOUT_MS = 20_000;
/** Of the output, in which an encoder describes itself. */
const HEAD_BYTES = 64 * 1024;

export interface FfmpegTrial extends LoggedTrial {
  /** Every line of the log, information included: some libraries tell their version there. */
  readonly wholeLog: string;
}

/**
 * One result for each trial, in their order.
 * @param path of the executable
 */
export async function runFfmpegTrials(
  path: string,
  trials: readonly EncodeParameters[],
  options: TrialRunOptions = {},
): Promise<FfmpegTrial[]> {
  const results: FfmpegTrial[] = Array.from({ length: trials.length });
  let next = 0;
  const work = async () => {
    while (next < trials.length) {
      const index = next++;
      results[index] = await runTrial(path, trials[index]!, options);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return results;
}

async function runTrial(path: string, parameters: EncodeParameters, options: TrialRunOptions): Promise<FfmpegTrial> {
  const head: Buffer[] = [];
  let bytes = 0;
  const end = await runChild(path, trialArguments(parameters), {
    timeoutMs: options.timeoutMs ?? TRIAL_TIMEOUT_MS,
    graceMs: 0,
    signal: options.signal,
    tailBytes: HEAD_BYTES,
    env: { ...process.env, AV_LOG_FORCE_NOCOLOR: '1' },
    onStdout: (chunk) => {
      if (bytes < HEAD_BYTES) head.push(chunk);
      bytes += chunk.length;
    },
  });
  options.signal?.throwIfAborted();
  const log = faultsIn(end.stderr);
  const trial = rawTrial(parameters, end, bytes, selfDescription(Buffer.concat(head)));
  return { trial, log, hung: end.end === 'timeout', wholeLog: end.stderr.replaceAll('[info] ', '') };
}

function trialArguments(parameters: EncodeParameters): string[] {
  const { encoder, width, height, frameRate, pixelFormat } = parameters;
  const source = `testsrc2=size=${width}x${height}:rate=${frameRate.num}/${frameRate.den}`;
  const upload = uploadDeviceOf(encoder) === null ? '' : ',hwupload';
  return [
    ['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'repeat+level+info'],
    deviceArguments({ ...parameters, hwdecode: null }),
    ['-f', 'lavfi', '-i', source, '-frames:v', String(FRAMES), '-vf', `format=${pixelFormat}${upload}`],
    encoderArguments(parameters),
    ['-f', 'matroska', 'pipe:1'],
  ].flat();
}

function rawTrial(
  { encoder, options }: EncodeParameters,
  end: ChildResult,
  bytes: number,
  description: string | null,
): RawTrial {
  const refused = refusedOption(end.stderr, Object.keys(options));
  if (refused !== null)
    return {
      ok: false,
      error: `${encoder} does not take ${refused} ${options[refused] ?? ''}`.trim(),
      setting: refused,
    };
  if (end.end === 'timeout') return { ok: false, error: `${encoder} hangs: two frames took too long`, setting: null };
  if (end.signal !== null) return { ok: false, error: `${encoder} crashes (${end.signal})`, setting: null };
  if (end.code !== 0) return { ok: false, error: `${encoder} can't encode two frames`, setting: null };
  // An exit status of 0 with nothing written is no success.
  if (bytes === 0) return { ok: false, error: `${encoder} writes nothing`, setting: null };
  return { ok: true, actual: {}, description, uploadFormats: null };
}

/** How ffmpeg names an option of which it does not know the name or can't take the value, from version 4 to 8. */
const REFUSED: readonly RegExp[] = [
  /Unrecognized option '([\w.-]+?)(?::v)?'/,
  /Error setting option ([\w.-]+) to value/,
  /Codec AVOption ([\w.-]+) .*(?:has not been used for any stream|is not an encoding option)/,
  /(?:Value \S+|.*) for parameter '([\w.-]+)' out of range/,
];

function refusedOption(log: string, names: readonly string[]): string | null {
  for (const pattern of REFUSED) {
    const name = pattern.exec(log)?.[1];
    if (name !== undefined && names.includes(name)) return name;
  }
  return null;
}

/** Warnings and errors, and the lists of what is possible, without their level. */
function faultsIn(log: string): string {
  return log
    .split(/[\r\n]+/)
    .filter((line) => /\[(?:warning|error|fatal|panic)\]|Possible |\[error\]:/i.test(line))
    .map((line) => line.replace(/\[(?:warning|error|fatal|panic|info)\] /, ''))
    .join('\n');
}
