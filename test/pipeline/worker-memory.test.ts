// Real encodes that take more memory than was predicted of them: set aside where there never is room, given back and done again where there is.

import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeCalibration } from '#farm/predict/calibration-file';
import type { WorkerEvent } from '#farm/worker';
import { readEnvironment } from '#measure/environment';
import { machineName } from '#run/work-features';
import { temporaryFolder } from '../cli/run-cli.ts';
import { makeSource } from './made-source.ts';
import { decodePublished, openTestTitles, type TestTitles } from './title-fixture.ts';

const WIDTH = 1920;
const HEIGHT = 1080;
/** Two chunks, of a second each. */
const FRAMES = 64;
/**
 * Bytes. Each of the encodes comes to 370 MB, everything else stays below 150 MB; both 70 MB more where what is mapped has to be counted too. With the one
 * there is room for none of the encodes, with the other for one and not for two.
 */
const TOO_LITTLE = 225e6;
const FOR_ONE = 480e6;
/** Resident bytes, with what is mapped, at which an encode is held: it would be over in a moment, and nobody knows how busy the machine is. */
const HELD_AT = 310e6;
const HOLD_EVERY_MS = 5;
/** Held no longer than this, whatever happens: a test that fails should say why. */
const HOLD_MS = 60_000;
/** As many threads as the calibration knows of. */
const cpus = 2;

const folder = temporaryFolder();
let opened: TestTitles;
let title = '';

beforeAll(async () => {
  const size = `${WIDTH}x${HEIGHT}`;
  const pictures = { seconds: 2, rate: FRAMES / 2, size, scenes: ['testsrc2'], audio: false };
  const source = await makeSource(folder, 'source.mp4', pictures);
  const ladder = join(folder, 'av1.yaml');
  const rung = `{engine: bundled, encoder: libsvtav1, resolution: ${size}, preset: 12, crf: 55}`;
  writeFileSync(ladder, `name: av1\ngop: 1s\nrungs: [${rung}]\naudio: []\n`);
  opened = await openTestTitles(join(folder, 'lab'));
  // It says far too little of their memory.
  const known = { engine: 'bundled', codec: 'av1', encoder: 'libsvtav1', preset: '12', pixels: WIDTH * HEIGHT };
  const said = { secondsPerMegapixel: 0.1, cpuPerMegapixel: 0.1, memoryPeak: 1e6 };
  await writeCalibration(opened.titles.lab.path, {
    version: 1,
    machine: machineName(await readEnvironment({})),
    measuredAt: 0,
    rates: [1, 2].map((threads) => ({ ...known, ...said, threads })),
    problems: [],
  });
  title = await opened.add(source, ladder);
}, 120_000);

afterAll(() => opened.close());

/** Stops every encode as it is when it has much memory, until it is let go; they are this process's children with files in the folder. */
function holdLargeEncodes(): { readonly letGo: () => void } {
  const held = new Set<number>();
  const timer = setInterval(() => {
    for (const pid of ownChildren()) {
      if (held.has(pid) || !isLargeEncode(pid)) continue;
      held.add(pid);
      signal(pid, 'SIGSTOP');
    }
  }, HOLD_EVERY_MS);
  const letGo = () => {
    clearInterval(timer);
    clearTimeout(longest);
    for (const pid of held) signal(pid, 'SIGCONT');
  };
  const longest = setTimeout(letGo, HOLD_MS);
  return { letGo };
}

function ownChildren(): number[] {
  return readdirSync('/proc/self/task').flatMap((task) => {
    const pids = textOf(`/proc/self/task/${task}/children`).trim();
    return pids === '' ? [] : pids.split(' ').map(Number);
  });
}

function isLargeEncode(pid: number): boolean {
  const resident = /^VmRSS:\s*(\d+) kB$/m.exec(textOf(`/proc/${pid}/status`))?.[1];
  if (resident === undefined || Number(resident) * 1024 < HELD_AT) return false;
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith(folder));
  } catch {
    // It closed a file while it was looked at, or has ended: the next look tells.
    return false;
  }
}

/** Empty where the process or thread has ended. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

/** One that has ended meanwhile needs none. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const itemsOf = async (kind: string) => (await opened.titles.queue.items(title)).filter((item) => item.kind === kind);

test('encodes that take more than an item may fail with the reason, at the first try without room, and the others go on', async () => {
  const held = holdLargeEncodes();
  const { outcome, reason } = await opened.work(title, { cpus, memory: TOO_LITTLE }).finally(held.letGo);
  expect(outcome).toBe('failed');
  expect(reason).toContain('an item may take 225 MB here');
  for (const { state, error, failures } of await itemsOf('encode')) {
    expect({ state, failures }).toEqual({ state: 'failed', failures: 1 });
    expect(error).toMatch(/^it took \d+ MB of memory, and an item may take 225 MB here\n.*--memory/);
  }
  expect((await itemsOf('thumbnails')).map(({ state }) => state)).toEqual(['done']);
}, 120_000);

test('an encode that outgrows what it has reserved is given back, and done when there is room for it', async () => {
  const events: WorkerEvent[] = [];
  const notes: string[] = [];
  const held = holdLargeEncodes();
  const onEvent = (event: WorkerEvent) => {
    events.push(event);
    if (event.kind === 'released') held.letGo();
  };
  const onNote = (text: string) => notes.push(text);
  const summary = await opened.work(title, { cpus, memory: FOR_ONE, onEvent, onNote }).finally(held.letGo);
  expect(summary.outcome, summary.reason ?? '').toBe('done');
  const encodes = events.filter(({ leased }) => leased.item.kind === 'encode');
  const keyOf = ({ leased }: WorkerEvent) => leased.item.key;
  const released = encodes.find(({ kind }) => kind === 'released');
  expect(released).toBeDefined();
  const back = keyOf(released!);
  const other = encodes.map(keyOf).find((key) => key !== back)!;
  const told = encodes.map((event) => `${event.kind} ${keyOf(event)}`);
  expect(told.slice(0, 2).toSorted()).toEqual([`began ${back}`, `began ${other}`].toSorted());
  // It waits until the other has ended, which will need as much.
  expect(told.slice(2)).toEqual([`released ${back}`, `done ${other}`, `began ${back}`, `done ${back}`]);
  expect(notes).toContainEqual(expect.stringMatching(/^given back, .*it had \d+ MB of memory where .* were reserved/));
  // It is no fault of the item's.
  expect((await itemsOf('encode')).map(({ failures }) => failures)).toEqual([0, 0]);
  expect(await decodePublished(summary)).toEqual({ width: WIDTH, height: HEIGHT, frames: FRAMES });
}, 120_000);
