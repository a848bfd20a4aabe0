// The child that encodes a small clip again and again, and changes parameters in the middle where it is asked to. An
// encoder that crashes on a change takes this process with it only.

import { crc32 } from 'node:zlib';
import { FFmpegError, Frame, Log, Option, Packet, avGetPixFmtFromName } from 'node-av/lib';
import {
  AVERROR_EAGAIN,
  AVERROR_EOF,
  AV_LOG_ERROR,
  AV_OPT_SEARCH_CHILDREN,
  AV_PICTURE_TYPE_I,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_YUV420P,
} from 'node-av/constants';
import { EncodeFailure } from './bundled/encode-failure.ts';
import { openEncoder } from './bundled/encoder-context.ts';
import { EncoderInput } from './bundled/encoder-input.ts';
import { PictureScaler } from './bundled/picture-scaler.ts';
import { readLine } from './channel/job.ts';
import { ChannelWriter } from './channel/writer.ts';
import { selfDescription } from './encoder-text.ts';
import { clipPicture, type ClipSize } from './live-clip.ts';
import type { LiveEncodeAnswer, LiveEncodeRequest } from './live-messages.ts';

/** Every so many frames a keyframe is asked for, so that what concerns forced keyframes has an effect too. */
const FORCED_KEYFRAMES = 17;

const channel = new ChannelWriter();
const clip = new Map<string, Frame>();

function main(): void {
  Log.setLevel(AV_LOG_ERROR);
  for (let line = readLine(); line !== null; line = readLine())
    channel.json(answer(JSON.parse(line) as LiveEncodeRequest));
}

function answer(request: LiveEncodeRequest): LiveEncodeAnswer {
  try {
    return encode(request);
  } catch (error) {
    if (error instanceof EncodeFailure) return { kind: 'refused', reason: error.message };
    throw error;
  }
}

function encode(request: LiveEncodeRequest): LiveEncodeAnswer {
  const { parameters, change } = request;
  const input = new EncoderInput(parameters);
  const scaler = new PictureScaler(parameters.width, parameters.height, avGetPixFmtFromName(input.softwareFormat));
  const packet = new Packet();
  packet.alloc();
  let close = () => {};
  try {
    const opened = openEncoder(parameters, null, false, input.devicePictures);
    if ('error' in opened) return { kind: 'refused', reason: opened.error };
    const { context } = opened;
    close = () => context.freeContext();
    const packets: number[] = [];
    let bytes = 0;
    let before = 0;
    const drain = () => {
      for (;;) {
        const code = context.receivePacketSync(packet);
        if (code === AVERROR_EAGAIN || code === AVERROR_EOF) return;
        if (code < 0) throw new EncodeFailure(`it fails while encoding: ${FFmpegError.strerror(code)}`);
        const data = packet.data ?? Buffer.alloc(0);
        bytes += data.length;
        // What x264 and x265 write about themselves names every parameter, whether it does anything or not.
        packets.push(packets.length === 0 && selfDescription(data) !== null ? 0 : crc32(data));
        packet.unref();
      }
    };
    let sent = 0;
    for (; sent < request.frames; sent++) {
      if (request.untilPackets !== null && packets.length >= request.untilPackets) break;
      if (change?.atFrame === sent) {
        before = packets.length;
        for (const [name, value] of Object.entries(change.options)) {
          const code = Option.set(context.getNative(), name, value, AV_OPT_SEARCH_CHILDREN);
          if (code < 0) return { kind: 'refused', reason: `${name} ${value}: ${FFmpegError.strerror(code)}` };
        }
      }
      const picture = pictureOf(sent, parameters);
      const scaled = scaler.needs(picture) ? scaler.scale(picture) : picture;
      const taken = input.uploader === null ? scaled : input.uploader.upload(scaled);
      taken.pts = BigInt(sent);
      taken.pictType = sent % FORCED_KEYFRAMES === FORCED_KEYFRAMES - 1 ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
      const code = context.sendFrameSync(taken);
      if (code < 0) throw new EncodeFailure(`it fails on frame ${sent}: ${FFmpegError.strerror(code)}`);
      drain();
    }
    if (change === null) before = packets.length;
    const code = context.sendFrameSync(null);
    if (code < 0 && code !== AVERROR_EOF) throw new EncodeFailure(`it fails at its end: ${FFmpegError.strerror(code)}`);
    drain();
    return { kind: 'encoded', frames: sent, packets, bytes, before };
  } finally {
    close();
    packet.free();
    scaler.close();
    input.close();
  }
}

/** Made once: each encode of the clip gets the same pictures. */
function pictureOf(index: number, size: ClipSize): Frame {
  const key = `${index} ${size.width}x${size.height}`;
  const known = clip.get(key);
  if (known !== undefined) return known;
  const frame = new Frame();
  frame.alloc();
  frame.format = AV_PIX_FMT_YUV420P;
  frame.width = size.width;
  frame.height = size.height;
  const code = frame.getBuffer(0);
  if (code < 0) throw new Error(`a picture can't be allocated: ${FFmpegError.strerror(code)}`);
  fillPlanes(frame, clipPicture(index, size));
  clip.set(key, frame);
  return frame;
}

/** Row by row: `fromBuffer` would leave the frame pointing into memory of JavaScript's, which is gone after a while. */
function fillPlanes(frame: Frame, planar: Buffer): void {
  let from = 0;
  for (const [plane, shift] of [0, 1, 1].entries()) {
    const width = frame.width >> shift;
    const target = frame.data?.[plane];
    if (target === undefined || target === null) throw new Error('a picture has no memory');
    for (let y = 0; y < frame.height >> shift; y++, from += width)
      planar.copy(target, y * frame.linesize[plane]!, from, from + width);
  }
}

main();
