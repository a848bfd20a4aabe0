// A whole ladder: `encodelab encode`, with everything that it checks, packages and publishes, against the same rungs made (a) by one
// `ffmpeg` after the other with default threads and (b) by one `ffmpeg` with all outputs. The same ffmpeg executable, so the same builds of
// the encoders, on all sides; ours is the built product, as people have it (it is built first). Interleaved; ratios are medians
// over the pairs. Bytes at equal XPSNR are interpolated between (a) at the rung's quality and (a) at a coarser one.
//
//   npm run bench titles [CODECS] [PAIRS] [HEIGHTS] [SOURCE]      x264,vp9,svtav1,libaom   3   720,360,180   the demo clip

import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { ItemRecord } from '#core/queue';
import type { TitleSummary } from '#core/title';
import { mean, median } from '#analysis/quantile';
import { openLab } from '#lab/lab';
import { readEnvironment } from '#measure/environment';
import { createRunGroup } from '#measure/run-group';
import { inspectSource } from '#media/inspect';
import { measureQuality } from '#media/quality/measure-quality';
import { openTitles } from '#pipeline/titles';
import { monotonicUs } from '#system/clock';
import { runChild } from '#system/child-process';
import { BUNNY } from '../test/cli/run-cli.ts';

interface Rung {
  readonly width: number;
  readonly height: number;
  readonly quality: number;
}

/** What (a) is made with once more to see how bytes follow from quality. */
const COARSER = 3;
const GOP_S = 2;

interface Codec {
  readonly encoder: string;
  readonly crf: number;
  /** Settings as a ladder has them; the same options on the command line. */
  readonly settings: Readonly<Record<string, string | number>>;
  /** Closed GOPs of a fixed length, as the plan sets them. */
  readonly closed: readonly string[];
}

const CODECS: Readonly<Record<string, Codec>> = {
  x264: {
    encoder: 'libx264',
    crf: 23,
    settings: { preset: 'medium' },
    closed: ['-sc_threshold', '0', '-x264-params', 'open-gop=0'],
  },
  vp9: {
    encoder: 'libvpx-vp9',
    crf: 36,
    settings: { b: 0, deadline: 'good', 'cpu-used': 3 },
    closed: [],
  },
  svtav1: { encoder: 'libsvtav1', crf: 38, settings: { preset: 8 }, closed: ['-svtav1-params', 'scd=0'] },
  libaom: { encoder: 'libaom-av1', crf: 38, settings: { b: 0, 'cpu-used': 6 }, closed: [] },
};

const [names = Object.keys(CODECS).join(), pairs = '3', heights = '720,360,180', path = BUNNY] = process.argv.slice(2);
/** The lower a rung, the coarser it may be. */
const RUNGS: readonly Rung[] = heights
  .split(',')
  .map((height, i) => ({ width: (Number(height) * 16) / 9, height: Number(height), quality: 2 * i }));
const source = await inspectSource(resolve(path));
const { video } = source;
const rate = video.frameRate ?? { num: Math.round(video.averageFrameRate), den: 1 };
const gop = Math.round((GOP_S * rate.num) / rate.den);
const folder = mkdtempSync(join(tmpdir(), 'encodelab-bench-titles-'));
const root = join(import.meta.dirname, '..');
const main = join(root, 'dist', 'cli', 'main.js');

interface Made {
  readonly wallS: number;
  readonly cpuS: number;
  readonly files: readonly string[];
}

interface Title extends Made {
  /** Share of all cores that was busy from the first encode's beginning to the last one's end. */
  readonly busy: number;
  /** Wall seconds of everything around the encodes. */
  readonly aroundS: number;
  /** CPU seconds, by what they were spent on; their sum is `cpuS`. */
  readonly parts: Readonly<Record<Part, number>>;
}

/** The command is what none of the items tells: itself, questions to ffmpeg, the packager. */
const PARTS = ['inspect', 'encodes', 'their checks', 'sound, text, thumbnails', 'join and check', 'command'] as const;
type Part = (typeof PARTS)[number];

function encoderArguments({ encoder, crf, settings, closed }: Codec, { width, height, quality }: Rung, more: number) {
  const named = Object.entries(settings).flatMap(([name, value]) => [`-${name}:v`, String(value)]);
  const rateControl = ['-crf', String(crf + quality + more)];
  return [
    ['-vf', `scale=${width}:${height}:flags=bicubic`, '-pix_fmt', 'yuv420p', '-an', '-c:v', encoder],
    [...rateControl, ...named, '-g', String(gop), '-keyint_min', String(gop), ...closed],
  ].flat();
}

/** Everything that a command starts, counted by a group of its own. */
async function timed(
  command: string,
  args: readonly string[],
): Promise<{ wallS: number; cpuS: number; stdout: string }> {
  const group = await createRunGroup(`bench${monotonicUs()}`);
  try {
    const began = performance.now();
    const { code, stdout, stderr } = await runChild(...group.enter(command, args), { tailBytes: 1 << 22 });
    const wallS = (performance.now() - began) / 1000;
    if (code !== 0) throw new Error(`${command}: ${stderr.slice(-2000)}`);
    return { wallS, cpuS: group.read().cpuS ?? NaN, stdout };
  } finally {
    await group.remove();
  }
}

