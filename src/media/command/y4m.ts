// YUV4MPEG2: pictures one after the other behind a line of text. The format is that of mjpegtools' yuv4mpeg(5).
//
// Headers are those of FFmpeg's yuv4mpegpipe muxer without what says nothing more (XYSCSS=…, XCOLORRANGE=LIMITED): GStreamer
// 1.22's y4mdec takes a header of more than 80 bytes for a damaged file.

import type { Fraction } from '#core/source';

/** Chroma of each pixel format that a file can hold, as the header says it. */
const CHROMA: Readonly<Record<string, string>> = {
  yuv420p: '420jpeg',
  yuv422p: '422',
  yuv444p: '444',
  yuv411p: '411',
  gray: 'mono',
  yuv420p10le: '420p10',
  yuv422p10le: '422p10',
  yuv444p10le: '444p10',
  yuv420p12le: '420p12',
  yuv422p12le: '422p12',
  yuv444p12le: '444p12',
  gray10le: 'mono10',
  gray12le: 'mono12',
};

/** Where chroma samples of 4:2:0 lie, which the header tells: as decoders name it. */
const CHROMA_420: Readonly<Record<string, string>> = {
  left: '420mpeg2',
  topleft: '420paldv',
};

/** Pixel formats that a file can hold. */
export const Y4M_FORMATS: readonly string[] = Object.keys(CHROMA);

export interface Y4mPicture {
  readonly width: number;
  readonly height: number;
  readonly frameRate: Fraction;
  readonly pixelFormat: string;
  /** Width of a sample to its height; null where it is not known. */
  readonly sampleAspectRatio: Fraction | null;
  readonly chromaLocation: 'left' | 'topleft' | null;
  /** True where black is 0 and not 16. */
  readonly fullRange: boolean;
}

/** Before each picture. */
export const FRAME_LINE = 'FRAME\n';

/** The first line of a file, with its end. */
export function y4mHeader(picture: Y4mPicture): string {
  const { frameRate, pixelFormat, sampleAspectRatio: aspect, chromaLocation: location } = picture;
  const chroma = (pixelFormat === 'yuv420p' && location !== null ? CHROMA_420[location] : null) ?? CHROMA[pixelFormat]!;
  const range = picture.fullRange ? ' XCOLORRANGE=FULL' : '';
  return (
    `YUV4MPEG2 W${picture.width} H${picture.height} F${frameRate.num}:${frameRate.den} Ip ` +
    `A${aspect?.num ?? 0}:${aspect?.den ?? 0} C${chroma}${range}\n`
  );
}

/** Bytes of one picture. */
export function pictureBytes(width: number, height: number, pixelFormat: string): number {
  const deep = /1[02]le$/.test(pixelFormat) ? 2 : 1;
  const [, kind] = /^(gray|yuv4\d\d)/.exec(pixelFormat) ?? [];
  const across = kind === 'yuv411' ? 4 : kind === 'yuv444' ? 1 : 2;
  const down = kind === 'yuv420' ? 2 : 1;
  const chroma = kind === 'gray' ? 0 : 2 * Math.ceil(width / across) * Math.ceil(height / down);
  return (width * height + chroma) * deep;
}
