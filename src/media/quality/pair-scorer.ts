// Scores matched pairs of pictures by all metrics that are wanted: the slowest aside, on another thread.

import { Frame, avGetPixFmtName, getFFmpegInfo } from 'node-av/lib';
import type { AVPixelFormat } from 'node-av/constants';
import { QUALITY_COLUMNS, type FramePicture, type QualityScore } from '#core/quality';
import { weightedXpsnr } from '#analysis/quality-metrics';
import { SCORE_COLUMNS } from '../channel/format.ts';
import { ScoreRows } from '../channel/rows.ts';
import type { ChannelWriter } from '../channel/writer.ts';
import { comparisonFormat } from './comparison-format.ts';
import { Conformer, formOf, type PictureForm } from './conformer.ts';
import type { Expected } from './expected-frames.ts';
import { QualityFailure, type QualityJob } from './quality-job.ts';
import { ScoreFilter, type FilterMetric } from './score-filter.ts';
import { VmafProcess } from './vmaf-process.ts';
import { WorstPictures } from './worst-pictures.ts';
import { XpsnrMeter } from './xpsnr-meter.ts';

/** The metric by which frames are the worst: the first of these that is measured. VMAF comes when all is over. */
const WORST_BY: readonly FilterMetric[] = ['xpsnr', 'ssim', 'psnr'];

/** Its numbers are those of FFmpeg's filter; counted up when they change. */
const XPSNR_IMPLEMENTATION = "xpsnr of encodelab, version 1, as FFmpeg's";

/** What it needs to know of a comparison. */
type PairScoring = Pick<QualityJob, 'metrics' | 'vmaf' | 'pictures'> & {
  readonly timing: Pick<QualityJob['timing'], 'frameRate'>;
};

export class PairScorer {
  readonly #job: PairScoring;
  readonly #channel: ChannelWriter;
  readonly #rows: ScoreRows;
  /** The pair whose scores are being computed. */
  readonly #source = newFrame();
  readonly #output = newFrame();
  #frame = -1;
  #sourceFrame = -1;
  #timeS = 0;
  #busy = false;
  #pending: Promise<void> | null = null;
  readonly #values = new Map<string, number>();
  readonly #worst: WorstPictures;
  readonly #worstBy: FilterMetric;
  /** Numbers of the pairs' frames for VMAF, whose scores come when all is over: 16 bytes a pair. */
  readonly #vmafFrames: number[] = [];
  readonly #vmafSources: number[] = [];
  #conformSource: Conformer | null = null;
  #conformOutput: Conformer | null = null;
  #scorers: (ScoreFilter | XpsnrMeter)[] = [];
  #aside: ScoreFilter | null = null;
  #vmaf: VmafProcess | null = null;
  /** What could not be scored, and why: `vmaf: …`. The other metrics do without it. */
  readonly absent: string[] = [];
  #ownXpsnr = false;
  #scored = 0;
  /** Known from the first pair on. */
  form: PictureForm | null = null;

  constructor(job: PairScoring, channel: ChannelWriter) {
    this.#job = job;
    this.#channel = channel;
    this.#rows = new ScoreRows(new Set(job.metrics.flatMap((metric) => QUALITY_COLUMNS[metric])));
    this.#worstBy = WORST_BY.find((metric) => job.metrics.includes(metric)) ?? 'psnr';
    this.#worst = new WorstPictures(job.pictures?.count ?? 0);
  }