const QUIET = ['-hide_banner', '-nostdin', '-y', '-loglevel', 'error'];

async function oneByOne(codec: Codec, more = 0): Promise<Made> {
  let [wallS, cpuS] = [0, 0];
  const files: string[] = [];
  for (const [i, rung] of RUNGS.entries()) {
    const file = join(folder, `a${more}-${i}.mkv`);
    const made = await timed('ffmpeg', [...QUIET, '-i', source.path, ...encoderArguments(codec, rung, more), file]);
    wallS += made.wallS;
    cpuS += made.cpuS;
    files.push(file);
  }
  return { wallS, cpuS, files };
}

async function allAtOnce(codec: Codec): Promise<Made> {
  const files = RUNGS.map((_, i) => join(folder, `b-${i}.mkv`));
  const outputs = RUNGS.flatMap((rung, i) => [...encoderArguments(codec, rung, 0), files[i]!]);
  const { wallS, cpuS } = await timed('ffmpeg', [...QUIET, '-i', source.path, ...outputs]);
  return { wallS, cpuS, files };
}

const labPath = join(folder, 'lab');

async function title(name: string, codec: Codec): Promise<Title> {
  const ladder = join(folder, `${name}.yaml`);
  writeFileSync(
    ladder,
    JSON.stringify({
      name,
      gop: `${GOP_S}s`,
      rungs: RUNGS.map(({ width, height, quality }) => ({
        engine: 'ffmpeg',
        encoder: codec.encoder,
        resolution: `${width}x${height}`,
        crf: codec.crf + quality,
        ...codec.settings,
      })),
    }),
  );
  const busy = watchCpu();
  const made = await timed(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    main,
    'encode',
    source.path,
    '--ladder',
    ladder,
    '--lab',
    labPath,
    '--json',
    '--name',
    name,
  ]);
  const summary = JSON.parse(made.stdout.trim().split('\n').at(-1)!) as TitleSummary;
  const samples = busy();
  const lab = await openLab(labPath);
  const titles = await openTitles(lab);
  try {
    const items = await titles.queue.items(summary.title);
    const attempts = await titles.queue.attempts(summary.title);
    const encodes = attempts.filter(({ kind }) => kind === 'encode');
    const [from, to] = [
      Math.min(...encodes.map(({ beganAt }) => beganAt)),
      Math.max(...encodes.map(({ endedAt }) => endedAt!)),
    ];
    const files = items.flatMap(({ kind, result }) =>
      kind === 'assemble'
        ? (result as unknown as { outputs: { file: string }[] }).outputs.map(({ file }) =>
            join(titles.folder(summary.title).path, file),
          )
        : [],
    );
    const kept = files.map((file, i) => {
      const copy = join(folder, `ours-${i}.mp4`);
      writeFileSync(copy, readFileSync(file));
      return copy;
    });
    await titles.delete(summary.title);
    return {
      ...made,
      files: kept,
      busy: mean(samples.flatMap(({ atMs, share }) => (atMs > from && atMs < to ? [share] : []))),
      aroundS: made.wallS - (to - from) / 1000,
      parts: partsOf(made.cpuS, items),
    };
  } finally {
    await titles.close();
    await lab.close();
  }
}

function partsOf(cpuS: number, items: readonly Pick<ItemRecord, 'kind' | 'result'>[]): Record<Part, number> {
  const of = (kinds: readonly string[], which: readonly (keyof Costs)[]) => {
    const costs = items.flatMap(({ kind, result }) => (kinds.includes(kind) ? [result as unknown as Costs] : []));
    return costs.reduce((sum, cost) => sum + which.reduce((all, name) => all + (cost[name] ?? 0), 0), 0);
  };
  const both = ['cpuS', 'checkCpuS'] as const;
  const told = {
    inspect: of(['inspect'], both),
    encodes: of(['encode'], ['cpuS']),
    'their checks': of(['encode'], ['checkCpuS']),
    'sound, text, thumbnails': of(['audio', 'text', 'thumbnails'], both),
    'join and check': of(['assemble'], both),
  };
  return { ...told, command: cpuS - Object.values(told).reduce((sum, part) => sum + part, 0) };
}

interface Costs {
  readonly cpuS: number | null;
  readonly checkCpuS: number | null;
}

/** Share of all cores that are busy, ten times a second; call what it returns to end it. */
function watchCpu(): () => { atMs: number; share: number }[] {
  const samples: { atMs: number; share: number }[] = [];
  let before = cpuTimes();
  const timer = setInterval(() => {
    const now = cpuTimes();
    const all = now.all - before.all;
    if (all > 0) samples.push({ atMs: Date.now(), share: 1 - (now.idle - before.idle) / all });
    before = now;
  }, 100);
  return () => {
    clearInterval(timer);
    return samples;
  };
}

