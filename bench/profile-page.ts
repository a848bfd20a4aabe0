// How long the page of a profile of 1.1 million samples takes: from navigation to the painted heatmap and flame graph, and from a
// choice of times to its flame graph, in Chromium.
//   node --conditions=encodelab-source bench/profile-page.ts

import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { seededRandom } from '#analysis/random';
import type { Profile } from '#core/profile';
import { openLab, type Lab } from '#lab/lab';
import { packProfile, unpackProfile } from '#profile/pack';
import { ProfileBuilder } from '#profile/profile-builder';
import { startRecording } from '#recording/recorder';
import { writeProfile } from '#recording/profile-tables';
import { startServer } from '#server/start-server';
import { openBrowser } from '../test/browser/open-page.ts';
import { sampleRecording, sampleRun } from '../test/lab/sample-run.ts';

const SAMPLES = 1_100_000;
const SPANS = 200_000;
const CPUS = 2;
const STACKS = 60_000;
const FUNCTIONS = 4_000;
const TRIALS = 5;
const CHOICES = 15;
const START_NS = 5e12;
const EVERY_NS = 1e9 / 999;

const folder = await mkdtemp(join(tmpdir(), 'encodelab-bench-profile-'));
const lab = await openLab(folder);
const profile = madeProfile();
const run = await store(lab, profile);
const packing = timePacking(profile);

// As a user has it: the first request finds nothing read.
const cold: Record<string, number>[] = [];
const warm: Record<string, number>[] = [];
const choices: number[] = [];
const choicesCpu: number[] = [];
const browser = await openBrowser();
for (let trial = 0; trial < TRIALS; trial++) {
  const server = await startServer({ lab, port: 0 });
  const { page } = await browser.open(server.url);
  const inspector = await page.context().newCDPSession(page);
  await inspector.send('Performance.enable', { timeDomain: 'threadTicks' });
  /** CPU time of the page's own thread, milliseconds: what else runs here does not count. */
  const cpuMs = async () => {
    const { metrics } = await inspector.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')!.value * 1e3;
  };
  for (const times of [cold, warm]) {
    await page.goto('about:blank');
    const before = await cpuMs();
    const serverBefore = process.cpuUsage();
    await page.goto(`${server.address}/runs/${run}/profile`, { waitUntil: 'commit' });
    const wall = await page.evaluate(firstPaint);
    times.push({ ...wall, cpu: (await cpuMs()) - before, server: cpuSince(serverBefore) });
  }
  // Findings are a pass over all samples: a choice is timed when they are there.
  await page.getByText('looking for what stands out').waitFor({ state: 'detached' });
  for (let choice = 0; trial === TRIALS - 1 && choice < CHOICES; choice++) {
    const from = (choice * 37) % 400;
    await page.waitForTimeout(300);
    const before = await cpuMs();
    choices.push(
      await page.evaluate(
        async (sel) => {
          performance.clearMarks('encodelab:profile-drawn');
          const began = performance.now();
          history.pushState(null, '', `?sel=${sel}`);
          dispatchEvent(new PopStateEvent('popstate'));
          while (performance.getEntriesByName('encodelab:profile-drawn').length === 0)
            await new Promise((resolve) => requestAnimationFrame(resolve));
          return performance.getEntriesByName('encodelab:profile-drawn')[0]!.startTime - began;
        },
        `${from}-${from + 20 + choice * 8}`,
      ),
    );
    choicesCpu.push((await cpuMs()) - before);
  }
  await page.close();
  await server.close();
}
await browser.close();
await lab.close();
await rm(folder, { recursive: true });

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
const ms = (value: number) => value.toFixed(0);
const row = (what: string, of: string) =>
  console.log(`| ${what} | ${ms(median(cold.map((one) => one[of]!)))} | ${ms(median(warm.map((one) => one[of]!)))} |`);
console.log(`### ${SAMPLES.toLocaleString('en')} samples, ${SPANS.toLocaleString('en')} stays, ${STACKS} stacks\n`);
console.log(`| navigation to, ms, median of ${TRIALS} | server has not read it | has read it |\n|---|--:|--:|`);
row('answer begins', 'answered');
row('unpacked', 'unpacked');
row('**heatmap and flame graph painted**', 'drawn');
row('CPU time of the page until then', 'cpu');
row('CPU time of the server until then', 'server');
console.log(`\n| | |\n|---|--:|`);
console.log(`| choice of times to its flame graph, median of ${CHOICES} | ${ms(median(choices))} ms |`);
console.log(`| worst | ${ms(Math.max(...choices))} ms |`);
console.log(`| CPU time of the page for a choice, median | ${ms(median(choicesCpu))} ms |`);
console.log(`| pack, CPU time | ${ms(packing.packMs)} ms, ${(packing.bytes / 1e6).toFixed(1)} MB |`);
console.log(`| unpack, CPU time | ${ms(packing.unpackMs)} ms |`);
console.log(`| after gzip | ${(packing.zipped / 1e6).toFixed(1)} MB |`);
console.log(`\n${cpus().length} × ${cpus()[0]!.model}, Node ${process.version}`);

