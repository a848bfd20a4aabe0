// The child that compares: decodes source and output in step and matches their frames; each pair is then scored.

import { Frame, Log } from 'node-av/lib';
import { AV_LOG_ERROR } from 'node-av/constants';
import type { QualityHeader } from '#core/quality';
import { readJob } from '../channel/job.ts';
import { ChannelWriter } from '../channel/writer.ts';
import { ExpectedFrames, type Expected } from './expected-frames.ts';
import { FrameTally } from './frame-tally.ts';
import { matchStep } from './match-step.ts';
import { OutputFrames } from './output-frames.ts';
import { PairScorer } from './pair-scorer.ts';
import { QualityFailure, type QualityJob, type QualityMessage } from './quality-job.ts';

/** How often progress and rows are told. */
const TELL_INTERVAL_MS = 250;
/** Coarser ticks (a container that counts frames) say nothing about rounding. */
const MAX_ROUNDING_S = 0.001;

const channel = new ChannelWriter();
const send = (message: QualityMessage) => channel.json(message);

async function main(): Promise<void> {
  const job = readJob<QualityJob>();
  Log.setLevel(AV_LOG_ERROR);
  const comparison = new Comparison(job);
  try {
    send({ kind: 'end', header: await comparison.run(), absent: comparison.absent });
  } catch (error) {
    if (!(error instanceof QualityFailure)) throw error;
    send({ kind: 'failed', reason: error.message });
  } finally {
    comparison.close();
  }
}

class Comparison {
  readonly #job: QualityJob;
  readonly #tally = new FrameTally();
  readonly #scorer: PairScorer;
  readonly #picture = new Frame();
  #expected: ExpectedFrames | null = null;
  #output: OutputFrames | null = null;
  #toldMs = performance.now();
  #done = 0;
  #of: number | null = null;

  constructor(job: QualityJob) {
    this.#job = job;
    this.#scorer = new PairScorer(job, channel);
    this.#picture.alloc();
  }

  /** What could not be scored, and why. */
  get absent(): readonly string[] {
    return this.#scorer.absent;
  }

  /** @throws QualityFailure where nothing can be compared */
  async run(): Promise<QualityHeader> {
    this.#tell();
    const { source, output: path, timing } = this.#job;
    const output = (this.#output = new OutputFrames(path));
    const expected = (this.#expected = new ExpectedFrames(source, timing, (number) => this.#tally.dropped(number)));
    this.#of = framesToCome(this.#job, output, expected);
    await this.#compare(expected, output);
    const form = this.#scorer.form;
    if (form === null) throw new QualityFailure('no frame of the output belongs to a frame of the source');
    // The last scores may take long: the parent is told that we are alive.
    const alive = setInterval(() => this.#tell(), TELL_INTERVAL_MS);
    const scores = await this.#scorer.finish().finally(() => clearInterval(alive));
    if (scores.length === 0) throw new QualityFailure(this.absent.join('; '));
    const { width, height, pixelFormat } = form;
    return {
      scores,
      match: { width, height, pixelFormat, ...this.#tally.end() },
      pictures: this.#scorer.writePictures(() => this.#tell()),
    };
  }

  close(): void {
    this.#scorer.close();
    this.#picture.free();
    this.#expected?.close();
    this.#output?.close();
  }

  async #compare(expected: ExpectedFrames, output: OutputFrames): Promise<void> {
    let previous: number | null = null;
    let current = expected.next();
    let next = expected.next();
    let more = this.#nextOutput(output);
    if (current === null) throw new QualityFailure('the source holds none of the frames that are asked for');
    if (!more && output.faults > 0) throw new QualityFailure('no frame of the output can be decoded');
    if (!more) throw new QualityFailure('the output holds no frames');
    while (current !== null || more) {
      const step = !more ? 'missing' : current === null ? 'surplus' : stepOf(previous, current, next, output);
      if (step === 'surplus' || current === null) {
        this.#tally.surplus(output.frame);
        more = this.#nextOutput(output);
      } else {
        if (step === 'pair') {
          this.#tally.pair(current.picture.number);
          await this.#scorer.score(current, this.#picture, output.frame);
          more = this.#nextOutput(output);
        } else this.#tally.missing(current.index, current.picture.number);
        expected.release(current.picture);
        previous = current.timeS;
        current = next;
        next = current === null ? null : expected.next();
        this.#done++;
      }
      if (performance.now() - this.#toldMs >= TELL_INTERVAL_MS) this.#tell();
    }
  }

  #nextOutput(output: OutputFrames): boolean {
    this.#picture.unref();
    return output.next(this.#picture);
  }

  #tell(): void {
    this.#toldMs = performance.now();
    this.#scorer.send();
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

/** Frames that will be compared, for progress: what the containers say, or what is asked for. */
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

await main();