  /**
   * Begins to score a pair, and ends the one before: no more than one is in work.
   * @param output the picture, which may be exchanged for one in the form of the comparison
   * @param frame its number
   * @throws QualityFailure where the pictures can't be brought into one form
   */
  async score({ picture, timeS }: Pick<Expected, 'picture' | 'timeS'>, output: Frame, frame: number): Promise<void> {
    if (this.form === null) await this.#open(picture.frame, output);
    if (!picture.conformed) this.#conformSource!.conform(picture.frame);
    picture.conformed = true;
    this.#conformOutput!.conform(output);
    await this.settle();
    this.#frame = frame;
    this.#sourceFrame = picture.number;
    this.#timeS = timeS;
    this.#source.ref(picture.frame);
    this.#output.ref(output);
    this.#busy = true;
    this.#pending = this.#aside?.scoreAside(this.#source, this.#output) ?? null;
    for (const scorer of this.#scorers) scorer.score(this.#source, this.#output);
    if (this.#vmaf === null) return;
    this.#vmafFrames.push(frame);
    this.#vmafSources.push(picture.number);
    await this.#vmaf.write(this.#source, this.#output);
  }

  /** Waits for the scores of the pair in work and keeps them. */
  async settle(): Promise<void> {
    if (!this.#busy) return;
    this.#busy = false;
    await this.#pending;
    const values = this.#values;
    values.clear();
    const keep = (column: string, value: number) => void values.set(column, value);
    for (const scorer of this.#scorers) scorer.read(keep);
    this.#aside?.read(keep);
    const luma = values.get('xpsnr.y');
    if (luma !== undefined)
      values.set('xpsnr', weightedXpsnr(luma, values.get('xpsnr.u') ?? NaN, values.get('xpsnr.v') ?? NaN));
    const row = this.#rows.add(this.#frame, this.#sourceFrame);
    for (const [column, value] of values) {
      const known = this.#rows.values[SCORE_COLUMNS.indexOf(column)];
      if (known !== undefined && known !== null) known[row] = value;
    }
    if (this.#rows.full) this.send();
    const at = { frame: this.#frame, sourceFrame: this.#sourceFrame, timeS: this.#timeS };
    this.#worst.offer({ ...at, value: values.get(this.#worstBy) ?? NaN }, this.#source, this.#output);
    this.#scored++;
    this.#source.unref();
    this.#output.unref();
  }

  /** Sends the rows that have come together. */
  send(): void {
    this.#channel.scores(this.#rows);
  }

  /** Ends all scoring: what made the scores. */
  async finish(): Promise<QualityScore[]> {
    await this.settle();
    this.send();
    const vmaf = await this.#finishVmaf();
    const { version } = getFFmpegInfo();
    return this.#job.metrics.flatMap((metric): QualityScore[] => {
      if (metric === 'vmaf') return vmaf === null ? [] : [vmaf];
      const own = metric === 'xpsnr' && this.#ownXpsnr;
      const implementation = own ? XPSNR_IMPLEMENTATION : `${metric} of FFmpeg ${version}`;
      return [{ metric, model: null, implementation, frames: this.#scored }];
    });
  }

  /** Writes the worst frames. @throws QualityFailure where the folder can't be written */
  writePictures(onPicture: () => void): FramePicture[] {
    const { pictures } = this.#job;
    return pictures === null ? [] : this.#worst.write(pictures.folder, this.#worstBy, onPicture);
  }

  close(): void {
    this.#vmaf?.close();
    for (const scorer of this.#scorers) scorer.close();
    this.#aside?.close();
    this.#source.free();
    this.#output.free();
    this.#worst.close();
    this.#conformSource?.close();
    this.#conformOutput?.close();
  }

  /** The first pair tells in which form all are compared. */
  async #open(source: Frame, output: Frame): Promise<void> {
    const form = (this.form = formOf(source, output, comparisonFormat(formatName(source), formatName(output))));
    this.#conformSource = new Conformer(form);
    this.#conformOutput = new Conformer(form);
    const { metrics, timing, vmaf, pictures } = this.#job;
    const wanted = new Set<FilterMetric>(metrics.filter((metric) => metric !== 'vmaf'));
    if (pictures !== null) wanted.add(this.#worstBy);
    const own = XpsnrMeter.measures(form) && wanted.delete('xpsnr') ? new XpsnrMeter(form, timing.frameRate) : null;
    this.#ownXpsnr = own !== null;
    const filters = (['xpsnr', 'ssim', 'psnr'] as const)
      .filter((metric) => wanted.has(metric))
      .map((metric) => new ScoreFilter(metric, form, timing.frameRate));
    // The slowest filter works aside, while this thread decodes and computes the others.
    this.#aside = filters.shift() ?? null;
    this.#scorers = own === null ? filters : [own, ...filters];
    if (metrics.includes('vmaf') && vmaf !== null)
      this.#vmaf = await VmafProcess.start(vmaf, form).catch((error: unknown) => this.#withoutVmaf(error));
  }

  #withoutVmaf(error: unknown): null {
    if (!(error instanceof QualityFailure)) throw error;
    this.absent.push(error.message);
    return null;
  }

  async #finishVmaf(): Promise<QualityScore | null> {
    if (this.#vmaf === null) return null;
    // Told when all of them are there: scores of some frames only would say nothing of the run.
    const scores = new Float64Array(this.#vmafFrames.length).fill(NaN);
    const known = await this.#vmaf
      .finish(scores.length, (pair, value) => (scores[pair] = value))
      .catch((error: unknown) => this.#withoutVmaf(error));
    if (known === null) return null;
    const rows = new ScoreRows(new Set(['vmaf']));
    const values = rows.values[SCORE_COLUMNS.indexOf('vmaf')]!;
    const [frames, sources] = [this.#vmafFrames, this.#vmafSources];
    for (const [pair, score] of scores.entries()) {
      values[rows.add(frames[pair]!, sources[pair]!)] = score;
      if (rows.full) this.#channel.scores(rows);
    }
    this.#channel.scores(rows);
    return { ...known, frames: frames.length };
  }
}

function formatName(frame: Frame): string {
  return avGetPixFmtName(frame.format as AVPixelFormat) ?? 'unknown';
}

function newFrame(): Frame {
  const frame = new Frame();
  frame.alloc();
  return frame;
}