/** Runs in the page: until both canvases hold something. */
async function firstPaint(): Promise<Record<string, number>> {
  const isPainted = (part: string) => {
    const canvas = document.querySelector<HTMLCanvasElement>(`section[aria-label="${part}"] canvas`);
    if (canvas === null || canvas.width === 0 || canvas.height === 0) return false;
    const row = canvas.getContext('2d')!.getImageData(0, Math.floor(canvas.height / 2), canvas.width, 1).data;
    return row.some((byte, i) => i % 4 === 3 && byte > 0);
  };
  while (!isPainted('Heatmap') || !isPainted('Flame graph'))
    await new Promise((resolve) => requestAnimationFrame(resolve));
  const at = (name: string) => performance.getEntriesByName(`encodelab:profile-${name}`)[0]!.startTime;
  return { answered: at('answered'), unpacked: at('unpacked'), drawn: performance.now() };
}

/** Of stacks about 20 functions deep, of which few take most of the time, in threads that take turns. */
function madeProfile(): Profile {
  const next = seededRandom(7);
  const random = () => next() / 2 ** 32;
  const builder = new ProfileBuilder();
  const functions = Array.from({ length: FUNCTIONS }, (_, i) =>
    builder.function(`x264_function_${i}`, `lib${i % 20}.so`, i % 9 === 0 ? 'kernel' : 'user', 'symbols'),
  );
  const nodes: number[] = [];
  for (let i = 0; i < STACKS; i++) {
    const caller = i < 20 ? -1 : nodes[Math.floor(nodes.length * random() ** 0.4)]!;
    nodes.push(builder.stacks.add(caller, functions[Math.floor(random() * FUNCTIONS)]!));
  }
  const threads = Array.from({ length: 12 }, (_, i) => builder.addThread(100, 100 + i, 'ffmpeg', `worker ${i}`));
  const seconds = SAMPLES / CPUS / 999;
  for (let i = 0; i < SAMPLES; i++) {
    const at = START_NS + Math.floor(i / CPUS) * EVERY_NS + Math.floor(random() * 3000);
    const stack = nodes[Math.floor(STACKS * random() ** 3)]!;
    builder.addSample(
      Math.round(at),
      i % CPUS,
      threads[Math.floor(random() * 12)]!,
      stack,
      1 + Math.floor(random() * 3),
    );
  }
  const spanNs = (seconds * 1e9 * CPUS) / SPANS;
  for (let i = 0; i < SPANS; i++) {
    const startNs = Math.round(START_NS + Math.floor(i / CPUS) * spanNs);
    const endNs = startNs + Math.round(spanNs * (0.4 + 0.6 * random()));
    const stack = nodes[Math.floor(STACKS * random() ** 3)]!;
    builder.addSpan({
      startNs,
      endNs,
      cpu: i % CPUS,
      thread: threads[i % 12]!,
      left: 2,
      stack,
      readyNs: NaN,
      waker: -1,
    });
  }
  return builder.finish({
    tool: 'perf 6.1.192',
    file: null,
    clock: 'monotonic',
    startNs: START_NS,
    endNs: START_NS + seconds * 1e9,
    frequencyHz: 999,
    weightUnit: 'ns',
    sampleNs: EVERY_NS,
    cpus: [0, 1],
    scope: 'system',
    stacks: 'frame-pointers',
    lost: 0,
    throttled: 0,
    overheadCpuS: 1.4,
    absent: [],
    quality: [],
  });
}

async function store(into: Lab, its: Profile): Promise<string> {
  const record = sampleRun(into, { cell: 'large', kind: 'command' });
  await into.catalogue.startRun(record);
  const recorder = await startRecording(into.recordingFolder(record.id), sampleRecording(record));
  const stored = await writeProfile(into.recordingFolder(record.id), its);
  await recorder.finish('complete', { profile: stored });
  await into.catalogue.endRun(record.id, {
    outcome: 'ok',
    reason: null,
    interrupted: false,
    durationS: 1,
    metrics: {},
  });
  return record.id;
}

/** CPU milliseconds, each the quickest of some trials. */
function timePacking(its: Profile) {
  const packed = packProfile(its);
  const quickest = (work: () => void) =>
    Math.min(
      ...Array.from({ length: TRIALS }, () => {
        const before = process.cpuUsage();
        work();
        return cpuSince(before);
      }),
    );
  return {
    packMs: quickest(() => packProfile(its)),
    unpackMs: quickest(() => unpackProfile(packed)),
    bytes: packed.length,
    zipped: gzipSync(packed).length,
  };
}

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e3;
}
