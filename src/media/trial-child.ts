// The child that tries encoders on two made-up frames each. An encoder that crashes takes this process with it only.

import { writeSync } from 'node:fs';
import { FFmpegError, Frame, Log, Packet, avGetPixFmtFromName } from 'node-av/lib';
import { AV_LOG_INFO } from 'node-av/constants';
import { EncodeFailure } from './bundled/encode-failure.ts';
import { openEncoder, readBack } from './bundled/encoder-context.ts';
import { EncoderInput } from './bundled/encoder-input.ts';
import { openDevice } from './bundled/hardware-device.ts';
import { readJob } from './channel/job.ts';
import { ChannelWriter } from './channel/writer.ts';
import type { EncodeParameters } from './encode-job.ts';
import { selfDescription } from './encoder-text.ts';
import { TRIAL_MARK, type RawTrial, type TrialMessage } from './trial-messages.ts';

const TRIAL_FRAMES = 2;

const channel = new ChannelWriter();
const send = (message: TrialMessage) => channel.json(message);

function main(): void {
  const trials = readJob<{ trials: EncodeParameters[] }>().trials;
  Log.setLevel(AV_LOG_INFO);
  trials.forEach((parameters, index) => {
    writeSync(2, `\n${TRIAL_MARK}${index}\n`);
    send({ kind: 'begin', index });
    send({ kind: 'done', index, trial: tryOut(parameters) });
  });
}

function tryOut(parameters: EncodeParameters): RawTrial {
  let input: EncoderInput | null = null;
  let setting: string | null = null;
  try {
    if (parameters.hwdecode !== null) {
      setting = 'hwdecode';
      openDevice(parameters.hwdecode);
      setting = null;
    }
    input = new EncoderInput(parameters);
    return encodeTwoFrames(parameters, input);
  } catch (error) {
    if (error instanceof EncodeFailure) return { ok: false, error: error.message, setting };
    throw error;
  } finally {
    input?.close();
  }
}

function encodeTwoFrames(parameters: EncodeParameters, input: EncoderInput): RawTrial {
  const opened = openEncoder(parameters, null, false, input.devicePictures);
  if ('error' in opened) return { ok: false, ...opened };
  const { context } = opened;
  const packet = new Packet();
  packet.alloc();
  const frame = new Frame();
  frame.alloc();
  let description: string | null = context.extraData === null ? null : selfDescription(context.extraData);
  let packets = 0;
  const fail = (what: string, code: number): RawTrial => ({
    ok: false,
    error: `${parameters.encoder} fails on ${what}: ${FFmpegError.strerror(code)}`,
    setting: null,
  });
  const drain = () => {
    while (context.receivePacketSync(packet) >= 0) {
      if (description === null && packet.data !== null) description = selfDescription(packet.data);
      packets++;
      packet.unref();
    }
  };
  try {
    const pixelFormat = avGetPixFmtFromName(input.softwareFormat);
    for (let i = 0; i < TRIAL_FRAMES; i++) {
      frame.format = pixelFormat;
      frame.width = parameters.width;
      frame.height = parameters.height;
      const made = frame.getBuffer(0);
      if (made < 0) return fail('making a picture', made);
      // Not `fromBuffer`: it leaves the frame pointing into memory of JavaScript's, which is gone after a while.
      for (const plane of frame.data ?? []) plane?.fill(100 + 20 * i);
      frame.pts = BigInt(i * ticksPerFrame(parameters));
      const sent = context.sendFrameSync(input.uploader?.upload(frame) ?? frame);
      frame.unref();
      if (sent < 0) return fail('its first pictures', sent);
      drain();
    }
    const flushed = context.sendFrameSync(null);
    if (flushed < 0) return fail('its end', flushed);
    drain();
    if (packets === 0)
      return { ok: false, error: `${parameters.encoder} gave no packet for two pictures`, setting: null };
    const { uploadFormats } = input;
    return { ok: true, actual: readBack(context, parameters), description, uploadFormats };
  } finally {
    frame.free();
    packet.free();
    context.freeContext();
  }
}

function ticksPerFrame({ timeBase, frameRate }: EncodeParameters): number {
  return Math.max(1, Math.round((frameRate.den * timeBase.den) / (frameRate.num * timeBase.num)));
}

main();
