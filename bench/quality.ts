// Comparing a 1080p clip with its encode: our whole measurement (psnr, ssim and xpsnr in one child, matched by time, its
// start included) against FFmpeg's own ssim and xpsnr. No ffmpeg command with xpsnr is to be had everywhere, so the peers are
//   ssim:  the ffmpeg command with `-lavfi ssim`
//   xpsnr: FFmpeg 8's filter in a plain graph of its own: a process that decodes both files and does nothing else
//   both:  the same process with ssim and xpsnr in one graph, both files decoded once
// Interleaved, whole wall times (each with its own start), medians.
// Arguments: pairs (5), frames (240).

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from '#analysis/quantile';
import { readEnvironment } from '#measure/environment';
import { runChild } from '#system/child-process';
import { CLIP, RATE, TIMING, ffmpeg, headerOf, measured } from '../test/quality/clips.ts';
import { plainXpsnr } from '../test/quality/plain-filters.ts';

const PEER = '--peer';
const [first, ...others] = process.argv.slice(2);
if (first === PEER) {
  const [kind, frames, output] = others;
  plainXpsnr(CLIP, output!, RATE, { ssim: kind === 'both', frames: Number(frames) });
} else await compare(Number(first ?? 5), Number(others[0] ?? 240));

async function compare(pairs: number, frames: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'encodelab-bench-'));
  const output = join(folder, 'output.mkv');
  const count = ['-frames:v', String(frames)];
  await ffmpeg('-i', CLIP, '-an', ...count, '-c:v', 'libx264', '-preset', 'veryfast', '-b:v', '1500k', output);
  const job = { source: CLIP, output, timing: { ...TIMING, frames: [0, frames - 1] as const } };
  const sides = {
    ours: async () => void headerOf(await measured(job)),
    'ssim + xpsnr only, ours': async () => void headerOf(await measured({ ...job, metrics: ['ssim', 'xpsnr'] })),
    ssim: () => ffmpeg('-i', output, '-i', CLIP, '-lavfi', `[0:v][1:v]ssim=shortest=1`, ...count, '-f', 'null', '-'),
    xpsnr: () => peer('xpsnr'),
    both: () => peer('both'),
  };
  const peer = async (kind: string) => {
    const args = [fileURLToPath(import.meta.url), PEER, kind, String(frames), output];
    const { code, stderr } = await runChild(process.execPath, [...process.execArgv, ...args]);
    if (code !== 0) throw new Error(stderr);
  };
  const times = new Map<string, number[]>(Object.keys(sides).map((name) => [name, []]));
  for (let pair = 0; pair < pairs; pair++) {
    const order = Object.entries(sides);
    for (const [name, run] of pair % 2 === 0 ? order : order.toReversed()) {
      const began = performance.now();
      await run();
      times.get(name)!.push((performance.now() - began) / frames);
    }
  }
  rmSync(folder, { recursive: true });
  const { cpu } = await readEnvironment({});
  console.log(`${cpu.model}, ${cpu.cores} cores; 1920x1080, ${frames} frames, ${pairs} interleaved pairs, medians\n`);
  console.log('| what | ms a frame | ours / this (range of pairs) |');
  console.log('|---|---|---|');
  const ours = times.get('ours')!;
  const row = (name: string, theirs: readonly number[]) => {
    const ratios = ours.map((each, i) => each / theirs[i]!);
    const range = `${median(ratios).toFixed(3)} (${Math.min(...ratios).toFixed(3)} to ${Math.max(...ratios).toFixed(3)})`;
    console.log(`| ${name} | ${median(theirs).toFixed(2)} | ${range} |`);
  };
  row('ours: psnr, ssim and xpsnr', ours);
  for (const [name, each] of times) if (name !== 'ours') row(name, each);
  const ssim = times.get('ssim')!;
  row(
    'ssim, then xpsnr: each alone, summed',
    times.get('xpsnr')!.map((each, i) => each + ssim[i]!),
  );
}
