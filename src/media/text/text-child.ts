// The child that reads the packets of a subtitle stream and takes their text.

import { FFmpegError, Log, Packet, avGetCodecName } from 'node-av/lib';
import {
  AVDISCARD_ALL,
  AVERROR_EOF,
  AVMEDIA_TYPE_SUBTITLE,
  AV_LOG_ERROR,
  AV_NOPTS_VALUE,
  AV_PKT_DATA_WEBVTT_SETTINGS,
} from 'node-av/constants';
import { readJob } from '../channel/job.ts';
import { ChannelWriter } from '../channel/writer.ts';
import { openInput } from '../open-input.ts';
import { assCue } from './ass.ts';
import type { CueContent } from './cue.ts';
import { movTextCue } from './mov-text.ts';
import { subripCue } from './subrip.ts';
import type { TextJob, TextMessage } from './text-messages.ts';
import { webvttBoxes, webvttCue } from './webvtt-cue.ts';

const ALIVE_INTERVAL_MS = 250;
/** Cues sent at a time. */
const BATCH = 500;

/** What a packet says, by FFmpeg's name of its codec. */
const READERS: Readonly<Record<string, (data: Buffer, packet: Packet) => CueContent[]>> = {
  subrip: (data) => [subripCue(data.toString('utf8'))],
  text: (data) => [subripCue(data.toString('utf8'))],
  ass: (data) => [assCue(data.toString('utf8'))],
  ssa: (data) => [assCue(data.toString('utf8'))],
  mov_text: (data) => [movTextCue(data)],
  webvtt: (data, packet) =>
    webvttBoxes(data) ?? [
      webvttCue(data.toString('utf8'), packet.getSideData(AV_PKT_DATA_WEBVTT_SETTINGS)?.toString('utf8') ?? ''),
    ],
};

const channel = new ChannelWriter();
const send = (message: TextMessage) => channel.json(message);

function main(): void {
  const job = readJob<TextJob>();
  Log.setLevel(AV_LOG_ERROR);
  try {
    read(job);
  } catch (error) {
    send({ kind: 'failed', what: error instanceof Error ? error.message : String(error), blame: 'system' });
  }
}

function read(job: TextJob): void {
  const input = openInput(job.source);
  const stream = input.format.streams.find(({ index }) => index === job.stream);
  if (stream?.codecpar.codecType !== AVMEDIA_TYPE_SUBTITLE) {
    send({ kind: 'failed', what: `stream ${job.stream} holds no subtitles`, blame: 'source' });
    return;
  }
  const codec = avGetCodecName(stream.codecpar.codecId) ?? 'unknown';
  const reader = READERS[codec];
  if (reader === undefined) {
    send({ kind: 'failed', what: `its ${codec} subtitles are no text`, blame: 'source' });
    return;
  }
  for (const other of input.format.streams) if (other.index !== stream.index) other.discard = AVDISCARD_ALL;
  const tickMs = (stream.timeBase.num / stream.timeBase.den) * 1000;
  const packet = new Packet();
  packet.alloc();
  let cues: Extract<TextMessage, { kind: 'cues' }>['cues'][number][] = [];
  let packets = 0;
  let aliveMs = performance.now();
  let code = 0;
  while ((code = input.format.readFrameSync(packet)) >= 0) {
    const data = packet.streamIndex === stream.index && packet.pts !== AV_NOPTS_VALUE ? packet.data : null;
    if (data !== null) {
      packets++;
      const startMs = Number(packet.pts) * tickMs - job.startS * 1000;
      const endMs = packet.duration > 0n ? startMs + Number(packet.duration) * tickMs : null;
      for (const { text, settings } of reader(data, packet))
        if (text !== '') cues.push({ startMs, endMs, text, settings });
    }
    packet.unref();
    if (cues.length >= BATCH) {
      send({ kind: 'cues', cues });
      cues = [];
    }
    if (performance.now() - aliveMs > ALIVE_INTERVAL_MS) {
      send({ kind: 'alive' });
      aliveMs = performance.now();
    }
  }
  if (code !== AVERROR_EOF) throw new Error(`the source can't be read to its end: ${FFmpegError.strerror(code)}`);
  packet.free();
  input.close();
  send({ kind: 'cues', cues });
  const { user, system } = process.cpuUsage();
  send({ kind: 'end', packets, cpuS: (user + system) / 1e6 });
}

main();
