// Sources made with Debian's ffmpeg for tests of the pipeline: small, quick, with known content.

import { join } from 'node:path';
import { runChild } from '#system/child-process';

const QUIET = ['-hide_banner', '-nostdin', '-y', '-loglevel', 'error'];
const VIDEO = ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '2', '-g', '50', '-crf', '20'];

export interface MadeSource {
  readonly seconds: number;
  /** Of every scene: a lavfi graph of pictures. */
  readonly scenes?: readonly string[];
  readonly rate?: number;
  readonly size?: string;
  readonly audio?: boolean;
}

/** A H.264 file with B-frames and, where asked for, a sine of sound; @returns its path */
export async function makeSource(folder: string, name: string, source: MadeSource): Promise<string> {
  const { seconds, scenes = ['testsrc2', 'mandelbrot'], rate = 24, size = '320x180', audio = true } = source;
  const path = join(folder, name);
  const each = seconds / scenes.length;
  const inputs = scenes.flatMap((scene) => ['-f', 'lavfi', '-t', String(each), '-i', `${scene}=s=${size}:r=${rate}`]);
  const joined = `${scenes.map((_, i) => `[${i}:v]`).join('')}concat=n=${scenes.length}:v=1,format=yuv420p[v]`;
  const sound = ['-f', 'lavfi', '-t', String(seconds), '-i', 'sine=frequency=440:sample_rate=48000'];
  const { code, stderr } = await runChild('ffmpeg', [
    ...QUIET,
    ...inputs,
    ...(audio ? sound : []),
    '-filter_complex',
    joined,
    '-map',
    '[v]',
    ...(audio ? ['-map', `${scenes.length}:a`, '-c:a', 'aac', '-b:a', '96k'] : []),
    ...VIDEO,
    path,
  ]);
  if (code !== 0) throw new Error(`ffmpeg: ${stderr}`);
  return path;
}
