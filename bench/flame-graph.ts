// A flame graph of any part of a large profile: how long its tree takes, and in Chromium how long each picture of a graph with a
// million nodes takes while it is zoomed and panned.
//   node --conditions=encodelab-source bench/flame-graph.ts

import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, defaultClientConditions } from 'vite';
import { WHOLE_PROFILE, type Profile, type ProfileSelection } from '#core/profile';
import { seededRandom } from '#analysis/random';
import { callTree, type CallTreeRequest } from '#profile/flame-graph';
import { differentialTree } from '#profile/call-difference';
import { ProfileBuilder } from '#profile/profile-builder';
import { openBrowser } from '../test/browser/open-page.ts';

const SAMPLES = 1_100_000;
const STACKS = 300_000;
const FUNCTIONS = 6_000;
const THREADS = 24;
const BRANCHES = 300;
const SECONDS = 600;
const TRIALS = 15;
/** After three trials, no more once they have taken as long. */
const ENOUGH_MS = 3_000;
/** Moves of the pointer or the wheel of each gesture. */
const STEPS = 160;

const draw = seededRandom(1);
const random = () => draw() / 2 ** 32;
const profile = madeProfile();
const { parent } = profile.stacks;
console.log(`${SAMPLES} samples, ${parent.length} stacks, ${FUNCTIONS} functions, ${THREADS} threads\n`);
console.log('| call tree of | nodes | CPU ms, median | first |\n|---|--:|--:|--:|');
const part = (share: number) => (): ProfileSelection => {
  const from = random() * (1 - share) * SECONDS * 1e9;
  return { ...WHOLE_PROFILE, rangesNs: Float64Array.of(from, from + share * SECONDS * 1e9) };
};
const periodic = (): ProfileSelection => {
  const offset = random() * 1e9;
  const rangesNs = Float64Array.from(
    { length: SECONDS * 2 },
    (_, i) => offset + Math.floor(i / 2) * 1e9 + (i % 2) * 1e8,
  );
  return { ...WHOLE_PROFILE, rangesNs };
};
const whole = () => WHOLE_PROFILE;
row('everything', whole, {});
row('half of the time', part(0.5), {});
row('a tenth of the time', part(0.1), {});
row('a second', part(1 / SECONDS), {});
row('100 ms of each second', periodic, {});
row('three threads', () => ({ ...WHOLE_PROFILE, threads: new Set([1, 5, 9]) }), {});
row('everything, siblings by weight', whole, { order: 'weight' });
row('everything, siblings by time', whole, { order: 'time' });
const [one, other] = [part(0.5)(), part(0.5)()].map((selection) => callTree(profile, { selection })!);
row('everything, by library of the innermost function', whole, { group: 'library' });
row('everything, by thread', whole, { group: 'thread' });
row('everything, reversed', whole, { direction: 'callers' });
row('a tenth of the time, reversed', part(0.1), { direction: 'callers' });
row('callees of a function', whole, { focus: 40 });
row('callers of a function', whole, { focus: 40, direction: 'callers' });
report('difference of two halves, trees given', () => differentialTree(one!, other!).parent.length);

await drawing();
console.log(`\n${cpus().length} × ${cpus()[0]!.model}, Node ${process.version}`);

