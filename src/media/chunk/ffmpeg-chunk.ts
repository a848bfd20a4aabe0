// A chunk in the hands of the user's ffmpeg: one process, or one after the other for two passes; killed when it falls silent.

import { existsSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError } from '#core/user-error';
import { startChild, type ChildResult, type RunningChild } from '#system/child-process';
import { monotonicUs } from '#system/clock';
import { READY_TIMEOUT_MS, brokenOff, type Stopped } from '../bundled/broken-off.ts';
import { shortLogTail } from '../bundled/log-tail.ts';
import { describeFfmpeg, type FfmpegDescription } from '../ffmpeg/description.ts';
import { ffmpegEncoderBuild } from '../ffmpeg/discover.ts';
import { errorsIn, readableLog } from '../ffmpeg/encode-log.ts';
import { isUnwritable } from '../ffmpeg/encode-result.ts';
import { ProgressReader } from '../ffmpeg/progress.ts';
import {
  STALL_MS,
  type ChunkJob,
  type ChunkOptions,
  type ChunkResult,
  type ChunkSinks,
  type RunningChunk,
} from './chunk-job.ts';
import { chunkArguments, passLogOf, picturesOf, refusal } from './ffmpeg-chunk-command.ts';

/** Kept of its log. */
const LOG_TAIL_BYTES = 32 * 1024;
const STALL_LOOKS = 10;
/** The text of the shell is fixed; names reach it as a list. */
const WAITING = ['-c', 'read -r _ && exec "$@" </dev/null', 'sh'];

export function startFfmpegChunk(job: ChunkJob, sinks: ChunkSinks, options: ChunkOptions): RunningChunk {
  return new FfmpegChunk(job, sinks, options);
}

interface Prepared {
  readonly description: FfmpegDescription;
  readonly builds: readonly string[];
  readonly child: RunningChild;
}

class FfmpegChunk implements RunningChunk {
  readonly #job: ChunkJob;
  readonly #sinks: ChunkSinks;
  readonly #options: ChunkOptions;
  readonly #stallMs: number;
  readonly #passes: readonly (1 | 2 | null)[];
  readonly ready: Promise<number | null>;
  readonly result: Promise<ChunkResult>;
  #child: RunningChild | null = null;
  #stopped: Stopped | null = null;
  #timer: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;
  /** Of the pass at work, and bytes that it has read; either one going on is progress. */
  #frames = 0;
  #readBytes = 0;
  #lastMs = 0;
  #beganUs: number | null = null;

