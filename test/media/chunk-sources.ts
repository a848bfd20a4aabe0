// Sources that are hard to cut, made with ffmpeg, and what a whole decode of them by another FFmpeg shows.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import type { Fraction } from '#core/source';
import type { ChunkRange } from '#media/chunk/chunk-job';

const MAX_OUTPUT = 512 * 1024 * 1024;

export interface DecodedSource {
  readonly timeBase: Fraction;
  /** Ticks and keyframes of shown frames. */
  readonly pts: readonly number[];
  readonly key: readonly boolean[];
  /** Hash of each frame's picture. */
  readonly hashes: readonly string[];
}

export function ffmpeg(folder: string, ...args: string[]): void {
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...args], { cwd: folder });
}

/** Hashes of all pictures of a file, in yuv420p. */
export function pictureHashes(path: string): string[] {
  const args = ['-v', 'error', '-noautorotate', '-copyts', '-i', path, '-map', '0:v:0', '-fps_mode', 'passthrough'];
  const text = execFileSync('ffmpeg', [...args, '-pix_fmt', 'yuv420p', '-f', 'framemd5', '-'], {
    encoding: 'utf8',
    maxBuffer: MAX_OUTPUT,
  });
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(',').at(-1)!.trim());
}

export function decoded(path: string): DecodedSource {
  const probe = JSON.parse(
    execFileSync('ffprobe', ['-v', 'error', '-select_streams', 'v:0', '-of', 'json', '-show_entries', ENTRIES, path], {
      encoding: 'utf8',
      maxBuffer: MAX_OUTPUT,
    }),
  ) as { streams: { time_base: string }[]; frames: { pts?: number; key_frame: number }[] };
  const [num, den] = probe.streams[0]!.time_base.split('/').map(Number) as [number, number];
  return {
    timeBase: { num, den },
    pts: probe.frames.map((frame, i) => frame.pts ?? i),
    key: probe.frames.map((frame) => frame.key_frame === 1),
    hashes: pictureHashes(path),
  };
}

const ENTRIES = 'stream=time_base:frame=pts,key_frame';

/** A piece of a source as the pipeline cuts it, from the last keyframe on. */
export function rangeOf(source: DecodedSource, first: number, last: number, counted = false): ChunkRange {
  const { pts, key } = source;
  const from = key.lastIndexOf(true, first);
  return {
    first,
    last,
    frames: last - first + 1,
    firstPts: pts[first]!,
    lastPts: pts[last]!,
    endPts: pts[last + 1] ?? null,
    seekPts: from <= 0 || counted ? null : pts[from]!,
    counted,
  };
}

export const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