/** Zooms and pans a graph in Chromium as a hand does, and reads how long its script took for each picture. */
async function drawing(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'encodelab-bench-flame-'));
  await build({
    root: fileURLToPath(new URL('flame-page', import.meta.url)),
    configFile: false,
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    logLevel: 'warn',
    resolve: { conditions: ['encodelab-source', ...defaultClientConditions] },
    build: { outDir: folder, emptyOutDir: true, target: 'es2023' },
  });
  const types: Readonly<Record<string, string>> = {
    '.html': 'text/html',
    '.js': 'text/javascript',
    '.css': 'text/css',
  };
  const server = createServer((request, response) => {
    const path = new URL(request.url!, 'http://page').pathname;
    const file = join(folder, path === '/' ? 'index.html' : path.slice(1));
    const type = types[extname(file)];
    if (type === undefined) return void response.writeHead(404).end();
    response.setHeader('content-type', type);
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const browser = await openBrowser();
  console.log('\n| pictures of a graph | drawn | script ms, p50 | p95 | longest |\n|---|--:|--:|--:|--:|');
  try {
    for (const nodes of [100_000, 1_000_000]) {
      const { page } = await browser.open(`http://127.0.0.1:${port}/?nodes=${nodes}`);
      const canvas = page.locator('canvas.flame-canvas');
      await canvas.waitFor();
      const box = (await canvas.boundingBox())!;
      const [x, y] = [box.x + box.width * 0.4, box.y + box.height * 0.6];
      const gestures: Record<string, () => Promise<void>> = {
        'wheel in and out': async () => {
          await page.mouse.move(x, y);
          for (let i = 0; i < STEPS; i++) await page.mouse.wheel(0, i % 40 < 20 ? -80 : 80);
        },
        'drag, zoomed in': async () => {
          for (let i = 0; i < 8; i++) await page.mouse.wheel(0, -120);
          await page.mouse.down();
          for (let i = 0; i < STEPS; i++) await page.mouse.move(x + 300 * Math.sin(i / 9), y + 80 * Math.sin(i / 15));
          await page.mouse.up();
        },
        'point at nodes': async () => {
          for (let i = 0; i < STEPS; i++) await page.mouse.move(x + 400 * Math.sin(i / 13), y + 150 * Math.cos(i / 7));
        },
      };
      for (const [title, gesture] of Object.entries(gestures)) {
        await page.evaluate(() => performance.clearMeasures());
        await gesture();
        const times = await page.evaluate(() =>
          performance.getEntriesByName('encodelab:flame-drawing').map(({ duration }) => duration),
        );
        const sorted = times.toSorted((a, b) => a - b);
        const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)]?.toFixed(1) ?? '–';
        console.log(`| ${nodes} nodes, ${title} | ${times.length} | ${at(0.5)} | **${at(0.95)}** | ${at(1)} |`);
      }
      await page.close();
    }
  } finally {
    await browser.close();
    server.close();
    await rm(folder, { recursive: true });
  }
}

function row(title: string, selection: () => ProfileSelection, request: Partial<CallTreeRequest>): void {
  report(title, () => callTree(profile, { selection: selection(), ...request })!.parent.length);
}

function report(title: string, make: () => number): void {
  const times: number[] = [];
  const nodes: number[] = [];
  for (let trial = 0, spent = 0; trial < TRIALS && (trial < 3 || spent < ENOUGH_MS); trial++) {
    const before = process.cpuUsage();
    nodes.push(make());
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1e3);
    spent += times.at(-1)!;
  }
  console.log(`| ${title} | ${median(nodes)} | **${median(times).toFixed(1)}** | ${times[0]!.toFixed(1)} |`);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** Ways that branch within their first thirty calls; few are hot, as a profile's are. */
function madeProfile(): Profile {
  const builder = new ProfileBuilder();
  for (let i = 0; i < FUNCTIONS; i++)
    builder.function(
      `function_${(i * 7919) % FUNCTIONS}`,
      `lib${i % 23}.so`,
      i % 9 === 0 ? 'kernel' : 'user',
      'symbols',
    );
  for (let i = 0; i < THREADS; i++) builder.addThread(100, 101 + i, 'ffmpeg', `worker ${i}`);
  const ends: number[] = [];
  while (builder.stacks.size < STACKS) {
    // A new way leaves a known one somewhere.
    let node = ends.length < 8 ? -1 : ends[Math.floor(random() * Math.min(BRANCHES, ends.length))]!;
    const length = node < 0 ? 5 : 1 + Math.floor(random() * 8);
    for (let i = 0; i < length; i++) node = builder.stacks.add(node, Math.floor(random() ** 2 * FUNCTIONS));
    ends.push(node);
  }
  for (let i = 0; i < SAMPLES; i++) {
    const stack = i < ends.length ? ends[i]! : ends[Math.floor(random() ** 4 * ends.length)]!;
    const time = (((i * 7919) % SAMPLES) / SAMPLES) * SECONDS * 1e9;
    builder.addSample(time, i % 16, i % THREADS, stack, 1 + (i % 4));
  }
  return builder.finish({
    tool: 'made',
    file: null,
    clock: 'own',
    startNs: 0,
    endNs: SECONDS * 1e9,
    frequencyHz: 999,
    weightUnit: 'ns',
    sampleNs: 1e9 / 999,
    cpus: Array.from({ length: 16 }, (_, i) => i),
    scope: 'processes',
    stacks: 'given',
    lost: 0,
    throttled: null,
    overheadCpuS: null,
    absent: [],
    quality: [],
  });
}
