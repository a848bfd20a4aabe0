// The heatmap of an hour at 999 Hz on two CPUs, with spans: how long its sums and cells take, and the script of each frame in Chromium
// while it is panned and zoomed.
//   node --conditions=encodelab-source bench/heatmap.ts

import { createServer } from 'node:http';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, defaultClientConditions } from 'vite';
import { heatmapCells } from '#profile/heatmap-cells';
import { Occupancy } from '#profile/occupancy';
import { openBrowser } from '../test/browser/open-page.ts';
import { makeProfile } from './heatmap/made-profile.ts';
import type {} from './heatmap/page.ts';

const HOUR_S = 3600;
const FRAMES = 200;
const ROUNDS = 3;
const VIEWS = ['folded,50', 'folded,100', 'linear', 'linear,cpu', 'linear,thread', 'linear,phase'];
const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.css': 'text/css', '.html': 'text/html' };

const cpuMs = (work: () => void) => {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e3;
};

inNode();
await inChromium();
console.log(`\n${cpus().length} × ${cpus()[0]!.model}, Node ${process.version}`);

function inNode(): void {
  const profile = makeProfile(HOUR_S);
  const count = (table: { readonly length: number }) => (table.length / 1e6).toFixed(2);
  console.log(
    `### An hour: ${count(profile.samples.timeNs)} million samples, ${count(profile.spans!.startNs)} million spans\n`,
  );
  console.log('| CPU ms in Node | |\n|---|--:|');
  let occupancy!: Occupancy;
  const row = (name: string, work: () => void) => console.log(`| ${name} | ${cpuMs(work).toFixed(0)} |`);
  row('sums of all CPUs', () => void (occupancy = new Occupancy(profile)).all());
  const folded = (cells: number) =>
    heatmapCells([occupancy.all()], profile.header, 0, 1e9 / cells, HOUR_S * cells).busyNs.length;
  row('all cells of 20 ms (180,000)', () => void folded(50));
  row('all cells of 10 ms (360,000)', () => void folded(100));
  row('sums by CPU', () => void occupancy.rows('cpu'));
  row('sums by thread', () => void occupancy.rows('thread'));
  row(
    '1400 cells of each of 13 threads',
    () => void heatmapCells(occupancy.rows('thread'), profile.header, 0, (HOUR_S * 1e9) / 1400, 1400),
  );
}

async function inChromium(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'encodelab-bench-heatmap-'));
  const site = await buildSite(folder);
  const server = createServer((request, response) => {
    const path = request.url === '/' ? '/index.html' : request.url!;
    readFile(join(site, path)).then(
      (body) => response.setHeader('content-type', TYPES[extname(path)] ?? 'text/plain').end(body),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await openBrowser();
  try {
    const { page, complaints } = await browser.open(`http://127.0.0.1:${(server.address() as { port: number }).port}/`);
    const sumsMs = await page.evaluate((seconds) => heatmapBench.load(seconds), HOUR_S);
    console.log(`\n### In Chromium, 1400 × 900: sums of the hour ${sumsMs.toFixed(0)} ms\n`);
    console.log('| view | first drawing, ms | p50 of a frame, ms | p95 | p99 | longest |\n|---|--:|--:|--:|--:|--:|');
    const firsts = new Map<string, number>();
    const frames = new Map<string, number[]>();
    // Rounds: what else this machine does at a moment is not the fault of one view.
    for (let round = 0; round < ROUNDS; round++) {
      for (const view of VIEWS) {
        const first = await page.evaluate((text) => heatmapBench.show(text), view);
        if (!firsts.has(view)) firsts.set(view, first);
        const took = frames.get(view) ?? [];
        frames.set(view, took);
        for (const range of panAndZoom()) took.push(await page.evaluate((next) => heatmapBench.move(next), range));
      }
    }
    for (const [view, took] of frames) {
      const cells = [
        percentile(took, 0.5),
        `**${percentile(took, 0.95)}**`,
        percentile(took, 0.99),
        percentile(took, 1),
      ];
      console.log(`| ${view} | ${firsts.get(view)!.toFixed(0)} | ${cells.join(' | ')} |`);
    }
    if (complaints.length > 0) console.log(complaints.join('\n'));
  } finally {
    await browser.close();
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function percentile(values: readonly number[], share: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!.toFixed(1);
}

/** From the hour to ten seconds, along it, and out again. */
function panAndZoom(): { from: number; to: number }[] {
  const views: { from: number; to: number }[] = [];
  const third = Math.floor(FRAMES / 3);
  const closest = 10 / HOUR_S;
  const zoom = (share: number) => HOUR_S * closest ** share;
  for (let i = 0; i < third; i++) {
    const span = zoom(i / third);
    views.push({ from: (HOUR_S - span) * 0.4, to: (HOUR_S - span) * 0.4 + span });
  }
  for (let i = 0; i < third; i++) {
    const span = [10, 60, 600][i % 3]!;
    views.push({ from: 1000 + i * span * 0.07, to: 1000 + i * span * 0.07 + span });
  }
  return [...views, ...views.slice(0, third).toReversed()];
}

async function buildSite(folder: string): Promise<string> {
  const page = fileURLToPath(new URL('heatmap/page.ts', import.meta.url));
  const styles = ['base', 'heatmap']
    .map((name) => fileURLToPath(new URL(`../src/web/style/${name}.css`, import.meta.url)))
    .map((path) => `<link rel="stylesheet" href="${path}">`)
    .join('');
  await writeFile(
    join(folder, 'index.html'),
    `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">${styles}<div id="app"></div><script type="module" src="${page}"></script>`,
  );
  const site = join(folder, 'site');
  await build({
    root: folder,
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['encodelab-source', ...defaultClientConditions] },
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: { outDir: site, emptyOutDir: true, modulePreload: { polyfill: false }, target: 'es2023' },
  });
  return site;
}
