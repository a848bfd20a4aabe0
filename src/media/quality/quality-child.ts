// The child that compares: decodes source and output in step, matches their frames, and scores each pair.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Frame, Log, avGetPixFmtName, getFFmpegInfo } from 'node-av/lib';
import type { AVPixelFormat } from 'node-av/constants';
import { AV_LOG_ERROR } from 'node-av/constants';
import { QUALITY_COLUMNS, type FramePicture, type QualityHeader, type QualityScore } from '#core/quality';
import { weightedXpsnr } from '#analysis/quality-metrics';
import { readJob } from '../channel/job.ts';
import { SCORE_COLUMNS } from '../channel/format.ts';
import { ScoreRows } from '../channel/rows.ts';
import { ChannelWriter } from '../channel/writer.ts';
import { comparisonFormat } from './comparison-format.ts';
import { Conformer, formOf, type PictureForm } from './conformer.ts';
import { ExpectedFrames, type Expected } from './expected-frames.ts';
import { FrameTally } from './frame-tally.ts';
import { matchStep } from './match-step.ts';
import { OutputFrames } from './output-frames.ts';
import { writePng } from './picture-file.ts';
import { QualityFailure, type QualityJob, type QualityMessage } from './quality-job.ts';
import { ScoreFilter, type FilterMetric } from './score-filter.ts';
import { VmafProcess } from './vmaf-process.ts';

import { WorstFrames } from './worst-frames.ts';

/** How often progress and rows are told. */
const TELL_INTERVAL_MS = 250;
/** Worst frames that are held at most, whatever is asked for: each is two pictures in memory. */
const MAX_WORST = 16;
/** The metric by which frames are the worst: the first of these that is measured. VMAF comes when all is over. */
const WORST_BY: readonly FilterMetric[] = ['xpsnr', 'ssim', 'psnr'];

const channel = new ChannelWriter();
const send = (message: QualityMessage) => channel.json(message);

async function main(): Promise<void> {
  const job = readJob<QualityJob>();
  Log.setLevel(AV_LOG_ERROR);
  const comparison = new Comparison(job);
  try {
    send({ kind: 'end', header: await comparison.run() });
  } catch (error) {
    if (!(error instanceof QualityFailure)) throw error;
    send({ kind: 'failed', reason: error.message });
  } finally {
    comparison.close();
  }
}

/** A pair whose scores are still being computed. */
interface PairInWork {
  frame: number;
  sourceFrame: number;
  timeS: number;
  readonly source: Frame;
  readonly output: Frame;
  /** What is computed aside; null where nothing is. */
  aside: Promise<void> | null;
}

interface WorstFrame {
  readonly frame: number;
  readonly sourceFrame: number;
  readonly timeS: number;
  readonly value: number;
  readonly source: Frame;
  readonly output: Frame;
}

