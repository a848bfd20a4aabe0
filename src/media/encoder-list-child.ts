// The child that lists what is compiled in: versions, and every video encoder with its parameters.

import { createRequire } from 'node:module';
import {
  Codec,
  CodecContext,
  Option,
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
  AV_OPT_SEARCH_CHILDREN,
} from 'node-av/constants';
import type { EncoderInfo } from '#core/encoder';
import { deviceNameOf } from './bundled/hardware-device.ts';
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
    module: job.encoders ? loadedModule() : null,
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

/** Node's own report names what is loaded, on every system. */
function loadedModule(): string | null {
  // Without this it would ask the network for the names of open connections.
  Object.assign(process.report, { excludeNetwork: true });
  const { sharedObjects } = process.report.getReport() as { sharedObjects?: string[] };
  return sharedObjects?.find((path) => path.endsWith('.node')) ?? null;
}

function nodeAvVersion(): string {
  const file = createRequire(import.meta.url).resolve('node-av');
  const folder = file.slice(0, file.lastIndexOf('/node-av/') + '/node-av/'.length);
  return (createRequire(import.meta.url)(`${folder}package.json`) as { version: string }).version;
}

main();
