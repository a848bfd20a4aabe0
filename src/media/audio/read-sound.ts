// A stream of the source as a track: decoded, mixed, and laid along the video's time (child only).

import { Frame, avChannelLayoutDefault } from 'node-av/lib';
import type { ChannelLayout } from 'node-av/lib';
import { SAMPLE_RATE, type AudioJob, type Placement } from './audio-job.ts';
import { trackChannels } from './channel-layout.ts';
import { JUMP, SoundClock } from './sound-clock.ts';
import { SoundDecoder } from './sound-decoder.ts';
import { SoundFailure } from './sound-failure.ts';
import { SoundMixer, layoutOf } from './sound-mixer.ts';
import { TrackSamples, type TakeSamples } from './track-samples.ts';

export interface TrackForm {
  readonly layout: ChannelLayout;
  /** Of the source's first piece. */
  readonly source: ChannelLayout;
}

export interface SoundRead extends TrackForm {
  readonly placement: Placement;
  readonly badPackets: number;
}

/**
 * Reads the whole stream.
 * @param begin is told what the track is like, and returns what takes its samples: as many as the job says, from first to last
 * @param onProgress share of the track
 */
export function readSound(
  job: AudioJob,
  begin: (form: TrackForm) => TakeSamples,
  onProgress: (share: number) => void,
): SoundRead {
  const decoder = new SoundDecoder(job.source, job.stream);
  let frame = new Frame();
  let ahead = new Frame();
  frame.alloc();
  ahead.alloc();
  const positionOf = (piece: Frame) => (decoder.timeS(piece) - job.startS) * SAMPLE_RATE;
  if (!decoder.next(frame))
    throw new SoundFailure(`none of the sound in stream ${job.stream} can be decoded`, 'source');
  const source = layoutOf(frame);
  const layout = avChannelLayoutDefault(trackChannels(job.codec, source.nbChannels, job.channels));
  const track = new TrackSamples(layout.nbChannels, job.samples, begin({ layout, source }));
  const mixer = new SoundMixer(layout);
  const clock = new SoundClock();
  /** Where the mixer's next sample goes, and where the next decoded piece would begin. */
  let at = 0;
  let next = NaN;
  let stretched = 0;
  const put = (count: number) => {
    track.put(at, mixer.out, count);
    at += count;
  };
  let hasAhead = true;
  while (hasAhead) {
    const wanted = positionOf(frame);
    hasAhead = decoder.next(ahead);
    const lasts = (frame.nbSamples * SAMPLE_RATE) / frame.sampleRate;
    const answer = clock.place(wanted, next, hasAhead ? positionOf(ahead) - (next + lasts) : NaN);
    if (answer === JUMP || mixer.differs(frame)) {
      put(mixer.flush());
      mixer.begin(frame);
      if (answer === JUMP) {
        next = Number.isNaN(wanted) ? 0 : wanted;
        at = Math.round(next);
      }
    } else if (answer !== 0) {
      mixer.stretch(answer);
      stretched += answer;
      next += answer;
    }
    next += lasts;
    put(mixer.mix(frame));
    frame.unref();
    [frame, ahead] = [ahead, frame];
    onProgress(Math.min(1, track.at / job.samples));
  }
  put(mixer.flush());
  const placement = { ...track.finish(), stretched };
  const { badPackets } = decoder;
  frame.free();
  ahead.free();
  mixer.close();
  decoder.close();
  return { layout, source, placement, badPackets };
}
