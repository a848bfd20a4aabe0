// The child that lists what is compiled in: versions, and every video encoder with its parameters.

import { createRequire } from 'node:module';
import {
  Codec,
  CodecContext,
  avGetCodecName,
  avGetPixFmtName,
  avIsHardwarePixelFormat,
  getFFmpegInfo,
} from 'node-av/lib';
import {
  AVMEDIA_TYPE_VIDEO,
  AV_CODEC_CAP_FRAME_THREADS,
  AV_CODEC_CAP_HARDWARE,
  AV_CODEC_CAP_HYBRID,
  AV_CODEC_CAP_OTHER_THREADS,
  AV_CODEC_CAP_SLICE_THREADS,
} from 'node-av/constants';
import type { EncoderInfo } from '#core/encoder';
import { readJob } from './channel/job.ts';
import { ChannelWriter } from './channel/writer.ts';
import { encoderParameters, type OptionRow } from './encoder-options.ts';
import type { EncoderDescription, EncoderListing, EncoderListJob } from './encoder-listing.ts';

const channel = new ChannelWriter();

function main(): void {
  const job = readJob<EncoderListJob>();
  const info = getFFmpegInfo();
  const listing: EncoderListing = {
    ffmpeg: info.version,
    nodeAv: nodeAvVersion(),
    libraries: info.libraries,
  };
  channel.json({ kind: 'versions', listing });
  if (!job.encoders) return;
  const generic = genericRows();
  // One message each: all of them together would be larger than a message may be.
  for (const codec of Codec.getCodecList())
    if (codec.type === AVMEDIA_TYPE_VIDEO && codec.isEncoder())
      channel.json({ kind: 'encoder', encoder: describe(codec, generic) });
}

function describe(codec: Codec, generic: readonly OptionRow[]): EncoderDescription {
  const formats = codec.pixelFormats ?? [];
  const caps = codec.capabilities;
  const own: OptionRow[] = codec.getOptions().map((row) => ({ ...row, default: row.default ?? null }));
  // What lies in a device's memory can't be filled by us.
  const fillable = formats.filter((format) => !avIsHardwarePixelFormat(format));
  return {
    deviceOnly: formats.length > 0 && fillable.length === 0,
    info: {
      name: codec.name ?? '',
      codec: avGetCodecName(codec.id) ?? 'unknown',
      description: codec.longName ?? '',
      engine: 'bundled',
      hardware: (caps & (AV_CODEC_CAP_HARDWARE | AV_CODEC_CAP_HYBRID)) !== 0 || fillable.length < formats.length,
      threads: threadsOf(caps),
      pixelFormats: fillable.flatMap((format) => avGetPixFmtName(format) ?? []),
      parameters: encoderParameters(own, generic),
      subOptions: [],
      device: null,
    },
  };
}

function threadsOf(caps: number): EncoderInfo['threads'] {
  if ((caps & AV_CODEC_CAP_FRAME_THREADS) !== 0) return 'frame';
  if ((caps & AV_CODEC_CAP_SLICE_THREADS) !== 0) return 'slice';
  return (caps & AV_CODEC_CAP_OTHER_THREADS) !== 0 ? 'other' : 'none';
}

function genericRows(): OptionRow[] {
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

function nodeAvVersion(): string {
  const file = createRequire(import.meta.url).resolve('node-av');
  const folder = file.slice(0, file.lastIndexOf('/node-av/') + '/node-av/'.length);
  return (createRequire(import.meta.url)(`${folder}package.json`) as { version: string }).version;
}

main();
