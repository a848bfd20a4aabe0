// `encodelab worker`: beside a command that makes a title, and in its place.

import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TitleSummary } from '#core/title';
import { openLab } from '#lab/lab';
import { openTitles } from '#pipeline/titles';
import { startCli, temporaryFolder } from '../cli/run-cli.ts';
import { makeSource } from './made-source.ts';
import { decodePublished, tinyLadder } from './title-fixture.ts';

const folder = temporaryFolder();
const ladder = tinyLadder(folder);
const FRAMES = 96;
let source = '';

beforeAll(async () => {
  source = await makeSource(folder, 'source.mp4', { seconds: FRAMES / 24, size: '160x90', audio: false });
}, 60_000);

class Command {
  readonly child: ReturnType<typeof startCli>;
  text = '';

  constructor(args: readonly string[]) {
    this.child = startCli([...args, '--json'], {
      timeoutMs: 200_000,
      onStdout: (bytes) => (this.text += bytes.toString('utf8')),
    });
  }

  async heard(what: string): Promise<void> {
    for (let i = 0; i < 1_200; i++) {
      if (this.text.includes(what)) return;
      await sleep(50);
    }
    throw new Error(`${what} was not heard in ${this.text}`);
  }

  signal(name: NodeJS.Signals): void {
    process.kill(this.child.pid!, name);
  }
}

async function workersOf(lab: string): Promise<{ readonly workers: Set<string>; readonly doneTwice: string[] }> {
  const opened = await openLab(lab);
  const titles = await openTitles(opened);
  try {
    const [title] = await titles.queue.titles();
    const done = (await titles.queue.attempts(title!.id, 1_000)).filter(({ end }) => end === 'done');
    const keys = done.map(({ key }) => key);
    return {
      workers: new Set(done.map(({ worker }) => worker)),
      doneTwice: keys.filter((key, i) => keys.indexOf(key) !== i),
    };
  } finally {
    await titles.close();
    await opened.close();
  }
}

// The first one waits for most of its time, for the lease of the killed command to run out.
describe.concurrent('beside a command, and in its place', () => {
  test('a worker finishes what a killed command left, tells it, and ends when it is told to', async () => {
    const lab = join(folder, 'left');
    const encode = new Command(['encode', source, '--ladder', ladder, '--chunk', '1s', '--slots', '1', '--lab', lab]);
    await encode.heard('"kind":"encode","state":"running"');
    encode.signal('SIGKILL');
    await encode.child.result;
    const worker = new Command(['worker', '--lab', lab]);
    await worker.heard('"state":"done","reason":null');
    worker.signal('SIGINT');
    expect((await worker.child.result).code).toBe(0);
    const again = new Command(['encode', source, '--ladder', ladder, '--chunk', '1s', '--lab', lab]);
    expect((await again.child.result).code).toBe(0);
    const summary = JSON.parse(again.text.trim().split('\n').at(-1)!) as TitleSummary;
    expect(await decodePublished(summary)).toEqual({ width: 160, height: 90, frames: FRAMES });
    expect((await workersOf(lab)).doneTwice).toEqual([]);
  }, 240_000);

  test('a worker and the command that makes the title share its items, and a second command takes none away', async () => {
    const lab = join(folder, 'shared');
    const args = ['encode', source, '--ladder', ladder, '--chunk', '1s', '--slots', '1', '--lab', lab];
    const encode = new Command(args);
    await encode.heard('"key":"inspect","kind":"inspect","state":"done"');
    const worker = new Command(['worker', '--slots', '1', '--lab', lab]);
    await worker.heard('"state":"running"');
    // The first command dies, the worker has an item in work: who goes on with the title must leave that alone.
    encode.signal('SIGKILL');
    await encode.child.result;
    const again = new Command(args);
    expect((await again.child.result).code).toBe(0);
    worker.signal('SIGINT');
    expect((await worker.child.result).code).toBe(0);
    expect(worker.text).not.toContain('"state":"lost"');
    const { workers, doneTwice } = await workersOf(lab);
    expect(doneTwice).toEqual([]);
    expect(workers.size).toBeGreaterThanOrEqual(2);
  }, 240_000);
});

test('what a worker may use is checked', async () => {
  const bad: readonly (readonly [string[], string])[] = [
    [['--memory', 'much'], '"much" is no size of memory'],
    [['--slots', '0'], 'without a slot'],
  ];
  for (const [args, said] of bad) {
    const { code, stderr } = await startCli(['worker', ...args, '--lab', join(folder, 'none')]).result;
    expect(stderr).toContain(said);
    expect(code).not.toBe(0);
  }
}, 60_000);
