// Trials with the user's ffmpeg: a run of two made-up frames for each, a few at a time.

import { open, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChild, type ChildResult } from '#system/child-process';
import type { EncodeParameters } from '../encode-job.ts';
import { selfDescription } from '../encoder-text.ts';
import type { RawTrial } from '../trial-messages.ts';
import type { LoggedTrial, TrialRunOptions } from '../trial-runner.ts';
import { deviceArguments, encoderArguments } from './command-line.ts';
import { deviceOf, uploadDeviceOf } from './hardware.ts';

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
  if (trials.length === 0) return results;
  // Into files, as encodes are written: Matroska takes AV1 only where it can go back to its header.
  const folder = await mkdtemp(join(tmpdir(), 'encodelab-trial-'));
  let next = 0;
  const work = async () => {
    while (next < trials.length) {
      const index = next++;
      results[index] = await runTrial(path, trials[index]!, join(folder, `${index}.mkv`), options);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return results;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runTrial(
  path: string,
  parameters: EncodeParameters,
  output: string,
  options: TrialRunOptions,
): Promise<FfmpegTrial> {
  const end = await runChild(path, trialArguments(parameters, output), {
    timeoutMs: options.timeoutMs ?? TRIAL_TIMEOUT_MS,
    graceMs: 0,
    signal: options.signal,
    env: { ...process.env, AV_LOG_FORCE_NOCOLOR: '1' },
  });
  options.signal?.throwIfAborted();
  const head = await headOf(output);
  await rm(output, { force: true });
  return {
    trial: rawTrial(parameters, end, head),
    log: faultsIn(end.stderr),
    hung: end.end === 'timeout',
    wholeLog: end.stderr.replaceAll('[info] ', ''),
  };
}

/** The beginning of a file; empty where there is none. */
async function headOf(path: string): Promise<Buffer> {
  const size = await stat(path).then(
    (file) => file.size,
    () => 0,
  );
  if (size === 0) return Buffer.alloc(0);
  const file = await open(path, 'r');
  const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(size, HEAD_BYTES)), 0);
  await file.close();
  return buffer.subarray(0, bytesRead);
}

function trialArguments(parameters: EncodeParameters, output: string): string[] {
  const { encoder, width, height, frameRate, pixelFormat } = parameters;
  const source = `testsrc2=size=${width}x${height}:rate=${frameRate.num}/${frameRate.den}`;
  const upload = uploadDeviceOf(encoder) === null ? '' : ',hwupload';
  return [
    ['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'repeat+level+info'],
    deviceArguments({ ...parameters, hwdecode: null }),
    ['-f', 'lavfi', '-i', source, '-frames:v', String(FRAMES), '-vf', `format=${pixelFormat}${upload}`],
    encoderArguments(parameters),
    ['-f', 'matroska', `file:${output}`],
  ].flat();
}

function rawTrial({ encoder, options }: EncodeParameters, end: ChildResult, head: Buffer): RawTrial {
  const refused = refusedOption(end.stderr, Object.keys(options));
  if (refused !== null)
    return {
      ok: false,
      error: `${encoder} does not take ${refused} ${options[refused] ?? ''}`.trim(),
      setting: refused,
    };
  if (end.end === 'timeout') return { ok: false, error: `${encoder} hangs: two frames took too long`, setting: null };
  if (end.signal !== null) return { ok: false, error: `${encoder} crashes (${end.signal})`, setting: null };
  if (end.code !== 0) return { ok: false, error: failureOf(encoder, end.stderr), setting: null };
  // An exit status of 0 with nothing written is no success.
  if (head.length === 0) return { ok: false, error: `${encoder} writes nothing`, setting: null };
  return { ok: true, actual: {}, description: selfDescription(head), uploadFormats: null };
}

/** How versions say that a container has no place for a codec. */
const NO_PLACE =
  /codec tag found for codec|is not supported by this format|does not yet support muxing|not currently supported in container/;

function failureOf(encoder: string, log: string): string {
  if (NO_PLACE.test(log)) return `Matroska, which encodes are written to, can't hold what ${encoder} makes`;
  const device = deviceOf(encoder);
  return device === null ? `${encoder} can't encode two frames` : `${encoder} finds no ${device} device that works`;
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

/** Lines that only say that something failed before. */
const CONSEQUENCE =
  /Error initializing output stream|Error while opening encoder|maybe incorrect parameters|Conversion failed!/;

/** Errors, then warnings and the lists of what is possible, then what follows from them; without their level. */
function faultsIn(log: string): string {
  const lines = log.split(/[\r\n]+/);
  const rank = (line: string) => {
    if (CONSEQUENCE.test(line)) return 2;
    if (/\[(?:error|fatal|panic)\]/.test(line)) return 0;
    return /\[warning\]|Possible /.test(line) ? 1 : -1;
  };
  return [0, 1, 2]
    .flatMap((wanted) => lines.filter((line) => rank(line) === wanted))
    .map((line) => line.replace(/\[(?:warning|error|fatal|panic|info)\] /, ''))
    .join('\n');
}
