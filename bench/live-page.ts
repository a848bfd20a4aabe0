// The live page in Chromium, with a real session and three agents at 100 ms: how long from a row's own time to its drawing,
// and how many frames a second the page draws. One machine, so that both clocks are one.
//   node --conditions=encodelab-source bench/live-page.ts

import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openLab } from '#lab/lab';
import { startLocalAgents } from '#live/local-agents';
import { startServer } from '#server/start-server';
import { buildPage } from '../test/browser/build-page.ts';
import { openBrowser } from '../test/browser/open-page.ts';

const WATCH_MS = 10_000;
const SETTLE_MS = 5_000;
const START_MS = 30_000;
/** As src/web/live/draw-loop.ts has it: the page then measures each row. */
const MEASURE = 'encodelab:measure-drawing';
const VIEWS = ['tab=system', 'tab=frame-processing', 'tab=frame-size&window=300', 'tab=cpu&window=300'];

const folder = await mkdtemp(join(tmpdir(), 'encodelab-bench-live-page-'));
const lab = await openLab(folder);
const server = await startServer({ lab, port: 0, webRoot: buildPage(), live: { lab, version: 'bench' } });
const agents = startLocalAgents({
  collector: server.address,
  token: server.token,
  roles: ['guest', 'server', 'client'],
  intervalMs: 100,
});
const browser = await openBrowser();
try {
  await connected();
  await server.collector!.startSession(
    { source: 'lavfi:testsrc2=s=1280x720:r=60', framerate: 60, bitrate: '4M', preset: 'ultrafast' },
    'bench',
  );
  const { page } = await browser.open(server.url);
  await page.addInitScript((name) => performance.mark(name), MEASURE);
  console.log('| view | rows drawn | p50 ms | p95 ms | frames/s | p95 of a frame, ms | longest, ms |');
  console.log('|---|--:|--:|--:|--:|--:|--:|');
  for (const view of VIEWS) {
    await page.goto(`${server.address}/live?${view}`);
    await page.waitForTimeout(SETTLE_MS);
    const { delays, frames, seconds } = await watch(page);
    const of = (values: readonly number[], share: number) =>
      values.toSorted((a, b) => a - b)[Math.floor(values.length * share)]?.toFixed(0) ?? '–';
    const cells = [of(delays, 0.5), `**${of(delays, 0.95)}**`, (frames.length / seconds).toFixed(1)];
    console.log(
      `| ${view} | ${delays.length} | ${cells.join(' | ')} | ${of(frames, 0.95)} | ${Math.max(...frames).toFixed(0)} |`,
    );
  }
  console.log(`\n${cpus().length} × ${cpus()[0]!.model}, Node ${process.version}`);
} finally {
  await browser.close();
  await agents.close();
  await server.close();
  await lab.close();
  await rm(folder, { recursive: true });
}

async function connected(): Promise<void> {
  const until = performance.now() + START_MS;
  while (server.collector!.state().agents.filter((agent) => agent.connected).length < 3) {
    if (performance.now() > until) throw new Error('the agents did not come');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Delays of rows and times between frames of the screen, milliseconds. */
async function watch(page: Page): Promise<{ delays: number[]; frames: number[]; seconds: number }> {
  return await page.evaluate(
    (forMs) =>
      new Promise((resolve) => {
        performance.clearMeasures();
        const frames: number[] = [];
        const begun = performance.now();
        let last = begun;
        const tick = (now: number) => {
          frames.push(now - last);
          last = now;
          if (now - begun < forMs) return requestAnimationFrame(tick);
          const delays = performance.getEntriesByName('encodelab:drawn').map(({ duration }) => duration);
          resolve({ delays, frames, seconds: (now - begun) / 1e3 });
        };
        requestAnimationFrame(tick);
      }),
    WATCH_MS,
  );
}