  constructor(job: ChunkJob, sinks: ChunkSinks, options: ChunkOptions) {
    this.#job = job;
    this.#sinks = sinks;
    this.#options = options;
    this.#stallMs = options.stallMs ?? STALL_MS;
    this.#passes = job.outputs.some(({ passes }) => passes === 2) ? [1, 2] : [null];
    this.#timer = setTimeout(() => this.#stop('not ready'), READY_TIMEOUT_MS);
    const onAbort = () => this.#stop('killed');
    if (options.signal?.aborted === true) onAbort();
    else options.signal?.addEventListener('abort', onAbort, { once: true });
    const prepared = this.#prepare();
    this.ready = prepared.then(
      ({ child }) => child.pid ?? null,
      () => null,
    );
    this.result = prepared
      .then((parts) => this.#run(parts))
      .catch((error: Error) => this.#failedBefore(error))
      .finally(() => {
        clearTimeout(this.#timer);
        clearInterval(this.#watch);
        options.signal?.removeEventListener('abort', onAbort);
        for (const output of job.outputs) if (output.passes === 2) removePassLogs(passLogOf(output));
      });
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  begin(): void {
    const { timeoutMs } = this.#options;
    if (timeoutMs !== undefined) this.#timer = setTimeout(() => this.#stop('timeout'), timeoutMs);
    this.#beganUs = monotonicUs();
    this.#lastMs = performance.now();
    this.#watch = setInterval(() => this.#look(), this.#stallMs / STALL_LOOKS);
    this.#child?.stdin?.end('\n');
  }

  kill(): void {
    this.#stop('killed');
  }

  #stop(why: Stopped): void {
    this.#stopped ??= why;
    this.#child?.kill();
  }

  async #prepare(): Promise<Prepared> {
    const refused = refusal(this.#job);
    if (refused !== null) throw new UserError({ what: refused });
    const description = await describeFfmpeg(this.#job.engine);
    const { cacheFolder } = this.#options;
    const builds = await Promise.all(
      this.#job.outputs.map(({ parameters: { encoder } }) =>
        ffmpegEncoderBuild(this.#job.engine, encoder, { cacheFolder }).catch(
          (error: Error) => `${encoder}, build not known: ${error.message}`,
        ),
      ),
    );
    if (this.#stopped !== null) throw new Error('it was told to stop');
    const args = this.#arguments(description, this.#passes[0]!);
    const child = (this.#child = this.#start('/bin/sh', [...WAITING, description.path, ...args], true));
    clearTimeout(this.#timer);
    return { description, builds, child };
  }

  #arguments({ abilities }: FfmpegDescription, pass: 1 | 2 | null): string[] {
    return chunkArguments(this.#job, pass, abilities);
  }

  #start(command: string, args: string[], waits: boolean): RunningChild {
    const enter = this.#options.enter ?? ((program, list) => [program, list] as const);
    const before = this.#passes.length === 2 && !waits ? this.#job.range.frames : 0;
    const of = this.#job.range.frames * this.#passes.length;
    this.#frames = 0;
    this.#readBytes = 0;
    const progress = new ProgressReader((frames) => {
      if (frames > this.#frames) this.#lastMs = performance.now();
      this.#frames = frames;
      for (const sink of this.#sinks) sink.progress({ frames: before + frames, of });
    });
    const child = startChild(...enter(command, args), {
      openInput: waits,
      tailBytes: LOG_TAIL_BYTES,
      // SVT-AV1 writes past FFmpeg's log: warnings and errors only, as the others do.
      env: { SVT_LOG: '2', ...process.env, AV_LOG_FORCE_NOCOLOR: '1' },
      onStdout: (chunk) => progress.push(chunk),
    });
    // A process that is gone can't be written to; its end tells why.
    child.stdin?.on('error', () => child.kill());
    return child;
  }

  async #run({ description, builds, child: first }: Prepared): Promise<ChunkResult> {
    let end = await first.result;
    let cpuS = cpuOf(end);
    let log = end.stderr;
    if (this.#passes.length === 2 && end.code === 0 && this.#stopped === null) {
      const child = (this.#child = this.#start(description.path, this.#arguments(description, 2), false));
      end = await child.result;
      const second = cpuOf(end);
      cpuS = cpuS === null || second === null ? null : cpuS + second;
      log = end.stderr;
    }
    const endUs = monotonicUs();
    const alone = this.#job.outputs.length === 1 ? cpuS : null;
    if (this.#beganUs !== null)
      for (const sink of this.#sinks) sink.phase({ phase: 'encode', startUs: this.#beganUs, endUs, cpuS: alone });
    const outcome = this.#outcome(end, log);
    return {
      ...outcome,
      unwritable:
        outcome.outcome === 'failed' &&
        this.#job.outputs.some(({ output }) => isUnwritable({ output, source: this.#job.source }, log)),
      logTail: shortLogTail(readableLog(log)),
      cpuS,
      passedFrames: null,
      outputs: builds.map((encoderBuild, i) => ({
        frames: this.#frames,
        bytes: outcome.outcome === 'ok' ? statSync(this.#job.outputs[i]!.output).size : 0,
        cpuS: alone,
        actual: {},
        pictures: outcome.outcome === 'ok' ? picturesOf(this.#job, this.#job.outputs[i]!) : null,
        encoderBuild,
      })),
      absent: [
        'frames, steps: the ffmpeg engine tells of a chunk how far it is, and nothing of single frames',
        ...(this.#job.outputs.length > 1
          ? ['cpu.time: one ffmpeg encodes several outputs, and does not tell what each of them took']
          : []),
      ],
    };
  }

  #outcome(end: ChildResult, log: string): Pick<ChunkResult, 'outcome' | 'reason' | 'missedFrames'> {
    const where = this.#frames > 0 ? ` after ${this.#frames} frames` : '';
    const limits = { timeoutMs: this.#options.timeoutMs, stallMs: this.#stallMs };
    if (this.#stopped !== null || end.end !== 'exited')
      return { ...brokenOff(end, this.#stopped, null, where, limits), missedFrames: false };
    const errors = errorsIn(log).join('; ');
    if (end.code !== 0)
      return {
        outcome: 'failed',
        reason: errors || `ffmpeg ended with status ${end.code}${where}`,
        missedFrames: false,
      };
    const { frames, first, last } = this.#job.range;
    if (this.#frames === frames) return { outcome: 'ok', reason: null, missedFrames: false };
    const wrong = `${this.#frames} frames came where frames ${first} to ${last} are ${frames}`;
    return { outcome: 'failed', reason: errors === '' ? wrong : `${wrong}: ${errors}`, missedFrames: true };
  }

  /** It did not come to a process: the executable is gone, or it was stopped before. */
  #failedBefore(error: Error): ChunkResult {
    const { outputs } = this.#job;
    return {
      outcome: this.#stopped === 'killed' ? 'killed' : 'failed',
      reason: this.#stopped === 'not ready' ? 'the engine did not start in time' : error.message,
      unwritable: false,
      missedFrames: false,
      logTail: '',
      cpuS: null,
      passedFrames: null,
      absent: [],
      outputs: outputs.map(({ parameters: { encoder } }) => ({
        frames: 0,
        bytes: 0,
        cpuS: null,
        actual: {},
        pictures: null,
        encoderBuild: `${encoder}, build not known`,
      })),
    };
  }

  /** While it decodes what comes before the chunk no frame comes out, but it reads. */
  #look(): void {
    const bytes = bytesRead(this.#child?.pid);
    if (bytes > this.#readBytes) this.#lastMs = performance.now();
    this.#readBytes = bytes;
    if (performance.now() - this.#lastMs > this.#stallMs) this.#stop('stalled');
  }
}

/** `bench: utime=1.115s stime=0.027s rtime=0.660s` */
function cpuOf({ stderr }: ChildResult): number | null {
  const told = /bench: utime=([\d.]+)s stime=([\d.]+)s/.exec(stderr);
  return told === null ? null : Number(told[1]) + Number(told[2]);
}

/** From /proc; 0 where there is none. */
function bytesRead(pid: number | undefined): number {
  if (pid === undefined) return 0;
  try {
    return Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'latin1'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Its encoders put numbers and endings of their own behind it. */
function removePassLogs(prefix: string): void {
  const folder = dirname(prefix);
  if (!existsSync(folder)) return;
  const names = readdirSync(folder).filter((name) => name.startsWith(basename(prefix)));
  for (const name of names) rmSync(join(folder, name), { force: true });
}
