// Who watches a stock SPICE client: reads GStreamer's times of its decoders from its log, and joins them to the frames that the tap saw.

import { UserError } from '#core/user-error';
import { runPart } from '../../part-channel.ts';
import type { PassedFrames, ReceiverSpec } from '../../part.ts';
import { LatencyJourney, type JourneyFrame } from '../latency-journey.ts';
import { AwaitedFrames } from './awaited-frames.ts';
import { PolledLatencyLog } from './latency-log.ts';

const SHOWS_NOTHING = 'frames pass the tap, and the client decodes none of them';

interface NumberedFrame extends JourneyFrame {
  readonly name: string;
  readonly number: number;
}

runPart<ReceiverSpec>((spec, channel) => {
  const path = spec.spice?.agent?.log ?? null;
  if (path === null)
    throw new UserError({ what: "there is no log of the client's", todo: 'Start its agent with --spice-log FILE.' });
  const awaited = new AwaitedFrames();
  let toldNote: string | null = null;
  const tellNote = () => {
    const note = awaited.isBlind ? SHOWS_NOTHING : null;
    if (note === toldNote) return;
    toldNote = note;
    channel.running({}, null, note);
  };
  const journey = new LatencyJourney<NumberedFrame>(({ name, number, stream }, step, startUs, durationUs, gapUs) => {
    channel.stream(name);
    if (step === 'decode') awaited.decoded(stream.codec);
    if (step === 'decode') channel.step(number, 'decode', Math.round(startUs), Math.round(durationUs), -1, 'ok');
    // From the end of its decoding on it waits for the time at which it is due.
    else if (step === 'queue')
      channel.step(
        number,
        'present',
        Math.round(startUs - gapUs),
        Math.max(0, Math.round(gapUs + durationUs)),
        -1,
        'ok',
      );
  });
  const log = new PolledLatencyLog(
    path,
    (record) => journey.client(record),
    (why) => channel.message(why),
  );
  channel.running({});
  return {
    commands: {
      passed(frames) {
        passOn(frames, journey);
        const { codec, atUs } = frames;
        if (codec !== null && atUs.length > 0 && awaited.passed(codec, atUs, log.isTold))
          channel.series('awaited', 'frame', Math.round(atUs.at(-1)!), atUs.length);
        tellNote();
        return null;
      },
      connect: () => null,
      keep: () => refuse('what a stock client receives is not kept: it decodes it itself'),
      unkeep: () => refuse('what a stock client receives is not kept: it decodes it itself'),
      pictures: () => refuse("there are no pictures of a stock client's: it shows them in its own window"),
    },
    stop: () => log.close(),
  };
});

/** Of a codec that is not known no decoder is known either. */
function passOn({ stream: name, frame, atUs, codec }: PassedFrames, journey: LatencyJourney<NumberedFrame>): void {
  if (codec === null) return;
  const stream = { codec };
  for (const [i, number] of frame.entries())
    journey.frame({ name, number, stream, firstUs: atUs[i]!, lastUs: atUs[i]! });
}

function refuse(what: string): never {
  throw new UserError({ what });
}
