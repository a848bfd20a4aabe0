// Writes a picture as PNG, in RGB with the colours that the stream says.

import { writeFileSync } from 'node:fs';
import { Codec, CodecContext, FFmpegError, Frame, Packet, Rational, SoftwareScaleContext } from 'node-av/lib';
import {
  AVCOL_RANGE_JPEG,
  AVCOL_SPC_BT709,
  AVCOL_SPC_RGB,
  AVCOL_SPC_SMPTE170M,
  AVCOL_SPC_UNSPECIFIED,
  AV_CODEC_ID_PNG,
  AV_PIX_FMT_RGB24,
} from 'node-av/constants';
import { scaleWhole } from '../scale-whole.ts';
import { QualityFailure } from './quality-job.ts';

/** @throws QualityFailure where it can't be encoded; the system's error where it can't be written */
export function writePng(path: string, picture: Frame): void {
  const rgb = toRgb(picture);
  const context = new CodecContext();
  const packet = new Packet();
  packet.alloc();
  try {
    const codec = Codec.findEncoder(AV_CODEC_ID_PNG);
    if (codec === null) throw new QualityFailure('there is no encoder for PNG');
    context.allocContext3(codec);
    context.width = rgb.width;
    context.height = rgb.height;
    context.pixelFormat = AV_PIX_FMT_RGB24;
    context.timeBase = new Rational(1, 1);
    check(context.open2Sync(codec, null));
    check(context.sendFrameSync(rgb));
    check(context.sendFrameSync(null));
    check(context.receivePacketSync(packet));
    writeFileSync(path, packet.data!);
  } finally {
    packet.free();
    context.freeContext();
    rgb.free();
  }
}

function toRgb(picture: Frame): Frame {
  const rgb = new Frame();
  rgb.alloc();
  rgb.width = picture.width;
  rgb.height = picture.height;
  rgb.format = AV_PIX_FMT_RGB24;
  rgb.colorSpace = AVCOL_SPC_RGB;
  rgb.colorRange = AVCOL_RANGE_JPEG;
  // The same primaries and transfer on both sides: only the matrix and the range are converted.
  rgb.colorPrimaries = picture.colorPrimaries;
  rgb.colorTrc = picture.colorTrc;
  check(rgb.getBuffer(0));
  // Where a stream does not say its matrix, players go by its size.
  if (picture.colorSpace === AVCOL_SPC_UNSPECIFIED)
    picture.colorSpace = picture.height >= 720 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
  const scaler = new SoftwareScaleContext();
  scaler.allocContext();
  scaler.setOption('sws_flags', 'bicubic+accurate_rnd+full_chroma_int');
  const code = scaleWhole(scaler, rgb, picture);
  scaler.freeContext();
  check(code);
  return rgb;
}

function check(code: number): void {
  if (code < 0) throw new QualityFailure(`a picture can't be written as PNG: ${FFmpegError.strerror(code)}`);
}
