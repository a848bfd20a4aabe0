// What an agent costs: CPU of its process over 30 s with all host and process indicators at 100 ms and the rows of a stream of
// 60 frames a second, connected to a collector in another process, in per cent of one core.
// Run: node --conditions=encodelab-source bench/agent.ts

import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { FrameBatch, StepBatch } from '#core/recording';
import { runAgent } from '#live/agent/agent';
import { readEnvironment } from '#measure/environment';
import type { PartSink, PartSpec, RunningPart } from '#session/part';
import { startChild } from '#system/child-process';
import { monotonicUs } from '#system/clock';
import { SmallCollector } from '../test/live/small-collector.ts';

const SECONDS = 30;
const REPEATS = 3;
const RATE = 60;
/** As parts hand rows over. */
const FLUSH_MS = 100;
const STEPS_OF_SENDER = 4;
const TARGET_PERCENT = 3;

const [role, url] = process.argv.slice(2);
if (role === undefined) await compare();
else console.log(JSON.stringify(await measure(role === 'idle', url!)));

/** In a process of its own: an agent, or with `idle` nothing but the wait. */
async function measure(idle: boolean, collector: string): Promise<{ cpuS: number }> {
  const ending = new AbortController();
  const environment = await readEnvironment({});
  const ended = idle
    ? null
    : runAgent(
        {
          role: 'guest',
          collector,
          token: 'the-right-token',
          program: 'bench',
          environment,
          startPart: startRows,
          onNews: () => {},
        },
        ending.signal,
      );
  // Its start is not what it costs while it works.
  await sleep(3000);
  const before = process.cpuUsage();
  await sleep(SECONDS * 1000);
  const { user, system } = process.cpuUsage(before);
  ending.abort();
  await ended;
  return { cpuS: (user + system) / 1e6 };
}

/** The rows of a sender of 60 frames a second, and a process to follow; its encoder's work is none of the agent's. */
function startRows(spec: PartSpec, sink: PartSink): RunningPart {
  const child = startChild('sleep', ['1000']);
  let frame = 0;
  const timer = setInterval(() => {
    const count = Math.round((RATE * FLUSH_MS) / 1000);
    sink.frames(frameRows(spec.stream, frame, count));
    sink.steps(stepRows(spec, frame, count));
    frame += count;
  }, FLUSH_MS);
  setTimeout(() => sink.running({ actual: {}, address: null, note: null }), 0);
  return {
    pid: child.pid,
    result: child.result.then(() => {
      clearInterval(timer);
      return { ok: true, reason: null };
    }),
    async command() {
      child.kill();
      return null as never;
    },
    kill: () => child.kill(),
  };
}

function frameRows(stream: string, first: number, count: number): FrameBatch {
  const frame = Int32Array.from({ length: count }, (_, i) => first + i);
  return {
    stream,
    timeBase: [1, 1_000_000],
    frame,
    sourceFrame: frame.slice(),
    pts: new Float64Array(count).fill(monotonicUs()),
    type: new Uint8Array(count).fill(2),
    key: new Uint8Array(count),
    bytes: new Int32Array(count).fill(8000),
    quantizer: new Float32Array(count).fill(23),
  };
}

function stepRows({ stream, role }: PartSpec, first: number, count: number): StepBatch {
  const rows = count * STEPS_OF_SENDER;
  return {
    stream,
    role,
    frame: Int32Array.from({ length: rows }, (_, i) => first + Math.floor(i / STEPS_OF_SENDER)),
    step: Uint8Array.from({ length: rows }, (_, i) => i % STEPS_OF_SENDER),
    startUs: new Float64Array(rows).fill(monotonicUs()),
    durationUs: new Int32Array(rows).fill(1000),
    busyUs: new Int32Array(rows).fill(900),
    outcome: new Uint8Array(rows),
  };
}

async function compare(): Promise<void> {
  const collector = new SmallCollector();
  await collector.open();
  const spec = { part: 'sender', session: 's', stream: 'video', role: 'guest' } as PartSpec;
  const shares: number[] = [];
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const [before, hellos] = [collector.batches.length, collector.hellos.length];
    const running = childOf('agent', collector.url);
    while (collector.hellos.length === hellos) await sleep(20);
    await collector.ask({ name: 'start-part', spec });
    const agent = await running;
    const batches = collector.batches.slice(before);
    const idle = await childOf('idle', collector.url);
    shares.push(((agent.cpuS - idle.cpuS) / SECONDS) * 100);
    const values = batches.reduce(
      (sum, { series }) => sum + series.reduce((rows, one) => rows + one.value.length, 0),
      0,
    );
    const frames = batches.reduce(
      (sum, one) => sum + one.frames.reduce((rows, { frame }) => rows + frame.length, 0),
      0,
    );
    const indicators = collector.indicators.at(-1)?.indicators.length ?? 0;
    console.log(
      `${shares.at(-1)!.toFixed(2)} % of one core: ${indicators} indicators, ${values} values, ${frames} frames in ${batches.length} batches`,
    );
    collector.batches.length = 0;
  }
  await collector.vanish();
  const sorted = shares.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)]!;
  console.log(`agent: ${median.toFixed(2)} % of one core (at most ${TARGET_PERCENT} %)`);
  process.exitCode = median <= TARGET_PERCENT ? 0 : 1;
}

async function childOf(kind: 'agent' | 'idle', collector: string): Promise<{ cpuS: number }> {
  const args = ['--conditions=encodelab-source', fileURLToPath(import.meta.url), kind, collector];
  const { stdout, stderr } = await startChild(process.execPath, args).result;
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as { cpuS: number };
}
