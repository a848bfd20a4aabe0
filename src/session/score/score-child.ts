// The child that compares what the client of a stream received with its source, frame by frame.

import { Frame, Log } from 'node-av/lib';
import { AV_LOG_ERROR } from 'node-av/constants';
import type { QualityHeader } from '#core/quality';
import { UserError } from '#core/user-error';
import { readJob } from '#media/channel/job';
import { ChannelWriter } from '#media/channel/writer';
import { FrameTally } from '#media/quality/frame-tally';
import { PairScorer } from '#media/quality/pair-scorer';
import { QualityFailure, type QualityMessage } from '#media/quality/quality-job';
import { ReceivedFrames } from './received-frames.ts';
import type { SessionQualityJob } from './score-session.ts';
import { KeptPictures, PlayedPictures, type SourcePictures } from './source-pictures.ts';

/** How often progress and rows are told. */
const TELL_INTERVAL_MS = 250;
/** Frame rates are told with so many digits behind the point. */
const RATE_DENOMINATOR = 1000;
/** Where the stream does not say how fast it is. */
const USUAL_RATE = 30;

/** Which source pictures a stream left out is its sender's business: the tally is told none. */
const UNKNOWN = -1;

const channel = new ChannelWriter();
const send = (message: QualityMessage) => channel.json(message);

async function main(): Promise<void> {
  const job = readJob<SessionQualityJob>();
  Log.setLevel(AV_LOG_ERROR);
  try {
    send({ kind: 'end', ...(await compare(job)) });
  } catch (error) {
    if (error instanceof UserError) send({ kind: 'failed', reason: error.message });
    else if (error instanceof QualityFailure) send({ kind: 'failed', reason: error.message });
    else throw error;
  }
}

/** @throws QualityFailure where nothing can be compared */
async function compare(job: SessionQualityJob): Promise<{ header: QualityHeader; absent: readonly string[] }> {
  const tally = new FrameTally();
  const received = new ReceivedFrames(job.received, ({ frame }) => tally.missing(frame, UNKNOWN));
  let sources: SourcePictures | null = null;
  let scorer: PairScorer | null = null;
  const picture = new Frame();
  picture.alloc();
  let toldMs = performance.now();
  let decoded = 0;
  const tell = () => {
    toldMs = performance.now();
    scorer?.send();
    send({ kind: 'progress', done: decoded, of: null });
  };
  try {
    tell();
    // A picture that was kept is what was captured: no need to hope that a source plays the same twice.
    sources = job.keptSources === null ? new PlayedPictures(job.source!) : new KeptPictures(job.keptSources);
    for (;;) {
      picture.unref();
      const frame = await received.next(picture);
      if (frame === null || frame.frame > (job.lastFrame ?? Infinity)) break;
      decoded++;
      const source = await sources.of(frame);
      // Of kept pictures most are left out on purpose.
      if (source === null && job.keptSources === null) tally.surplus(frame.frame);
      if (source !== null) {
        scorer ??= new PairScorer(scoring(job, received.frameRate), channel);
        tally.pair(source.number);
        await scorer.score({ picture: source, timeS: frame.captureUs / 1e6 }, picture, frame.frame);
      }
      if (performance.now() - toldMs >= TELL_INTERVAL_MS) tell();
    }
    if (decoded === 0) throw new QualityFailure('no frame of the received bitstream can be decoded');
    const form = scorer?.form ?? null;
    if (scorer === null || form === null)
      throw new QualityFailure('no source picture of any received frame is to be had');
    const { width, height, pixelFormat } = form;
    // The last scores may take long: the parent is told that we are alive.
    const alive = setInterval(tell, TELL_INTERVAL_MS);
    const scores = await scorer.finish().finally(() => clearInterval(alive));
    if (scores.length === 0) throw new QualityFailure(scorer.absent.join('; '));
    const match = { width, height, pixelFormat, ...tally.end(), of: decoded };
    return { header: { scores, match, pictures: scorer.writePictures(tell) }, absent: scorer.absent };
  } finally {
    scorer?.close();
    picture.free();
    await sources?.close();
    await received.close();
  }
}

function scoring({ metrics, vmaf, pictures }: SessionQualityJob, frameRate: number) {
  const rate = frameRate > 0 ? frameRate : USUAL_RATE;
  const timing = { frameRate: { num: Math.round(rate * RATE_DENOMINATOR), den: RATE_DENOMINATOR } };
  return { metrics, vmaf, pictures, timing };
}

await main();
