// Starts an encode with the user's ffmpeg. The process waits until it may begin, and becomes ffmpeg then; what it can tell is
// read while it runs, and its output when it has ended.

import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PHASES } from '#core/recording';
import type { EngineSetting } from '#core/engine';
import { startChild, watchChildren, type ChildResult, type RunningChild } from '#system/child-process';
import { monotonicUs } from '#system/clock';
import type { EncodeJob } from '../encode-job.ts';
import type { EncodeResult, EncodeSink, RunningEncode, StartOptions } from '../running-encode.ts';
import { encodeArguments } from './command-line.ts';
import { describeFfmpeg, type FfmpegDescription } from './description.ts';
import { ffmpegEncoderBuild } from './discover.ts';
import { EncodeLog } from './encode-log.ts';
import { encodeResult, type EndedEncode, type Stop } from './encode-result.ts';
import { LogPipe, waitingCommandInto } from './log-pipe.ts';
import { FrameStats } from './frame-stats.ts';
import { tellOutput, type ToldOutput } from './tell-output.ts';
import { ProgressReader } from './progress.ts';
import { scheduleOf, type FullSchedule } from './schedule.ts';

/** Asking an ffmpeg that was not asked before takes some seconds on a machine that is loaded heavily. */
const READY_TIMEOUT_MS = 60_000;
/** Kept of what is said before the log goes into its pipe. */
const TAIL_BYTES = 8 * 1024;
/** An encode that is shorter than so many times the error of its beginning has no rate: it would be off by 5 %. */
const SHORTEST_ENCODE = 20;
/** The waiting shell is there within milliseconds. */
const SHELL_POLL_MS = 2;
const SHELL_POLLS = 1_000;

type PhaseName = (typeof PHASES)[number];

/** Starts a process that encodes nothing before `begin`. */
export function startFfmpegEncode(
  setting: EngineSetting,
  job: EncodeJob,
  sink: EncodeSink,
  options: StartOptions = {},
): RunningEncode {
  return new FfmpegEncode(setting, job, sink, options);
}

class FfmpegEncode implements RunningEncode {
  readonly #job: EncodeJob;
  readonly #sink: EncodeSink;
  readonly #options: StartOptions;
  readonly #log: EncodeLog;
  readonly #frameStats = new FrameStats();
  readonly #videoStatsPath: string;
  readonly ready: Promise<number | null>;
  readonly result: Promise<EncodeResult>;
  #child: RunningChild | null = null;
  #stopped: Stop | null = null;
  #timer: NodeJS.Timeout | undefined;
  #frames = 0;
  /** Microseconds and CPU seconds at the boundaries of phases. */
  #began: Boundary | null = null;
  #opened: Boundary | null = null;
  #drained: Boundary | null = null;
  #pipe: LogPipe | null = null;
  #openedLateUs = 0;

