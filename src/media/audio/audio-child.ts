// The child that makes a track of sound: it is measured, brought to its loudness, encoded, and decoded again as a check.

import { Frame, Log, avChannelLayoutDescribe } from 'node-av/lib';
import { AV_LOG_ERROR } from 'node-av/constants';
import { readJob } from '../channel/job.ts';
import { ChannelWriter } from '../channel/writer.ts';
import { SAMPLE_RATE, type AudioFacts, type AudioJob, type AudioMessage, type Loudness } from './audio-job.ts';
import { LoudnessMeter } from './loudness-meter.ts';
import { loudnessGain, type Gain } from './loudness-gain.ts';
import { readSound, type SoundRead } from './read-sound.ts';
import { SoundDecoder } from './sound-decoder.ts';
import { SoundFailure } from './sound-failure.ts';
import { SoundFile } from './sound-file.ts';
import { SoundMixer } from './sound-mixer.ts';

const ALIVE_INTERVAL_MS = 250;
/** Shares of the work, for its progress: measuring, encoding, checking. */
const MEASURING = 0.25;
const ENCODING = 0.85;

const channel = new ChannelWriter();
const send = (message: AudioMessage) => channel.json(message);
let aliveMs = performance.now();

function main(): void {
  const job = readJob<AudioJob>();
  Log.setLevel(AV_LOG_ERROR);
  try {
    const measured = measure(job);
    const made = encode(job, measured);
    const madeCpuS = cpuSeconds();
    const checked = check(job);
    const cpuS = cpuSeconds();
    send({ kind: 'made', facts: factsOf(job, measured, made, checked), cpuS: madeCpuS, checkCpuS: cpuS - madeCpuS });
  } catch (error) {
    const blame = error instanceof SoundFailure ? error.blame : 'system';
    send({ kind: 'failed', what: error instanceof Error ? error.message : String(error), blame });
  }
}

interface Measured extends SoundRead {
  readonly before: Loudness;
  readonly mixedDown: boolean;
}

function measure(job: AudioJob): Measured {
  const meters: LoudnessMeter[] = [];
  const read = readSound(
    job,
    ({ layout }) => {
      const meter = new LoudnessMeter(layout);
      meters.push(meter);
      return (samples, count) => meter.add(samples, count);
    },
    (share) => tell(share * MEASURING),
  );
  return {
    ...read,
    before: meters[0]!.finish(),
    mixedDown: read.layout.nbChannels < read.source.nbChannels,
  };
}

interface Made extends Gain {
  readonly priming: number;
  readonly bytes: number;
}

function encode(job: AudioJob, { layout, before, mixedDown }: Measured): Made {
  const gain = loudnessGain(before, job.loudness, mixedDown);
  const file = new SoundFile({
    path: job.output,
    codec: job.codec,
    bitrate: job.bitrate,
    layout,
    gain: gain.gain,
  });
  readSound(
    job,
    () => (samples, count) => file.add(samples, count),
    (share) => tell(MEASURING + share * (ENCODING - MEASURING)),
  );
  file.finish();
  return { ...gain, priming: file.priming, bytes: file.bytes };
}

interface Checked {
  readonly samples: number;
  readonly after: Loudness;
}

/** Decodes what was made, as a player does: every sample there, from time 0 on, none twice. */
function check(job: AudioJob): Checked {
  const decoder = new SoundDecoder(job.output, null);
  const frame = new Frame();
  frame.alloc();
  const { stream } = decoder;
  // The file says where it ends, within the last packet; FFmpeg's decoder of Opus gives the whole packet.
  const end = (Number(stream.duration) * stream.timeBase.num * SAMPLE_RATE) / stream.timeBase.den;
  let samples = 0;
  let meter: LoudnessMeter | null = null;
  let mixer: SoundMixer | null = null;
  while (decoder.next(frame)) {
    const at = Math.round(decoder.timeS(frame) * SAMPLE_RATE);
    if (at !== samples) throw new SoundFailure(`made sound stands at sample ${at} instead of ${samples}`, 'system');
    if (frame.sampleRate !== SAMPLE_RATE) throw new SoundFailure(`made sound has ${frame.sampleRate} Hz`, 'system');
    meter ??= new LoudnessMeter(frame.channelLayout);
    mixer ??= new SoundMixer(frame.channelLayout);
    if (mixer.differs(frame)) mixer.begin(frame);
    const count = Math.min(mixer.mix(frame), end - samples);
    if (count > 0) meter.add(mixer.out, count);
    samples += count;
    frame.unref();
    tell(ENCODING + Math.min(1, samples / job.samples) * (1 - ENCODING));
  }
  const bad = decoder.badPackets;
  mixer?.close();
  frame.free();
  decoder.close();
  if (bad > 0) throw new SoundFailure(`${bad} packets of the made sound can't be decoded`, 'system');
  if (samples !== job.samples || meter === null)
    throw new SoundFailure(`the made sound has ${samples} samples instead of ${job.samples}`, 'system');
  return { samples, after: meter.finish() };
}

function factsOf(job: AudioJob, measured: Measured, made: Made, { samples, after }: Checked): AudioFacts {
  const { layout, source, before, placement, badPackets } = measured;
  return {
    codec: job.codec,
    channels: layout.nbChannels,
    layout: avChannelLayoutDescribe(layout) ?? '',
    mixedFrom: layout.mask === source.mask ? null : (avChannelLayoutDescribe(source) ?? ''),
    sampleRate: SAMPLE_RATE,
    samples,
    priming: made.priming,
    bitrate: (made.bytes * 8 * SAMPLE_RATE) / samples,
    before,
    after,
    target: job.loudness,
    gain: made.gain,
    reached: made.reached,
    placement,
    badPackets,
  };
}

function tell(share: number): void {
  const nowMs = performance.now();
  if (nowMs - aliveMs < ALIVE_INTERVAL_MS) return;
  aliveMs = nowMs;
  send({ kind: 'progress', share });
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

main();
