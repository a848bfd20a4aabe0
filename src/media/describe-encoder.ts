// What an encoder of the bundled FFmpeg is and takes, asked of the library itself (child only).

import { CodecContext, Option, avGetCodecName, avGetPixFmtName, avIsHardwarePixelFormat } from 'node-av/lib';
import type { Codec } from 'node-av/lib';
import {
  AV_CODEC_CAP_FRAME_THREADS,
  AV_CODEC_CAP_HARDWARE,
  AV_CODEC_CAP_HYBRID,
  AV_CODEC_CAP_OTHER_THREADS,
  AV_CODEC_CAP_SLICE_THREADS,
  AV_OPT_SEARCH_CHILDREN,
} from 'node-av/constants';
import type { EncoderInfo } from '#core/encoder';
import { deviceNameOf } from './bundled/hardware-device.ts';
import { encoderParameters, type OptionRow } from './encoder-options.ts';
import type { EncoderDescription } from './encoder-listing.ts';

/** @param generic from `genericRows` */
export function describeEncoder(codec: Codec, generic: readonly OptionRow[]): EncoderDescription {
  const formats = codec.pixelFormats ?? [];
  const caps = codec.capabilities;
  const own: OptionRow[] = codec.getOptions().map((row) => ({ ...row, default: row.default ?? null }));
  const inMemory = formats.filter((format) => !avIsHardwarePixelFormat(format));
  const context = new CodecContext();
  context.allocContext3(codec);
  const defaultNow = (name: string) => Option.get(context.getNative(), name, AV_OPT_SEARCH_CHILDREN);
  const parameters = encoderParameters(own, generic, defaultNow);
  context.freeContext();
  const device = deviceNameOf(codec);
  const hardware = (caps & (AV_CODEC_CAP_HARDWARE | AV_CODEC_CAP_HYBRID)) !== 0 || device !== null;
  return {
    info: {
      name: codec.name ?? '',
      codec: avGetCodecName(codec.id) ?? 'unknown',
      description: codec.longName ?? '',
      engine: 'bundled',
      hardware,
      threads: threadsOf(caps),
      pixelFormats: inMemory.flatMap((format) => avGetPixFmtName(format) ?? []),
      parameters,
      subOptions: [],
      device,
    },
  };
}

function threadsOf(caps: number): EncoderInfo['threads'] {
  if ((caps & AV_CODEC_CAP_FRAME_THREADS) !== 0) return 'frame';
  if ((caps & AV_CODEC_CAP_SLICE_THREADS) !== 0) return 'slice';
  return (caps & AV_CODEC_CAP_OTHER_THREADS) !== 0 ? 'other' : 'none';
}

/** FFmpeg's options for every encoder; the same for all. */
export function genericRows(): OptionRow[] {
  const context = new CodecContext();
  context.allocContext3(null);
  const rows = context.listOptions().map((row): OptionRow => ({
    name: row.name ?? '',
    help: row.help,
    type: row.type,
    flags: row.flags,
    unit: row.unit,
    min: row.min,
    max: row.max,
    default: row.defaultValue as OptionRow['default'],
  }));
  context.freeContext();
  return rows;
}
