// Renditions of six seconds of the demo clip, as assembled and made beside, with Debian's encoders.

import { existsSync } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashFile } from '#media/content-hash';
import type { PackageJob } from '#pipeline/package/make-package';
import { runChild } from '#system/child-process';
import { BUNNY } from '../cli/run-cli.ts';

export const FFMPEG = '/usr/bin/ffmpeg';
export const hasFfmpeg = existsSync(FFMPEG);

export const SAMPLE_S = 6;
export const SAMPLE_FRAMES = 144;
/** Seconds of a segment: a group of pictures, less half a frame. */
export const SAMPLE_SEGMENT_S = 47.5 / 24;

export type SampleInput = PackageJob['inputs'][number];

const GOP = ['-g', '48', '-keyint_min', '48', '-flags', '+bitexact'];
const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '2', '-sc_threshold', '0', '-flags', '+cgop+bitexact'];
const VIDEO: Readonly<Record<string, readonly [width: number, height: number, options: readonly string[]]>> = {
  'v1-h264-180': [320, 180, [...X264, '-crf', '32']],
  'v2-h264-720': [1280, 720, [...X264, '-crf', '36']],
  'v3-av1-180': [320, 180, ['-c:v', 'libsvtav1', '-preset', '12', '-crf', '45']],
  'v4-vp9-180': [320, 180, ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '200k']],
  'v5-hevc-180': [
    320,
    180,
    [
      '-c:v',
      'libx265',
      '-preset',
      'ultrafast',
      '-tag:v',
      'hvc1',
      '-x265-params',
      'log-level=error:keyint=48:min-keyint=48:scenecut=0:open-gop=0',
    ],
  ],
};
const AUDIO: Readonly<Record<string, readonly [codec: 'aac' | 'opus', options: readonly string[]]>> = {
  'a1-aac': ['aac', ['-c:a', 'aac', '-b:a', '96k']],
  'a2-opus': ['opus', ['-c:a', 'libopus', '-b:a', '64k']],
};

export const ALL_SAMPLES = [...Object.keys(VIDEO), ...Object.keys(AUDIO), 't1-en'];

/** Makes the renditions with these ids in a folder. */
export async function sampleRenditions(folder: string, ids: readonly string[]): Promise<SampleInput[]> {
  return await Promise.all(ids.map((id) => sampleRendition(folder, id)));
}

async function sampleRendition(folder: string, id: string): Promise<SampleInput> {
  const video = VIDEO[id];
  const audio = AUDIO[id];
  const file = join(folder, `${id}.${(video ?? audio) ? 'mp4' : 'vtt'}`);
  if (video !== undefined) {
    const [width, height, options] = video;
    await make(['-an', '-vf', `scale=${width}:${height}`, ...options, ...GOP, '-video_track_timescale', '24', file]);
    return { kind: 'video', id, width, height, frames: SAMPLE_FRAMES, file, hash: await hashFile(file) };
  }
  if (audio !== undefined) {
    await make(['-vn', '-ac', '2', ...audio[1], file]);
    return {
      kind: 'audio',
      id,
      codec: audio[0],
      bitrate: audio[0] === 'aac' ? 96_000 : 64_000,
      language: 'en',
      file,
      hash: await hashFile(file),
    };
  }
  await writeFile(file, 'WEBVTT\n\n00:00:00.500 --> 00:00:02.000\nHello\n\n00:00:03.000 --> 00:00:05.500\nWorld\n');
  return { kind: 'text', id, language: 'en', file, hash: await hashFile(file) };
}

async function make(options: readonly string[]): Promise<void> {
  const args = ['-v', 'error', '-y', '-i', BUNNY, '-t', String(SAMPLE_S), '-fflags', '+bitexact', ...options];
  const { code, stderr } = await runChild(FFMPEG, args, { timeoutMs: 60_000 });
  const file = options.at(-1)!;
  if (code !== 0 || (await stat(file)).size === 0) throw new Error(`${file}: ${stderr}`);
}
