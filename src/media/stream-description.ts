// What a stream's parameters say, in words (child only: it asks FFmpeg for the names).

import {
  STREAM_ROLES,
  type AudioStreamInfo,
  type OtherStreamInfo,
  type StreamRole,
  type VideoStreamInfo,
} from '#core/source';
import {
  Codec,
  CodecContext,
  avChannelLayoutDescribe,
  avGetCodecName,
  avGetMediaTypeString,
  avGetPixFmtName,
} from 'node-av/lib';
import type { CodecParameters, Stream } from 'node-av/lib';
import {
  AV_DISPOSITION_COMMENT,
  AV_DISPOSITION_DEFAULT,
  AV_DISPOSITION_DUB,
  AV_DISPOSITION_FORCED,
  AV_DISPOSITION_HEARING_IMPAIRED,
  AV_DISPOSITION_ORIGINAL,
  AV_DISPOSITION_VISUAL_IMPAIRED,
  AV_NOPTS_VALUE,
  AV_OPT_TYPE_CONST,
  AV_PIX_FMT_NONE,
  AV_PKT_DATA_DISPLAYMATRIX,
} from 'node-av/constants';
import { pixelLayout } from './pixel-format.ts';

export type VideoDescription = Pick<
  VideoStreamInfo,
  | 'index'
  | 'codec'
  | 'profile'
  | 'width'
  | 'height'
  | 'pixelFormat'
  | 'bitDepth'
  | 'sampleAspectRatio'
  | 'rotation'
  | 'color'
  | 'timeBase'
>;

export function describeVideo(stream: Stream): VideoDescription {
  const parameters = stream.codecpar;
  const pixelFormat = parameters.format === AV_PIX_FMT_NONE ? '' : (avGetPixFmtName(parameters.format as never) ?? '');
  const aspect = stream.sampleAspectRatio.num > 0 ? stream.sampleAspectRatio : parameters.sampleAspectRatio;
  return {
    index: stream.index,
    codec: avGetCodecName(parameters.codecId) ?? 'unknown',
    profile: profileName(parameters),
    width: parameters.width,
    height: parameters.height,
    pixelFormat,
    bitDepth: pixelLayout(pixelFormat)?.depth ?? (parameters.bitsPerRawSample > 0 ? parameters.bitsPerRawSample : null),
    sampleAspectRatio: aspect.num > 0 && aspect.den > 0 ? { num: aspect.num, den: aspect.den } : null,
    rotation: rotationOf(parameters.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX)),
    color: describeColor(parameters),
    timeBase: { num: stream.timeBase.num, den: stream.timeBase.den },
  };
}

export function describeAudio(stream: Stream): AudioStreamInfo {
  const parameters = stream.codecpar;
  const { num, den } = stream.timeBase;
  return {
    index: stream.index,
    codec: avGetCodecName(parameters.codecId) ?? 'unknown',
    sampleRate: parameters.sampleRate,
    channels: parameters.channels,
    layout: avChannelLayoutDescribe(parameters.channelLayout),
    language: languageOf(stream),
    roles: rolesOf(stream),
    duration: stream.duration === AV_NOPTS_VALUE ? null : (Number(stream.duration) * num) / den,
  };
}

/** The container's three letters; `und` says nothing. */
function languageOf(stream: Stream): string | null {
  const language = stream.metadata?.get('language') ?? null;
  return language === 'und' ? null : language;
}

const DISPOSITIONS: Readonly<Record<StreamRole, number>> = {
  default: AV_DISPOSITION_DEFAULT,
  dub: AV_DISPOSITION_DUB,
  original: AV_DISPOSITION_ORIGINAL,
  comment: AV_DISPOSITION_COMMENT,
  forced: AV_DISPOSITION_FORCED,
  'hearing-impaired': AV_DISPOSITION_HEARING_IMPAIRED,
  'visual-impaired': AV_DISPOSITION_VISUAL_IMPAIRED,
};

function rolesOf({ disposition }: Stream): StreamRole[] {
  return STREAM_ROLES.filter((role) => (disposition & DISPOSITIONS[role]) !== 0);
}

export function describeOther(stream: Stream): OtherStreamInfo {
  return {
    index: stream.index,
    type: avGetMediaTypeString(stream.codecpar.codecType) ?? 'unknown',
    codec: avGetCodecName(stream.codecpar.codecId) ?? 'unknown',
    language: languageOf(stream),
    roles: rolesOf(stream),
  };
}

function describeColor(parameters: CodecParameters): VideoStreamInfo['color'] {
  const transfer = colorName('color_trc_type', parameters.colorTrc);
  return {
    range: colorName('color_range_type', parameters.colorRange),
    primaries: colorName('color_primaries_type', parameters.colorPrimaries),
    transfer,
    matrix: colorName('colorspace_type', parameters.colorSpace),
    dynamicRange:
      transfer === null ? null : transfer === 'smpte2084' ? 'HDR10' : transfer === 'arib-std-b67' ? 'HLG' : 'SDR',
  };
}

let names: Map<string, string> | null = null;

/** Names of colour values as FFmpeg's own options spell them. */
function colorName(unit: string, value: number): string | null {
  if (names === null) {
    names = new Map();
    const context = new CodecContext();
    context.allocContext3(null);
    for (const row of context.listOptions()) {
      const key = `${row.unit}=${Number(row.defaultValue)}`;
      // A value has several spellings; the first is the current one, except for the old gamma22 and gamma28.
      if (row.type === AV_OPT_TYPE_CONST && row.name !== null && !names.has(key) && !row.name.startsWith('gamma'))
        names.set(key, row.name);
    }
    context.freeContext();
  }
  const name = names.get(`${unit}=${value}`) ?? null;
  return name === 'unknown' || name === 'unspecified' ? null : name;
}

function profileName(parameters: CodecParameters): string | null {
  const profiles = Codec.findDecoder(parameters.codecId)?.profiles ?? [];
  return profiles.find((known) => known.profile === Number(parameters.profile))?.name ?? null;
}

/** The angle in a display matrix (av_display_rotation_get of libavutil/display.c), turned to clockwise degrees. */
function rotationOf(matrix: Buffer | null): number {
  if (matrix === null || matrix.length < 36) return 0;
  const entry = (index: number) => matrix.readInt32LE(index * 4) / 65536;
  const scaleX = Math.hypot(entry(0), entry(3));
  const scaleY = Math.hypot(entry(1), entry(4));
  if (scaleX === 0 || scaleY === 0) return 0;
  const degrees = (Math.atan2(entry(1) / scaleY, entry(0) / scaleX) * 180) / Math.PI;
  return (((Math.round(degrees) % 360) + 360) % 360) + 0;
}