/** Ticks of all cores (proc(5)): idle and iowait of the first line. */
function cpuTimes(): { all: number; idle: number } {
  const fields = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]!.split(/\s+/).slice(1, 9).map(Number);
  return { all: fields.reduce((sum, value) => sum + value, 0), idle: fields[3]! + fields[4]! };
}

async function xpsnr(file: string): Promise<number> {
  const scores: number[] = [];
  const timing = {
    frames: null,
    frameRate: rate,
    variableFrameRate: false,
    timeBase: { num: rate.den, den: rate.num },
    sourceRate: rate,
    sourceStream: video.index,
  };
  const job = { source: source.path, output: file, timing, metrics: ['xpsnr' as const], vmaf: null, pictures: null };
  const result = await measureQuality(job, {
    scores: ({ metric, value }) => metric === 'xpsnr.y' && scores.push(...value),
    progress: () => undefined,
  });
  if (!result.ok) throw new Error(result.reason);
  return mean(scores.filter(Number.isFinite));
}

/** How many more bytes ours has than (a) would have at our XPSNR, on the line through (a) and the coarser (a); by rung. */
async function moreBytes(
  ours: Made,
  plain: Made,
  coarse: Made,
): Promise<{ bytes: number; xpsnr: number; equal: number }[]> {
  const found = [];
  for (const i of RUNGS.keys()) {
    const [o, a, c] = [ours, plain, coarse].map(({ files }) => files[i]!) as [string, string, string];
    const [qo, qa, qc] = [await xpsnr(o), await xpsnr(a), await xpsnr(c)];
    const bytes = (file: string) => statSync(file).size;
    const slope = Math.log(bytes(a) / bytes(c)) / (qa - qc);
    const atOurs = bytes(a) * Math.exp(slope * (qo - qa));
    found.push({ bytes: bytes(o) / bytes(a) - 1, xpsnr: qo - qa, equal: bytes(o) / atOurs - 1 });
  }
  return found;
}

const built = await runChild(process.execPath, [join(root, 'scripts', 'build.mjs')]);
if (built.code !== 0) throw new Error(`the product can't be built: ${built.stdout}${built.stderr}`);
const { cpu } = await readEnvironment({});
console.log(
  `${cpu.model}, ${cpu.cores} cores; ${basename(source.path)}, ${video.frames} frames, rungs of ${heights} lines, ${pairs} interleaved rounds\n`,
);
console.log(
  '| codec | ours, s | speed of (a) | speed of (b) | cores busy in the encode phase | around the encodes, share of wall | bytes, XPSNR, bytes at equal XPSNR by rung |',
);
console.log('|---|---|---|---|---|---|---|');
const cpuRows: string[] = [];
mkdirSync(labPath, { recursive: true });
try {
  for (const name of names.split(',')) {
    const codec = CODECS[name];
    if (codec === undefined) throw new Error(`${name} is none of ${Object.keys(CODECS).join(', ')}`);
    const sides = { ours: [] as Title[], a: [] as Made[], b: [] as Made[] };
    for (let pair = 0; pair < Number(pairs); pair++) {
      const work = [
        async () => void sides.ours.push(await title(name, codec)),
        async () => void sides.a.push(await oneByOne(codec)),
        async () => void sides.b.push(await allAtOnce(codec)),
      ];
      for (let i = 0; i < work.length; i++) await work[(i + pair) % work.length]!();
    }
    const coarse = await oneByOne(codec, COARSER);
    const { ours, a, b } = sides;
    const ratio = (other: readonly Made[]) => median(ours.map(({ wallS }, i) => other[i]!.wallS / wallS)).toFixed(3);
    const share = (of: (made: Title) => number) => `${(100 * median(ours.map(of))).toFixed(1)} %`;
    const quality = (await moreBytes(ours.at(-1)!, a.at(-1)!, coarse)).map(
      (rung) =>
        `${(100 * rung.bytes).toFixed(2)} %, ${rung.xpsnr >= 0 ? '+' : ''}${rung.xpsnr.toFixed(3)} dB, ${(100 * rung.equal).toFixed(2)} %`,
    );
    console.log(
      `| ${name} | ${median(ours.map(({ wallS }) => wallS)).toFixed(1)} | ${ratio(a)} x | ${ratio(b)} x | ${share(({ busy }) => busy)} | ${share(({ aroundS, wallS }) => aroundS / wallS)} | ${quality.join('; ')} |`,
    );
    const cpuOf = (made: readonly Made[]) => median(made.map(({ cpuS }) => cpuS)).toFixed(1);
    const parts = PARTS.map((part) => median(ours.map((each) => each.parts[part])).toFixed(2));
    cpuRows.push(`| ${[name, cpuOf(ours), cpuOf(a), cpuOf(b), ...parts].join(' | ')} |`);
  }
  console.log(`\nCPU seconds\n\n| codec | ours | (a) | (b) | ${PARTS.map((part) => `ours: ${part}`).join(' | ')} |`);
  console.log(`|---${'|---'.repeat(PARTS.length + 3)}|`);
  for (const row of cpuRows) console.log(row);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
