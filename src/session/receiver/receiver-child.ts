// The receiver's process: receives, decodes and presents. There is no screen: a picture is presented at the moment at which it
// is ready to be shown, in its order.

import { Log } from 'node-av/lib';
import { AV_LOG_QUIET } from 'node-av/constants';
import { UserError } from '#core/user-error';
import { EncodeFailure } from '#media/bundled/encode-failure';
import { monotonicUs } from '#system/clock';
import { runPart } from '../part-channel.ts';
import type { ReceiverSpec } from '../part.ts';
import type { MediaConfig } from '../transport/media.ts';
import { connectReceiver } from '../transport/receiver-link.ts';
import { FrameGate, type WaitingFrame } from './frame-gate.ts';
import { KeptStream } from './kept-stream.ts';
import { ReportMeter } from './report-meter.ts';
import { SmallPictures } from './small-pictures.ts';
import { DecodeFailure, StreamDecoder, type DecodedPicture } from './stream-decoder.ts';

const REPORT_INTERVAL_MS = 100;

runPart<ReceiverSpec>((spec, channel) => {
  // What damaged streams make FFmpeg say would fill every pipe; failures are told as outcomes.
  Log.setLevel(AV_LOG_QUIET);
  const meter = new ReportMeter(monotonicUs());
  let { stream } = spec;
  let config: MediaConfig | null = null;
  let decoder: { readonly config: MediaConfig; readonly work: StreamDecoder | null } | null = null;
  let kept: KeptStream | null = null;
  let pictures: SmallPictures | null = null;
  const presented = { stream: '', frame: -1 };
  let pumping = false;
  /** There is no decoder for it; said once. */
  let refused: MediaConfig | null = null;

  const gate = new FrameGate({
    onDropped(frame, outcome) {
      channel.stream(frame.stream);
      channel.step(frame.media.frame, 'decode', frame.sinceUs, -1, -1, outcome);
    },
    onKeyframeWanted: () => link.wantKeyframe(),
  });
  const link = connectReceiver(spec, {
    onStream(name) {
      stream = name;
      presented.frame = -1;
      gate.lost();
    },
    onConfig(next) {
      config = next;
      const { codec, width, height, frameRate } = next;
      channel.running({
        transport: spec.transport,
        codec,
        resolution: `${width}x${height}`,
        framerate: String(frameRate),
      });
    },
    onFrame(media, firstUs, lastUs) {
      if (config === null) return;
      channel.stream(stream);
      channel.step(media.frame, 'receive', firstUs, lastUs - firstUs, -1, 'ok');
      meter.received(media.frame, media.data.length, media.captureUs, lastUs);
      gate.push({ media, config, stream, sinceUs: lastUs });
      if (!pumping && gate.length > 0) {
        pumping = true;
        setImmediate(pump);
      }
    },
    onLost(firstFrame, count) {
      channel.stream(stream);
      const nowUs = monotonicUs();
      for (let frame = firstFrame; frame < firstFrame + count; frame++)
        channel.step(frame, 'receive', nowUs, -1, -1, 'lost');
      meter.lost(count);
      gate.lost();
    },
    onConnection(connected, why) {
      if (connected) return;
      // Whatever is sent meanwhile is missing.
      gate.lost();
      channel.message(`the receiver has no connection: ${why}; it goes on trying`);
    },
  });

  /** One frame a turn, so that the network is read in between. */
  const pump = () => {
    const waiting = gate.take();
    if (waiting !== undefined) decode(waiting);
    pumping = gate.length > 0;
    if (pumping) setImmediate(pump);
  };
  const decode = (waiting: WaitingFrame) => {
    const { media } = waiting;
    // What the client does not decode is not what it sees: scores are of what is kept.
    kept?.frame(waiting.stream, waiting.config, media);
    const startUs = monotonicUs();
    channel.stream(waiting.stream);
    try {
      const work = decoderFor(waiting.config, media.key);
      work.decode(media, (decoded) => present(decoded, waiting.stream));
    } catch (error) {
      if (!(error instanceof DecodeFailure)) throw error;
      channel.step(media.frame, 'decode', startUs, monotonicUs() - startUs, -1, 'failed');
      decoder?.work?.flush();
      gate.failed();
    }
  };
  /** A change of the config opens another decoder; what the old one held comes out no more. */
  const decoderFor = (wanted: MediaConfig, key: boolean): StreamDecoder => {
    if (decoder === null || (decoder.config !== wanted && key) || decoder.work === null) {
      decoder?.work?.close();
      decoder = { config: wanted, work: null };
      decoder = { config: wanted, work: openDecoder(wanted) };
    }
    return decoder.work!;
  };
  const openDecoder = (wanted: MediaConfig): StreamDecoder => {
    try {
      return new StreamDecoder(wanted);
    } catch (error) {
      if (error instanceof DecodeFailure && wanted !== refused) channel.message(error.message);
      refused = wanted;
      throw error;
    }
  };
  const present = (decoded: DecodedPicture, of: string) => {
    const { frame, startUs, endUs, busyUs, picture } = decoded;
    channel.step(frame, 'decode', startUs, endUs - startUs, busyUs, 'ok');
    meter.decoded(busyUs);
    if (of === presented.stream && frame <= presented.frame) {
      channel.step(frame, 'present', endUs, 0, 0, 'late');
      return;
    }
    presented.stream = of;
    presented.frame = frame;
    const nowUs = monotonicUs();
    channel.step(frame, 'present', nowUs, nowUs - endUs, 0, 'ok');
    meter.presented();
    if (pictures?.due(nowUs) === true) show(frame, picture, nowUs);
  };
  const show = (frame: number, picture: DecodedPicture['picture'], nowUs: number) => {
    try {
      const small = pictures?.make(picture, nowUs);
      if (small !== null && small !== undefined) channel.picture({ frame, ...small });
    } catch (error) {
      if (!(error instanceof EncodeFailure)) throw error;
    }
  };

  setInterval(() => link.report(meter.take(monotonicUs())), REPORT_INTERVAL_MS);
  channel.running({ transport: spec.transport });
  return {
    commands: {
      connect({ relay }) {
        link.connect(relay);
        return null;
      },
      async keep(ask) {
        await kept?.close();
        kept = null;
        kept = await KeptStream.open(ask);
        return null;
      },
      async unkeep() {
        const ended = kept;
        if (ended === null) throw new UserError({ what: 'nothing is kept', todo: 'Ask to keep first.' });
        kept = null;
        return await ended.close();
      },
      pictures({ everyMs, width }) {
        pictures?.close();
        pictures = everyMs > 0 ? new SmallPictures(everyMs, width) : null;
        return null;
      },
    },
    async stop() {
      link.close();
      await kept?.close();
    },
  };
});
