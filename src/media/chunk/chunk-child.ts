// Encodes a chunk with the bundled engine: its frames are decoded once a pass, and go to every output's scaler and encoder.

import { rmSync } from 'node:fs';
import { Frame, Log, Rational, avGetPixFmtFromName } from 'node-av/lib';
import { AV_LOG_WARNING } from 'node-av/constants';
import { STEPS, STEP_OUTCOMES, type PhaseRow } from '#core/recording';
import { monotonicUs } from '#system/clock';
import { EncodeFailure } from '../bundled/encode-failure.ts';
import { EncoderInput } from '../bundled/encoder-input.ts';
import { BEGIN_LINE } from '../bundled/engine-messages.ts';
import { PhaseClock } from '../bundled/phase-clock.ts';
import { PictureScaler } from '../bundled/picture-scaler.ts';
import { RowSender, type RowChannel } from '../bundled/row-sender.ts';
import { readJob, readLine } from '../channel/job.ts';
import { ChannelWriter } from '../channel/writer.ts';
import { ChunkFrames, MissedFrames } from './chunk-frames.ts';
import type { ChunkJob, ChunkOutput, KeptPictures } from './chunk-job.ts';
import type { ChunkMessage } from './chunk-messages.ts';
import { CpuShares } from './cpu-shares.ts';
import { OutputEncoder, checkOutput, statsFileOf, type Pass } from './output-encoder.ts';
import { PictureKeeper } from './picture-keeper.ts';
import { PictureTurner } from './picture-turner.ts';
import { statsFiles } from './two-pass.ts';

const SQUARE = new Rational(1, 1);
const ALIVE_INTERVAL_MS = 1_000;
const STEP_DECODE = STEPS.indexOf('decode');
const STEP_SCALE = STEPS.indexOf('scale');
const OUTCOME_OK = STEP_OUTCOMES.indexOf('ok');

const channel = new ChannelWriter();
const send = (message: ChunkMessage) => channel.json(message);

function main(): void {
  const job = readJob<ChunkJob>();
  Log.setLevel(AV_LOG_WARNING);
  send({ kind: 'ready' });
  if (readLine() !== BEGIN_LINE) return;
  const encode = new ChunkEncode(job);
  let failure: EncodeFailure | null = null;
  try {
    encode.run();
  } catch (error) {
    if (!(error instanceof EncodeFailure)) throw error;
    failure = error;
  }
  encode.close();
  const { user, system } = process.cpuUsage();
  send({
    kind: 'end',
    ok: failure === null,
    reason: failure?.message ?? null,
    unwritable: failure?.unwritable ?? false,
    missedFrames: failure instanceof MissedFrames,
    passedFrames: encode.passed,
    cpuS: (user + system) / 1e6,
    outputs: encode.made,
  });
}

/** Outputs of one size and pixel format share their scaled pictures. */
interface Size {
  readonly scaler: PictureScaler;
  /** Null where the pictures stand upright. */
  readonly turner: PictureTurner | null;
  /** Null where no pictures are asked for. */
  readonly keeper: PictureKeeper | null;
  readonly outputs: number[];
}

class ChunkEncode {
  readonly #job: ChunkJob;
  readonly #threads: number;
  readonly #shares: CpuShares;
  readonly #phases: PhaseClock;
  readonly #inputs: EncoderInput[] = [];
  readonly #sizes: Size[] = [];
  readonly #rows: RowSender[];
  readonly #frame = new Frame();
  #frames: ChunkFrames | null = null;
  #encoders: (OutputEncoder | null)[] = [];
  #told = -1;
  #sent = 0;
  /** Frames that were decoded only to get to the chunk. */
  passed = 0;
  #aliveMs = performance.now();
  readonly made: {
    frames: number;
    bytes: number;
    cpuS: number;
    actual: Record<string, string>;
    pictures: KeptPictures | null;
  }[];

