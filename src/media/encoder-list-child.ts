// The child that lists what is compiled in: versions, and every video encoder with its parameters.

import { createRequire } from 'node:module';
import { Codec, getFFmpegInfo } from 'node-av/lib';
import { AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { readJob } from './channel/job.ts';
import { ChannelWriter } from './channel/writer.ts';
import { describeEncoder, genericRows } from './describe-encoder.ts';
import type { EncoderListing, EncoderListJob } from './encoder-listing.ts';

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
      channel.json({ kind: 'encoder', encoder: describeEncoder(codec, generic) });
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
