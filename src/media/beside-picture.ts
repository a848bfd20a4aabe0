// What pictures carry beside their samples: mastering display, content light, field order, captions (child only).

import type { Frame, Stream } from 'node-av/lib';
import {
  AV_FRAME_DATA_A53_CC,
  AV_FRAME_DATA_CONTENT_LIGHT_LEVEL,
  AV_FRAME_DATA_DYNAMIC_HDR_PLUS,
  AV_FRAME_DATA_MASTERING_DISPLAY_METADATA,
  AV_FRAME_FLAG_INTERLACED,
  AV_FRAME_FLAG_TOP_FIELD_FIRST,
  AV_PKT_DATA_CONTENT_LIGHT_LEVEL,
  AV_PKT_DATA_DOVI_CONF,
  AV_PKT_DATA_MASTERING_DISPLAY_METADATA,
} from 'node-av/constants';
import type { Chromaticity, ContentLight, FieldOrder, MasteringDisplay, VideoStreamInfo } from '#core/source';

export type BesidePicture = Pick<
  VideoStreamInfo,
  'masteringDisplay' | 'contentLight' | 'dynamicMetadata' | 'fieldOrder' | 'closedCaptions'
>;

/** What a decoded frame carries. */
export function besidePicture(frame: Frame): BesidePicture {
  return {
    masteringDisplay: masteringDisplay(frame.getSideData(AV_FRAME_DATA_MASTERING_DISPLAY_METADATA)),
    contentLight: contentLight(frame.getSideData(AV_FRAME_DATA_CONTENT_LIGHT_LEVEL)),
    dynamicMetadata: frame.getSideData(AV_FRAME_DATA_DYNAMIC_HDR_PLUS) === null ? null : 'HDR10+',
    fieldOrder: fieldOrder(frame.flags),
    closedCaptions: frame.getSideData(AV_FRAME_DATA_A53_CC) !== null,
  };
}

/** What the container says of a stream, and its first frame where the container does not. */
export function besideVideo({ codecpar }: Stream, first: BesidePicture | null): BesidePicture {
  return {
    masteringDisplay:
      masteringDisplay(codecpar.getCodedSideData(AV_PKT_DATA_MASTERING_DISPLAY_METADATA)) ??
      first?.masteringDisplay ??
      null,
    contentLight:
      contentLight(codecpar.getCodedSideData(AV_PKT_DATA_CONTENT_LIGHT_LEVEL)) ?? first?.contentLight ?? null,
    dynamicMetadata:
      codecpar.getCodedSideData(AV_PKT_DATA_DOVI_CONF) !== null ? 'Dolby Vision' : (first?.dynamicMetadata ?? null),
    fieldOrder: first?.fieldOrder ?? null,
    closedCaptions: first?.closedCaptions ?? false,
  };
}

/** @param flags of a frame; null for a progressive one */
export function fieldOrder(flags: number): FieldOrder | null {
  if ((flags & AV_FRAME_FLAG_INTERLACED) === 0) return null;
  return (flags & AV_FRAME_FLAG_TOP_FIELD_FIRST) !== 0 ? 'top-first' : 'bottom-first';
}

/**
 * AVMasteringDisplayMetadata (libavutil/mastering_display_metadata.h): fractions of two i32 each, for red, green, blue and white
 * x and y, then the least and the greatest luminance, then two i32 that tell which half is there. Null where not both are.
 */
function masteringDisplay(data: Buffer | null): MasteringDisplay | null {
  if (data === null || data.length < 88 || data.readInt32LE(80) === 0 || data.readInt32LE(84) === 0) return null;
  const fraction = (index: number) => data.readInt32LE(8 * index) / data.readInt32LE(8 * index + 4);
  const point = (index: number): Chromaticity => [fraction(index), fraction(index + 1)];
  const display: MasteringDisplay = {
    red: point(0),
    green: point(2),
    blue: point(4),
    white: point(6),
    luminance: [fraction(8), fraction(9)],
  };
  return Object.values(display).flat().every(Number.isFinite) ? display : null;
}

/** AVContentLightMetadata: two u32. Zeros say that it is not known. */
function contentLight(data: Buffer | null): ContentLight | null {
  if (data === null || data.length < 8) return null;
  const [maxCll, maxFall] = [data.readUInt32LE(0), data.readUInt32LE(4)];
  return maxCll === 0 && maxFall === 0 ? null : { maxCll, maxFall };
}