  constructor(job: ChunkJob) {
    this.#job = job;
    // The decoder and the scalers may use as many threads as the encoders.
    this.#threads = Math.max(1, ...job.outputs.map(({ parameters }) => parameters.threads ?? 1));
    this.#shares = new CpuShares(job.outputs.length);
    this.#phases = new PhaseClock((row) => this.#phase(row));
    this.#rows = job.outputs.map(
      (output, i) => new RowSender(this.#channelOf(i), output.parameters.timeBase, this.#tell),
    );
    this.made = job.outputs.map(() => ({ frames: 0, bytes: 0, cpuS: 0, actual: {}, pictures: null }));
    this.#frame.alloc();
  }

  /** @throws EncodeFailure with the reason of a bad end */
  run(): void {
    const { outputs } = this.#job;
    this.#phases.enter('open');
    try {
      for (const output of outputs) {
        checkOutput(output);
        this.#prepare(output);
      }
      if (outputs.some(({ passes }) => passes === 2)) {
        this.#pass(1);
        this.#phases.enter('open');
      }
      this.#pass(2);
    } finally {
      for (const rows of this.#rows) rows.send();
      this.#phases.enter(null);
    }
  }

  close(): void {
    this.#closePass();
    for (const { scaler, turner, keeper } of this.#sizes) {
      keeper?.close();
      scaler.close();
      turner?.close();
    }
    for (const input of this.#inputs) input.close();
    for (const output of this.#job.outputs)
      for (const file of statsFiles(statsFileOf(output))) rmSync(file, { force: true });
    this.#frame.free();
  }

  #prepare({ parameters }: ChunkOutput): void {
    const output = this.#inputs.length;
    const input = new EncoderInput(parameters);
    this.#inputs.push(input);
    const { width, height } = parameters;
    const same = this.#sizes.find(({ outputs: [first] }) => {
      const other = this.#job.outputs[first!]!.parameters;
      return (
        other.width === width &&
        other.height === height &&
        this.#inputs[first!]!.softwareFormat === input.softwareFormat
      );
    });
    if (same !== undefined) same.outputs.push(output);
    else {
      const { rotation } = this.#job;
      const format = avGetPixFmtFromName(input.softwareFormat);
      const [across, down] = rotation % 180 === 0 ? [width, height] : [height, width];
      const scaler = new PictureScaler(across, down, format, this.#threads);
      const turner = rotation === 0 ? null : new PictureTurner(across, down, input.softwareFormat, rotation);
      const form = { width, height, pixelFormat: input.softwareFormat };
      const { pictures } = this.#job.outputs[output]!;
      const keeper = pictures ? new PictureKeeper(pictures, form, this.#job.range.frames) : null;
      this.#sizes.push({ scaler, turner, keeper, outputs: [output] });
    }
  }

  /** Every frame of the chunk through the encoders that take part. */
  #pass(pass: 1 | 2): void {
    const frames = (this.#frames = new ChunkFrames(this.#job, this.#threads, this.#alive));
    const { num, den } = frames.source.stream.timeBase;
    if (num * this.#job.timeBase.den !== den * this.#job.timeBase.num)
      throw new EncodeFailure(`the source has changed: its ticks are ${num}/${den} s now`);
    const frame = this.#frame;
    for (;;) {
      const beganUs = monotonicUs();
      frame.unref();
      const has = frames.next(frame);
      this.#shares.addShared(monotonicUs() - beganUs);
      if (!has) break;
      if (frames.index === 0) this.#phases.enter('encode');
      for (const size of this.#sizes) this.#encode(size, pass);
      this.#sent++;
      this.#alive();
    }
    this.#phases.enter('flush');
    this.#encoders.forEach((encoder, i) => this.#measured(i, () => encoder?.flush()));
    this.#phases.enter('mux');
    this.#encoders.forEach((encoder, i) => this.#measured(i, () => encoder?.finish()));
    if (pass === 2)
      this.#encoders.forEach((encoder, i) =>
        Object.assign(this.made[i]!, { frames: encoder!.packets, bytes: encoder!.bytes, actual: encoder!.actual }),
      );
    for (const { keeper, outputs } of this.#sizes) {
      keeper?.close();
      for (const i of outputs) this.made[i]!.pictures = keeper?.kept ?? null;
    }
    this.#closePass();
  }

  #encode(size: Size, pass: 1 | 2): void {
    const { outputs } = this.#job;
    const takers = size.outputs.filter((i) => pass === 2 || outputs[i]!.passes === 2);
    if (takers.length === 0) return;
    const frames = this.#frames!;
    let picture = this.#frame;
    let scaleUs = -1;
    const scaleStartUs = monotonicUs();
    if (size.scaler.needs(picture)) picture = size.scaler.scale(picture);
    picture = size.turner?.turn(picture) ?? picture;
    if (picture !== this.#frame) scaleUs = monotonicUs() - scaleStartUs;
    // The plan's sizes are those of the shown picture.
    picture.sampleAspectRatio = SQUARE;
    if (pass === 2) size.keeper?.offer(picture, frames.index);
    for (const i of takers) {
      const startUs = monotonicUs();
      const taken = this.#inputs[i]!.uploader?.upload(picture) ?? picture;
      const encoder = (this.#encoders[i] ??= this.#open(i, pass, taken));
      if (pass === 2) this.#tellSteps(i, encoder.frames, scaleStartUs, scaleUs);
      encoder.send(taken, frames.index, frames.ticks);
      this.#rows[i]!.poll();
      this.#shares.add(i, monotonicUs() - startUs + Math.max(0, scaleUs) / takers.length);
    }
  }

  #open(output: number, pass: 1 | 2, like: Frame): OutputEncoder {
    const job = this.#job.outputs[output]!;
    const which: Pass = job.passes === 1 ? 'only' : pass;
    // What the first pass makes is no output: its rows go nowhere.
    const rows = pass === 1 ? new RowSender(NOWHERE, job.parameters.timeBase, this.#tell) : this.#rows[output]!;
    const stream = this.#frames!.source.stream;
    return new OutputEncoder(job, this.#job.range, which, like, this.#inputs[output]!, stream, rows);
  }

  #tellSteps(output: number, frame: number, scaleStartUs: number, scaleUs: number): void {
    const rows = this.#rows[output]!;
    const { startUs, endUs, busyUs } = this.#frames!.source;
    // The frame was decoded once for all: each output's frame has come through that step.
    if (startUs >= 0) rows.step(frame, STEP_DECODE, startUs, endUs - startUs, busyUs, OUTCOME_OK);
    if (scaleUs >= 0) rows.step(frame, STEP_SCALE, scaleStartUs, scaleUs, scaleUs, OUTCOME_OK);
  }

  #closePass(): void {
    for (const encoder of this.#encoders) encoder?.close();
    this.#encoders = [];
    this.passed += this.#frames?.passed ?? 0;
    this.#frames?.close();
    this.#frames = null;
  }

  #measured(output: number, work: () => void): void {
    const startUs = monotonicUs();
    work();
    this.#shares.add(output, monotonicUs() - startUs);
  }

  #phase(row: PhaseRow): void {
    const shares = this.#shares.take();
    shares.forEach((share, output) => {
      const cpuS = row.cpuS === null ? null : row.cpuS * share;
      this.made[output]!.cpuS += cpuS ?? 0;
      send({ kind: 'phase', output, row: { ...row, cpuS } });
    });
  }

  #channelOf(output: number): RowChannel {
    const begin = (rows: { readonly count: number }) => {
      if (rows.count === 0 || this.#told === output) return;
      send({ kind: 'output', output });
      this.#told = output;
    };
    return {
      frames: (rows, timeBase) => {
        begin(rows);
        channel.frames(rows, timeBase);
      },
      steps: (rows) => {
        begin(rows);
        channel.steps(rows);
      },
    };
  }

  readonly #tell = () => {
    const { outputs, range } = this.#job;
    const passes = outputs.some((output) => output.passes === 2) ? 2 : 1;
    this.#aliveMs = performance.now();
    send({ kind: 'progress', frames: this.#sent, of: range.frames * passes });
  };

  /** Called for each frame: tells that it goes on, once a second at most. */
  readonly #alive = () => {
    const nowMs = performance.now();
    if (nowMs - this.#aliveMs < ALIVE_INTERVAL_MS) return;
    this.#aliveMs = nowMs;
    send({ kind: 'alive' });
  };
}

const NOWHERE: RowChannel = {
  frames: (rows) => void (rows.count = 0),
  steps: (rows) => void (rows.count = 0),
};

main();