  constructor(setting: EngineSetting, job: EncodeJob, sink: EncodeSink, options: StartOptions) {
    this.#job = job;
    this.#sink = sink;
    this.#options = options;
    this.#videoStatsPath = `${job.output}.vstats`;
    this.#log = new EncodeLog(
      () => {
        this.#opened ??= this.#boundary();
        this.#openedLateUs = this.#pipe?.lateUs ?? 0;
        this.#pipe?.slowDown();
      },
      () => (this.#drained = this.#boundary()),
    );
    this.#timer = setTimeout(() => this.#stop('not ready'), READY_TIMEOUT_MS);
    const onAbort = () => this.#stop('killed');
    if (options.signal?.aborted === true) onAbort();
    else options.signal?.addEventListener('abort', onAbort, { once: true });
    const prepared = this.#prepare(setting);
    this.ready = prepared.then(
      (parts) => parts.pid,
      () => null,
    );
    this.result = prepared
      .then((parts) => this.#end(parts))
      .catch((error: Error) => this.#failedBefore(error))
      .finally(() => {
        clearTimeout(this.#timer);
        options.signal?.removeEventListener('abort', onAbort);
      });
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  begin(): void {
    const { timeoutMs } = this.#options;
    if (timeoutMs !== undefined) this.#timer = setTimeout(() => this.#stop('timeout'), timeoutMs);
    this.#began = this.#boundary();
    this.#child?.stdin?.end('\n');
  }

  kill(): void {
    this.#stop('killed');
  }

  #stop(why: Stop): void {
    this.#stopped ??= why;
    this.#child?.kill();
  }

  async #prepare(setting: EngineSetting): Promise<Prepared> {
    const { cacheFolder, signal } = this.#options;
    const description = await describeFfmpeg(setting);
    const build = await ffmpegEncoderBuild(setting, this.#job.parameters.encoder, { cacheFolder }).catch(
      (error: Error) => `${this.#job.parameters.encoder}, build not known: ${error.message}`,
    );
    const schedule = await scheduleOf(this.#job, signal);
    if (this.#stopped !== null) throw new Error('it was told to stop');
    const pipe = (this.#pipe = await LogPipe.open((chunk, nowUs) => this.#log.push(chunk, nowUs)));
    const child = (this.#child = this.#start(description, schedule, pipe));
    const waits = await isWaiting(child);
    clearTimeout(this.#timer);
    return { description, build, schedule, pipe, child, pid: waits ? (child.pid ?? null) : null };
  }

  #start({ path, abilities }: FfmpegDescription, schedule: FullSchedule, pipe: LogPipe): RunningChild {
    const args = encodeArguments(this.#job, abilities, schedule, {
      videoStats: abilities.videoStats ? this.#videoStatsPath : null,
    });
    const [command, commandArgs] = waitingCommandInto(pipe.path, path, args);
    const enter = this.#options.enter ?? ((program, list) => [program, list] as const);
    const of = this.#job.parameters.expectedFrames ?? schedule.frames;
    const progress = new ProgressReader((frames) => {
      this.#frames = frames;
      this.#sink.progress({ frames, of });
    });
    const child = startChild(...enter(command, commandArgs), {
      openInput: true,
      channel: true,
      tailBytes: TAIL_BYTES,
      // SVT-AV1 writes past FFmpeg's log: warnings and errors only, as the others do.
      env: { SVT_LOG: '2', ...process.env, AV_LOG_FORCE_NOCOLOR: '1' },
      onStdout: (chunk) => progress.push(chunk),
    });
    child.channel?.on('data', (chunk: Buffer) => this.#frameStats.push(chunk, monotonicUs()));
    // A process that is gone can't be written to; its end tells why.
    child.stdin?.on('error', () => child.kill());
    return child;
  }

  async #end({ description, build, schedule, pipe, child }: Prepared): Promise<EncodeResult> {
    const end = await child.result;
    clearTimeout(this.#timer);
    const ended = this.#boundary();
    pipe.close();
    const vague = this.#tellPhases(ended);
    let told: ToldOutput | null = null;
    try {
      if (this.#began !== null && this.#stopped === null && end.end === 'exited')
        told = await watchChildren(this.#options.checkWatch, () =>
          tellOutput(this.#job, this.#sink, schedule, this.#options, {
            videoStatsPath: this.#videoStatsPath,
            log: this.#log,
            frameStats: description.abilities.frameStats && !description.abilities.callTimes ? this.#frameStats : null,
          }),
        );
    } finally {
      await rm(this.#videoStatsPath, { force: true });
    }
    if (told !== null) this.#phase('check', ended, { ...this.#boundary(), cpuS: null });
    return encodeResult(this.#job, {
      ...this.#whatHappened(end),
      told,
      schedule,
      build,
      absent: [...description.absent, ...vague, ...(told?.absent ?? [])],
    });
  }

  #whatHappened(end: ChildResult): Pick<EndedEncode, 'end' | 'stopped' | 'log' | 'frames' | 'timeoutMs'> {
    return {
      end,
      stopped: this.#stopped,
      // What the shell or the program's loader said came before the pipe.
      log: `${end.stderr}${this.#log.text}`,
      frames: this.#frames,
      timeoutMs: this.#options.timeoutMs ?? 0,
    };
  }

  /** It did not come to a process: the executable is gone, or it was stopped before. */
  #failedBefore(error: Error): EncodeResult {
    return {
      outcome: this.#stopped === 'killed' ? 'killed' : 'failed',
      reason:
        this.#stopped === 'not ready'
          ? `the engine did not start within ${READY_TIMEOUT_MS / 1000} s`
          : this.#stopped === 'killed'
            ? 'it was told to stop'
            : error.message,
      unwritable: false,
      logTail: '',
      frames: 0,
      bytes: 0,
      actual: {},
      encoderBuild: `${this.#job.parameters.encoder}, build not known`,
      absent: [],
    };
  }

  /**
   * One after the other, as far as the log told when they began.
   * @returns what is not told, since the log was not looked at often enough for so short an encode
   */
  #tellPhases(ended: Boundary): string[] {
    if (this.#began === null) return [];
    const opened = this.#opened;
    if (opened === null) {
      this.#phase('open', this.#began, ended);
      return [];
    }
    const tookUs = (this.#drained ?? ended).timeUs - opened.timeUs;
    if (tookUs < SHORTEST_ENCODE * this.#openedLateUs) {
      const [took, late] = [tookUs, this.#openedLateUs].map((us) => (us / 1000).toFixed(1));
      return [`encode.fps, cpu.time: the encode took ${took} ms, and its beginning is known to ${late} ms only`];
    }
    this.#phase('open', this.#began, opened);
    this.#phase('encode', opened, this.#drained ?? ended);
    if (this.#drained !== null) this.#phase('mux', this.#drained, ended);
    return [];
  }

  #phase(phase: PhaseName, from: Boundary, to: Boundary): void {
    const cpuS = from.cpuS === null || to.cpuS === null ? null : to.cpuS - from.cpuS;
    this.#sink.phase({ phase, startUs: from.timeUs, endUs: to.timeUs, cpuS });
  }

  #boundary(): Boundary {
    return { timeUs: monotonicUs(), cpuS: this.#options.cpuSeconds?.() ?? null };
  }
}

interface Boundary {
  readonly timeUs: number;
  readonly cpuS: number | null;
}

interface Prepared {
  readonly description: FfmpegDescription;
  readonly build: string;
  readonly schedule: FullSchedule;
  readonly pipe: LogPipe;
  readonly child: RunningChild;
  readonly pid: number | null;
}

/** True when the process is the shell that waits for its line: all that stands before it is done. */
async function isWaiting(child: RunningChild): Promise<boolean> {
  if (child.pid === undefined) return false;
  let ended = false;
  void child.result.then(() => (ended = true));
  for (let i = 0; i < SHELL_POLLS && !ended; i++) {
    if (commandLine(child.pid).startsWith('/bin/sh\0-c\0read')) return true;
    await sleep(SHELL_POLL_MS);
  }
  return !ended;
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
