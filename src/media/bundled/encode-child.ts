// The bundled engine: demux, decode, scale, pace, encode, mux, in one synchronous loop in a process of its own.

import { Frame, Log, avGetPixFmtFromName, avGetPixFmtName } from 'node-av/lib';
import { AV_LOG_WARNING } from 'node-av/constants';
import type { AVPixelFormat } from 'node-av/constants';
import { STEPS, STEP_OUTCOMES } from '#core/recording';
import { monotonicUs } from '#system/clock';
import { isSystemError } from '../cache-file.ts';
import { readJob, readLine } from '../channel/job.ts';
import { ChannelWriter } from '../channel/writer.ts';
import type { EncodeParameters } from '../encode-job.ts';
import { describedOptions, selfDescription } from '../encoder-text.ts';
import { checkOutput } from './check-output.ts';
import { HeldDevicePictures, PictureDownloader } from './device-pictures.ts';
import { EncodeFailure } from './encode-failure.ts';
import { openEncoder, readBack } from './encoder-context.ts';
import { EncoderInput } from './encoder-input.ts';
import { BEGIN_LINE, type EngineJob, type EngineMessage } from './engine-messages.ts';
import { FrameEncoder } from './frame-encoder.ts';
import { FramePacer } from './frame-pacer.ts';
import { JavaScriptProfiler } from './javascript-profiler.ts';
import { MatroskaWriter } from './matroska-writer.ts';
import { PhaseClock } from './phase-clock.ts';
import { PictureScaler } from './picture-scaler.ts';
import { RowSender } from './row-sender.ts';
import { SourceFrames } from './source-frames.ts';

const STEP_DECODE = STEPS.indexOf('decode');
const STEP_SCALE = STEPS.indexOf('scale');
const STEP_UPLOAD = STEPS.indexOf('upload');
const STEP_DOWNLOAD = STEPS.indexOf('download');
const OUTCOME_OK = STEP_OUTCOMES.indexOf('ok');

const channel = new ChannelWriter();
const send = (message: EngineMessage) => channel.json(message);

function main(): void {
  const job = readJob<EngineJob>();
  Log.setLevel(AV_LOG_WARNING);
  // What its beginning costs is none of the run's time.
  const javascript = job.javascript === null ? null : new JavaScriptProfiler(job.javascript);
  send({ kind: 'ready' });
  if (readLine() !== BEGIN_LINE) return;
  const encode = new Encode(job, () => javascript?.poll());
  let failure: EncodeFailure | null = null;
  try {
    encode.run();
  } catch (error) {
    if (!(error instanceof EncodeFailure)) throw error;
    failure = error;
  }
  encode.close();
  const { frames, bytes, actual } = encode;
  const reason = failure?.message ?? null;
  const unwritable = failure?.unwritable ?? false;
  send({ kind: 'end', ok: failure === null, reason, unwritable, frames, bytes, actual });
  javascript?.finish();
}

/** A decoded frame that waits until it is known for which output frames it is shown. */
interface Held {
  frame: Frame;
  number: number;
  ticks: number;
  duration: number;
  startUs: number;
  endUs: number;
  busyUs: number;
}

class Encode {
  readonly #job: EngineJob;
  readonly #onPicture: () => void;
  readonly #parameters: EncodeParameters;
  readonly #phases = new PhaseClock((row) => send({ kind: 'phase', row }));
  readonly #rows: RowSender;
  readonly #downloader = new PictureDownloader();
  #input: EncoderInput | null = null;
  #scaler: PictureScaler | null = null;
  /** True where the encoder takes decoded pictures where they lie, in a device's memory; known from the first one on. */
  #direct: boolean | null = null;
  /** Of the source's pictures in main memory. */
  #sourceFormat = '';
  #devicePictures: HeldDevicePictures | null = null;
  #source: SourceFrames | null = null;
  #encoder: FrameEncoder | null = null;
  #writer: MatroskaWriter | null = null;
  #held = heldFrame();
  #spare = heldFrame();
  #firstTicks = 0;
  #lastPts = -1;
  actual: Record<string, string> = {};

