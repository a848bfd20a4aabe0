// Writes a picture as a JPEG file (child only). The same picture always gives the same bytes.

import { writeFileSync } from 'node:fs';
import { Codec, CodecContext, FFmpegError, Frame, Packet, Rational } from 'node-av/lib';
import {
  AVCOL_RANGE_JPEG,
  AVCOL_SPC_BT470BG,
  AV_CODEC_FLAG_BITEXACT,
  AV_CODEC_FLAG_QSCALE,
  AV_PIX_FMT_YUVJ420P,
} from 'node-av/constants';
import type { Planes } from './small-picture.ts';

/** MJPEG's quantizer, 1 to 31: about 85 of 100 on other programs' scale. */
const QUANTIZER = 4;
/** FFmpeg's FF_QP2LAMBDA. */
const LAMBDA = 118;

export function writeJpeg(path: string, picture: Planes): void {
  const codec = Codec.findEncoderByName('mjpeg' as never);
  if (codec === null) throw new Error('there is no encoder mjpeg');
  const context = new CodecContext();
  context.allocContext3(codec);
  context.width = picture.width;
  context.height = picture.height;
  context.pixelFormat = AV_PIX_FMT_YUVJ420P;
  context.colorRange = AVCOL_RANGE_JPEG;
  context.colorSpace = AVCOL_SPC_BT470BG;
  context.timeBase = new Rational(1, 1);
  context.threadCount = 1;
  context.setFlags(AV_CODEC_FLAG_BITEXACT);
  context.setFlags(AV_CODEC_FLAG_QSCALE);
  context.globalQuality = QUANTIZER * LAMBDA;
  check(context.open2Sync(codec, null), path);
  const frame = frameOf(picture);
  frame.quality = QUANTIZER * LAMBDA;
  frame.pts = 0n;
  const packet = new Packet();
  packet.alloc();
  check(context.sendFrameSync(frame), path);
  check(context.sendFrameSync(null), path);
  check(context.receivePacketSync(packet), path);
  writeFileSync(path, packet.data!);
  packet.free();
  frame.free();
  context.freeContext();
}

function frameOf(picture: Planes): Frame {
  const frame = new Frame();
  frame.alloc();
  frame.width = picture.width;
  frame.height = picture.height;
  frame.format = AV_PIX_FMT_YUVJ420P;
  frame.colorRange = AVCOL_RANGE_JPEG;
  frame.colorSpace = AVCOL_SPC_BT470BG;
  check(frame.getBuffer(0), 'a picture');
  const lines = frame.linesize;
  frame.data!.slice(0, 3).forEach((data, index) => {
    const half = index === 0 ? 1 : 2;
    const width = picture.width / half;
    for (let row = 0; row < picture.height / half; row++)
      data.set(picture.planes[index]!.subarray(row * width, (row + 1) * width), row * lines[index]!);
  });
  return frame;
}

function check(code: number, path: string): void {
  if (code < 0) throw new Error(`${path} can't be made: ${FFmpegError.strerror(code)}`);
}