class Comparison {
  readonly #job: QualityJob;
  readonly #tally = new FrameTally();
  readonly #outputFrame = newFrame();
  readonly #inWork: PairInWork = {
    frame: -1,
    sourceFrame: -1,
    timeS: 0,
    source: newFrame(),
    output: newFrame(),
    aside: null,
  };
  readonly #rows: ScoreRows;
  readonly #scored = new Map<string, number>();
  readonly #worst: WorstFrames<WorstFrame>;
  readonly #worstBy: FilterMetric;
  /** Number of each pair's frames, for VMAF: its scores come when all is over. Eight bytes a frame. */
  readonly #pairs: { frame: number[]; sourceFrame: number[] } = { frame: [], sourceFrame: [] };
  #expected: ExpectedFrames | null = null;
  #output: OutputFrames | null = null;
  #form: PictureForm | null = null;
  #conformSource: Conformer | null = null;
  #conformOutput: Conformer | null = null;
  #filters: ScoreFilter[] = [];
  #aside: ScoreFilter | null = null;
  #vmaf: VmafProcess | null = null;
  #busy = false;
  #toldMs = performance.now();
  #done = 0;
  #of: number | null = null;

  constructor(job: QualityJob) {
    this.#job = job;
    this.#rows = new ScoreRows(new Set(job.metrics.flatMap((metric) => QUALITY_COLUMNS[metric])));
    this.#worstBy = WORST_BY.find((metric) => job.metrics.includes(metric)) ?? 'psnr';
    this.#worst = new WorstFrames(Math.min(MAX_WORST, job.pictures?.count ?? 0), (frame) => {
      frame.source.free();
      frame.output.free();
    });
  }

  /** @throws QualityFailure where nothing can be compared */
  async run(): Promise<QualityHeader> {
    this.#tell(true);
    const output = (this.#output = new OutputFrames(this.#job.output));
    const expected = (this.#expected = new ExpectedFrames(this.#job.source, this.#job.timing, (number) =>
      this.#tally.dropped(number),
    ));
    this.#of = framesToCome(this.#job, output, expected);
    await this.#compare(expected, output);
    await this.#settle();
    if (this.#tally.compared === 0) throw new QualityFailure('no frame of the output belongs to a frame of the source');
    const vmaf = await this.#finishVmaf();
    channel.scores(this.#rows);
    const { version } = getFFmpegInfo();
    const form = this.#form!;
    const scores = this.#job.metrics.flatMap((metric): QualityScore[] => {
      if (metric === 'vmaf') return vmaf === null ? [] : [vmaf];
      const implementation = `${metric} of FFmpeg ${version}`;
      return [{ metric, model: null, implementation, frames: this.#scored.get(metric) ?? 0 }];
    });
    return {
      scores,
      match: { width: form.width, height: form.height, pixelFormat: form.pixelFormat, ...this.#tally.end() },
      pictures: this.#writePictures(),
    };
  }

  close(): void {
    this.#vmaf?.close();
    for (const filter of [...this.#filters, this.#aside]) filter?.close();
    for (const frame of [this.#outputFrame, this.#inWork.source, this.#inWork.output]) frame.free();
    for (const { source, output } of this.#worst.sorted()) [source, output].forEach((frame) => frame.free());
    this.#conformSource?.close();
    this.#conformOutput?.close();
    this.#expected?.close();
    this.#output?.close();
  }

  async #compare(expected: ExpectedFrames, output: OutputFrames): Promise<void> {
    let previous: number | null = null;
    let current = expected.next();
    let next = expected.next();
    let more = output.next(this.#outputFrame);
    if (current === null) throw new QualityFailure('the source holds none of the frames that are asked for');
    if (!more)
      throw new QualityFailure(
        output.faults > 0 ? 'no frame of the output can be decoded' : 'the output holds no frames',
      );
    while (current !== null || more) {
      if (current === null) {
        this.#tally.surplus(output.frame);
        more = this.#nextOutput(output);
      } else {
        const step = more ? stepOf(previous, current, next, output) : 'missing';
        if (step === 'surplus') {
          this.#tally.surplus(output.frame);
          more = this.#nextOutput(output);
          continue;
        }
        if (step === 'pair') {
          this.#tally.pair(current.picture.number);
          await this.#score(current, output.frame);
          more = this.#nextOutput(output);
        } else this.#tally.missing(current.index, current.picture.number);
        expected.release(current.picture);
        previous = current.timeS;
        current = next;
        next = current === null ? null : expected.next();
        this.#done++;
      }
      this.#tell(false);
    }
  }

  #nextOutput(output: OutputFrames): boolean {
    this.#outputFrame.unref();
    return output.next(this.#outputFrame);
  }

  /** Begins to score a pair, and ends the one before. */
  async #score(expected: Expected, frame: number): Promise<void> {
    const { picture } = expected;
    if (this.#form === null) await this.#open(picture.frame);
    if (!picture.conformed) this.#conformSource!.conform(picture.frame);
    picture.conformed = true;
    this.#conformOutput!.conform(this.#outputFrame);
    await this.#settle();
    const pair = this.#inWork;
    pair.frame = frame;
    pair.sourceFrame = picture.number;
    pair.timeS = expected.timeS;
    pair.source.ref(picture.frame);
    pair.output.ref(this.#outputFrame);
    this.#busy = true;
    pair.aside = this.#aside?.scoreAside(pair.source, pair.output) ?? null;
    for (const filter of this.#filters) filter.score(pair.source, pair.output);
    if (this.#vmaf === null) return;
    this.#pairs.frame.push(frame);
    this.#pairs.sourceFrame.push(picture.number);
    await this.#vmaf.write(pair.source, pair.output);
  }

  /** Waits for the scores of the pair in work and keeps them. */
  async #settle(): Promise<void> {
    if (!this.#busy) return;
    this.#busy = false;
    const pair = this.#inWork;
    await pair.aside;
    const values = new Map<string, number>();
    for (const filter of this.#aside === null ? this.#filters : [...this.#filters, this.#aside]) {
      filter.read((column, value) => values.set(column, value));
      this.#scored.set(filter.metric, (this.#scored.get(filter.metric) ?? 0) + 1);
    }
    const y = values.get('xpsnr.y');
    if (y !== undefined)
      values.set('xpsnr', weightedXpsnr(y, values.get('xpsnr.u') ?? NaN, values.get('xpsnr.v') ?? NaN));
    const row = this.#rows.add(pair.frame, pair.sourceFrame);
    for (const [column, value] of values) {
      const at = this.#rows.values[SCORE_COLUMNS.indexOf(column)];
      if (at !== undefined && at !== null) at[row] = value;
    }
    if (this.#rows.full) channel.scores(this.#rows);
    this.#keepIfBad(pair, values.get(this.#worstBy) ?? NaN);
    pair.source.unref();
    pair.output.unref();
  }

  #keepIfBad(pair: PairInWork, value: number): void {
    const { frame, sourceFrame, timeS } = pair;
    if (!this.#worst.takes({ timeS, value })) return;
    const [source, output] = [newFrame(), newFrame()];
    source.ref(pair.source);
    output.ref(pair.output);
    this.#worst.add({ frame, sourceFrame, timeS, value, source, output });
  }

  /** The first pair tells what is compared in which form. */
  async #open(source: Frame): Promise<void> {
    const output = this.#outputFrame;
    const form = (this.#form = formOf(source, output, comparisonFormat(formatName(source), formatName(output))));
    this.#conformSource = new Conformer(form);
    this.#conformOutput = new Conformer(form);
    const { metrics, timing, vmaf } = this.#job;
    const wanted = new Set<FilterMetric>(metrics.filter((metric) => metric !== 'vmaf'));
    if (this.#job.pictures !== null) wanted.add(this.#worstBy);
    const filter = (metric: FilterMetric) => new ScoreFilter(metric, form, timing.frameRate);
    // The slowest one works aside, while this thread decodes and computes the others.
    if (wanted.delete('xpsnr')) this.#aside = filter('xpsnr');
    this.#filters = [...wanted].map(filter);
    if (metrics.includes('vmaf') && vmaf !== null) this.#vmaf = await VmafProcess.start(vmaf, form);
  }

  async #finishVmaf(): Promise<QualityScore | null> {
    if (this.#vmaf === null) return null;
    const rows = new ScoreRows(new Set(['vmaf']));
    const values = rows.values[SCORE_COLUMNS.indexOf('vmaf')]!;
    const alive = setInterval(() => this.#tell(true), TELL_INTERVAL_MS);
    const { frame, sourceFrame } = this.#pairs;
    const known = await this.#vmaf
      .finish(frame.length, (pair, value) => {
        values[rows.add(frame[pair]!, sourceFrame[pair]!)] = value;
        if (rows.full) channel.scores(rows);
      })
      .finally(() => clearInterval(alive));
    channel.scores(rows);
    return { ...known, frames: frame.length };
  }

  #writePictures(): FramePicture[] {
    const { pictures } = this.#job;
    const worst = this.#worst.sorted();
    if (pictures === null || worst.length === 0) return [];
    try {
      mkdirSync(join(pictures.folder, 'pictures'), { recursive: true });
      return worst.map(({ frame, sourceFrame, value, source, output }) => {
        const names = { source: `pictures/${frame}-source.png`, output: `pictures/${frame}-output.png` };
        writePng(join(pictures.folder, names.source), source);
        writePng(join(pictures.folder, names.output), output);
        this.#tell(true);
        return { frame, sourceFrame, metric: this.#worstBy, value, ...names };
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      throw new QualityFailure(`the pictures can't be written: ${(error as Error).message}`, { cause: error });
    }
  }

  #tell(now: boolean): void {
    const nowMs = performance.now();
    if (!now && nowMs - this.#toldMs < TELL_INTERVAL_MS) return;
    this.#toldMs = nowMs;
    channel.scores(this.#rows);
    send({ kind: 'progress', done: this.#done, of: this.#of });
  }
}

function stepOf(previous: number | null, current: Expected, next: Expected | null, output: OutputFrames) {
  // A raw stream has no times: its frames are taken in order.
  if (output.timeS === null) return 'pair';
  return matchStep({
    previous,
    expected: current.timeS,
    next: next?.timeS ?? null,
    output: output.timeS,
    rounding: Math.min(output.tickS, MAX_ROUNDING_S),
  });
}

/** Frames that will be compared, for progress: by what is asked for, else by what the containers say. */
function framesToCome({ timing }: QualityJob, output: OutputFrames, expected: ExpectedFrames): number | null {
  const said = Number(output.stream.nbFrames);
  if (said > 0) return said;
  const { frames, sourceRate, frameRate, variableFrameRate } = timing;
  const source = frames === null ? Number(expected.source.stream.nbFrames) : frames[1] - frames[0] + 1;
  if (source <= 0) return null;
  if (variableFrameRate) return source;
  if (sourceRate === null) return null;
  return Math.round((source * frameRate.num * sourceRate.den) / (frameRate.den * sourceRate.num));
}

function formatName(frame: Frame): string {
  return avGetPixFmtName(frame.format as AVPixelFormat) ?? 'unknown';
}

function newFrame(): Frame {
  const frame = new Frame();
  frame.alloc();
  return frame;
}

/** Coarser ticks (a container that counts frames) say nothing about rounding. */
const MAX_ROUNDING_S = 0.001;

await main();