  /** @param onPicture hears of each source picture that was encoded */
  constructor(job: EngineJob, onPicture: () => void) {
    this.#job = job;
    this.#onPicture = onPicture;
    this.#parameters = job.parameters;
    this.#rows = new RowSender(channel, job.parameters.timeBase, () =>
      send({ kind: 'progress', frames: this.frames, of: job.parameters.expectedFrames }),
    );
  }

  /** Packets that came out. */
  get frames(): number {
    return this.#encoder?.packets ?? 0;
  }

  get bytes(): number {
    return this.#encoder?.bytes ?? 0;
  }

  /** @throws EncodeFailure with the reason of a bad end; what is encoded by then has been told */
  run(): void {
    this.#phases.enter('open');
    try {
      const { width, height, sourceStream, hwdecode } = this.#parameters;
      const input = (this.#input = new EncoderInput(this.#parameters));
      this.#scaler = new PictureScaler(width, height, avGetPixFmtFromName(input.softwareFormat));
      const source = (this.#source = new SourceFrames(this.#job.source, sourceStream, hwdecode));
      this.#sourceFormat = avGetPixFmtName(source.stream.codecpar.format as AVPixelFormat) ?? '';
      if (!this.#nextWanted(source)) throw new EncodeFailure('the source holds none of the frames that are asked for');
      this.#firstTicks = this.#held.ticks;
      this.#phases.enter('encode');
      if (this.#parameters.variableFrameRate) this.#keepTimes(source);
      else this.#convertRate(source);
      this.#phases.enter('flush');
      this.#encoder!.flush();
      this.#rows.send();
      this.#actualFromStream();
      this.#checkWhole(source);
      this.#phases.enter('mux');
      this.#writer!.finish();
      this.#phases.enter('check');
      this.#checkFile();
    } finally {
      this.#rows.send();
      this.#phases.enter(null);
    }
  }

  close(): void {
    this.#writer?.close();
    this.#encoder?.close();
    this.#devicePictures?.close();
    this.#source?.close();
    this.#scaler?.close();
    this.#downloader.close();
    this.#input?.close();
    this.#held.frame.free();
    this.#spare.frame.free();
  }

  /** Every frame at its own time. */
  #keepTimes(source: SourceFrames): void {
    do {
      const pts = Math.max(this.#held.ticks - this.#firstTicks, this.#lastPts + 1);
      this.#emit(source, 1, () => pts);
    } while (this.#nextWanted(source));
  }

  /** At each tick of the output the nearest source frame. */
  #convertRate(source: SourceFrames): void {
    const { sourceRate, frameRate } = this.#parameters;
    const { timeBase, avgFrameRate } = source.stream;
    // A constant rate is exact by the number of the frame; its time is rounded to the container's ticks.
    const time = sourceRate === null ? () => this.#held.ticks : () => this.#held.number;
    const lasts = sourceRate === null ? () => this.#held.duration : () => 1;
    const pacer =
      sourceRate === null
        ? new FramePacer(timeBase, frameRate, avgFrameRate)
        : new FramePacer({ num: sourceRate.den, den: sourceRate.num }, frameRate, sourceRate);
    const nextTick = () => this.#lastPts + 1;
    pacer.next(time());
    while (this.#nextWanted(source, true)) {
      // The newest frame is in `held`; the one before it is in `spare` and now known to be shown so often.
      const count = pacer.next(time());
      this.#swap();
      this.#emit(source, count, nextTick);
      this.#swap();
    }
    this.#emit(source, pacer.end(lasts()), nextTick);
  }

  /**
   * Decodes into `held` up to the next frame that is asked for.
   * @param keep true leaves the frame before it in `spare`
   */
  #nextWanted(source: SourceFrames, keep = false): boolean {
    const [first, last] = this.#parameters.frames ?? [0, Infinity];
    if (source.frame >= last) return false;
    if (keep) this.#swap();
    this.#held.frame.unref();
    while (source.next(this.#held.frame)) {
      if (source.frame >= first && source.frame <= last) {
        this.#held.number = source.frame;
        this.#held.ticks = source.ticks;
        this.#held.duration = source.duration;
        this.#held.startUs = source.startUs;
        this.#held.endUs = source.endUs;
        this.#held.busyUs = source.busyUs;
        return true;
      }
      this.#held.frame.unref();
      if (source.frame > last) break;
    }
    // Nothing came: what was there before is the newest again.
    if (keep) this.#swap();
    return false;
  }

  #swap(): void {
    [this.#held, this.#spare] = [this.#spare, this.#held];
  }

  /** Encodes the held frame so many times: brought once to where and to what the encoder takes. */
  #emit(source: SourceFrames, count: number, pts: () => number): void {
    if (count === 0) return;
    const held = this.#held;
    const input = this.#input!;
    const direct = (this.#direct ??= input.takes(held.frame, this.#sourceFormat));
    if (direct && !input.takes(held.frame, this.#sourceFormat))
      throw new EncodeFailure('the source changes its pictures midway, which a hardware encoder does not take');
    let picture = held.frame;
    let downloadStartUs = -1;
    let downloadUs = -1;
    if (!direct && source.deviceFormat !== null) {
      downloadStartUs = monotonicUs();
      picture = this.#downloader.download(held.frame);
      downloadUs = monotonicUs() - downloadStartUs;
    }
    let scaleStartUs = -1;
    let scaleUs = -1;
    if (!direct && this.#scaler!.needs(picture)) {
      scaleStartUs = monotonicUs();
      picture = this.#scaler!.scale(picture);
      scaleUs = monotonicUs() - scaleStartUs;
    }
    let uploadStartUs = -1;
    let uploadUs = -1;
    if (!direct && input.uploader !== null) {
      uploadStartUs = monotonicUs();
      picture = input.uploader.upload(picture);
      uploadUs = monotonicUs() - uploadStartUs;
    }
    const encoder = (this.#encoder ??= this.#openEncoder(source, picture));
    if (held.startUs >= 0)
      this.#rows.step(encoder.frames, STEP_DECODE, held.startUs, held.endUs - held.startUs, held.busyUs, OUTCOME_OK);
    if (downloadUs >= 0)
      this.#rows.step(encoder.frames, STEP_DOWNLOAD, downloadStartUs, downloadUs, downloadUs, OUTCOME_OK);
    if (scaleUs >= 0) this.#rows.step(encoder.frames, STEP_SCALE, scaleStartUs, scaleUs, scaleUs, OUTCOME_OK);
    if (uploadUs >= 0) this.#rows.step(encoder.frames, STEP_UPLOAD, uploadStartUs, uploadUs, uploadUs, OUTCOME_OK);
    for (let i = 0; i < count; i++) {
      this.#lastPts = pts();
      encoder.send(picture, this.#lastPts, held.number);
    }
    this.#rows.poll();
    this.#onPicture();
  }

  #openEncoder(source: SourceFrames, picture: Frame): FrameEncoder {
    if (this.#direct === true) this.#devicePictures = new HeldDevicePictures(picture);
    const pictures = this.#devicePictures ?? this.#input!.devicePictures;
    const opened = openEncoder(this.#parameters, picture, true, pictures);
    if ('error' in opened) throw new EncodeFailure(opened.error);
    this.actual = readBack(opened.context, this.#parameters);
    const writer = (this.#writer = new MatroskaWriter(
      this.#job.output,
      opened.context,
      this.#parameters,
      source.stream,
    ));
    const description = opened.context.extraData === null ? null : selfDescription(opened.context.extraData);
    if (description !== null) this.actual['described'] = description;
    return new FrameEncoder(
      this.#parameters.encoder,
      opened.context,
      this.#rows,
      writer,
      this.#parameters.variableFrameRate ? 0 : 1,
    );
  }

  /** What x264 and x265 write about themselves is the truth about clamped values. */
  #actualFromStream(): void {
    const first = this.#encoder?.firstPacket ?? null;
    const description = this.actual['described'] ?? (first === null ? null : selfDescription(first));
    delete this.actual['described'];
    if (description === null) return;
    const described = describedOptions(description);
    for (const name of Object.keys(this.actual)) {
      const value = described.get(name === 'gop' ? 'keyint' : name.replaceAll('-', '_'));
      if (value !== undefined && name !== 'bitrate') this.actual[name] = value;
    }
  }

  /** A source that ends early has gone away or was cut meanwhile. */
  #checkWhole(source: SourceFrames): void {
    const { frames, sourceFrames } = this.#parameters;
    const last = frames?.[1] ?? (sourceFrames === null ? null : sourceFrames - 1);
    if (last !== null && source.frame < last)
      throw new EncodeFailure(`the source ended behind frame ${source.frame}, and frame ${last} was to be the last`);
  }

  #checkFile(): void {
    const { num, den } = this.#parameters.timeBase;
    const writer = this.#writer!;
    const span = ((writer.lastPts - writer.firstPts) * num) / den;
    try {
      checkOutput(this.#job.output, { packets: writer.packets, span });
    } catch (error) {
      if (error instanceof EncodeFailure) throw error;
      throw new EncodeFailure(`the written file can't be read again: ${(error as Error).message}`, {
        cause: error,
        unwritable: isSystemError(error),
      });
    }
  }
}

function heldFrame(): Held {
  const frame = new Frame();
  frame.alloc();
  return { frame, number: -1, ticks: 0, duration: 0, startUs: -1, endUs: -1, busyUs: -1 };
}

main();
