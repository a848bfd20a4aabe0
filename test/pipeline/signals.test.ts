// Commands that are interrupted, stopped or killed, and two at once: nothing that is done is lost or done twice.

import { cpSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TitleSummary } from '#core/title';
import { engineOf } from '#media/engine';
import { fileLockHolders } from '#system/file-locks';
import { isStopped } from '#system/process-identity';
import { startCli, temporaryFolder } from '../cli/run-cli.ts';
import { makeSource } from './made-source.ts';
import { decodePublished, tinyLadder } from './title-fixture.ts';

const folder = temporaryFolder();
const ladder = tinyLadder(folder);
const FRAMES = 48;
const WHOLE = { width: 160, height: 90, frames: FRAMES };
/** Longer than a lease. */
const STOPPED_MS = 17_000;
let source = '';
let other = '';

/** An ffmpeg whose encodes of chunks take their time. */
const slow = join(folder, 'slow-ffmpeg');
const slowly = tinyLadder(folder, slow);
const known = join(folder, 'cache');

beforeAll(async () => {
  writeFileSync(slow, '#!/bin/sh\ncase "$*" in *filter_complex_threads*) sleep 1.5;; esac\nexec ffmpeg "$@"\n', {
    mode: 0o755,
  });
  const made = { seconds: FRAMES / 24, size: '160x90', audio: false };
  source = await makeSource(folder, 'source.mp4', made);
  other = await makeSource(folder, 'other.mp4', { ...made, scenes: ['testsrc', 'smptebars'] });
  for (const engine of ['bundled', slow] as const)
    await engineOf(engine).discover({ only: ['libx264'], cacheFolder: known });
});

/** A lab of its own that knows the encoders already. */
function labOf(name: string): string {
  const lab = join(folder, `lab-${name}`);
  cpSync(known, join(lab, 'cache'), { recursive: true });
  return lab;
}

/** A command whose encodes take their time, and what it says. */
class Command {
  readonly child: ReturnType<typeof startCli>;
  #text = '';

  constructor(source_: string, lab: string, ladder_: string) {
    const args = ['encode', source_, '--ladder', ladder_, '--chunk', '1s', '--slots', '1', '--lab', lab, '--json'];
    this.child = startCli(args, { timeoutMs: 200_000, onStdout: (bytes) => (this.#text += bytes.toString('utf8')) });
  }

  lines(): Record<string, unknown>[] {
    const whole = this.#text.slice(0, this.#text.lastIndexOf('\n') + 1);
    return whole
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  async heard(what: string): Promise<void> {
    for (let i = 0; i < 2400; i++) {
      if (this.#text.includes(what)) return;
      await sleep(50);
    }
    throw new Error(`${what} was not heard in ${this.#text}`);
  }

  items(state: string): unknown[] {
    return this.lines().flatMap((line) => (line['state'] === state ? [line['key']] : []));
  }

  summary(): TitleSummary {
    return this.lines().at(-1) as unknown as TitleSummary;
  }

  async end(): Promise<number | null> {
    return (await this.child.result).code;
  }

  signal(name: NodeJS.Signals): void {
    process.kill(this.child.pid!, name);
  }

  /** Not while it writes what is shared: nobody else could write that then, and would say so. */
  async stop(lab: string): Promise<void> {
    const files = ['queue', 'catalogue'].flatMap((name) => [
      join(lab, `${name}.sqlite`),
      join(lab, `${name}.sqlite-shm`),
    ]);
    const pid = this.child.pid!;
    for (;;) {
      this.signal('SIGSTOP');
      while (!isStopped(pid)) await sleep(1);
      if (!fileLockHolders(files).some((holder) => holder.pid === pid)) return;
      this.signal('SIGCONT');
      await sleep(5);
    }
  }
}

const ENCODING = '"kind":"encode","state":"running"';

describe.concurrent('signals and second commands', () => {
  async function finishes(lab: string): Promise<Command> {
    const again = new Command(source, lab, slowly);
    expect(await again.end()).toBe(0);
    expect(await decodePublished(again.summary())).toEqual(WHOLE);
    return again;
  }

  test('Ctrl-C ends after the items in work, which are not done again', async () => {
    const lab = labOf('drain');
    const first = new Command(source, lab, slowly);
    await first.heard(ENCODING);
    first.signal('SIGINT');
    expect(await first.end()).toBe(130);
    expect(first.summary()).toMatchObject({ outcome: 'interrupted', reason: null, manifests: null });
    expect(first.items('done')).toEqual(['inspect', 'encode/00000/v1-h264-90']);
    const again = await finishes(lab);
    expect(again.items('running')).not.toContain('encode/00000/v1-h264-90');
  }, 200_000);

  test.each(['SIGTERM', 'SIGINT twice'])(
    '%s ends at once and gives back what was begun',
    async (how) => {
      const lab = labOf(how.replace(' ', '-'));
      const first = new Command(source, lab, slowly);
      await first.heard(ENCODING);
      first.signal(how.split(' ')[0] as NodeJS.Signals);
      if (how === 'SIGINT twice') {
        await first.heard('Ctrl-C again');
        first.signal('SIGINT');
      }
      expect(await first.end()).toBe(130);
      expect(first.summary()).toMatchObject({ outcome: 'interrupted', manifests: null });
      expect(first.items('done')).toEqual(['inspect']);
      expect(first.items('released')).toEqual(['encode/00000/v1-h264-90']);
      await finishes(lab);
    },
    200_000,
  );

  test('a second command for a title waits, and takes over when the first one is killed', async () => {
    const lab = labOf('two-commands');
    const first = new Command(source, lab, slowly);
    await first.heard(ENCODING);
    const second = new Command(source, lab, slowly);
    await second.heard('makes this title already');
    expect(second.items('running')).toEqual([]);
    first.signal('SIGKILL');
    expect(await first.end()).toBe(null);
    expect(await second.end()).toBe(0);
    expect(second.items('running')).not.toContain('inspect');
    expect(await decodePublished(second.summary())).toEqual(WHOLE);
    expect(readdirSync(join(lab, 'titles'))).toHaveLength(1);
    expect(readdirSync(join(lab, 'titles', second.summary().title, 'work'))).toEqual([]);
  }, 200_000);

  test('two titles are made in one lab at once', async () => {
    const lab = labOf('two-titles');
    const both = [new Command(source, lab, ladder), new Command(other, lab, ladder)];
    for (const command of both) {
      expect(await command.end(), command.lines().map(String).join('\n')).toBe(0);
      expect(await decodePublished(command.summary())).toEqual(WHOLE);
    }
    expect(both[0]!.summary().title).not.toBe(both[1]!.summary().title);
  }, 200_000);

  test('a command that is stopped until its leases run out goes on, whoever took them back', async () => {
    const lab = labOf('stopped');
    const first = new Command(source, lab, slowly);
    await first.heard(ENCODING);
    await first.stop(lab);
    await sleep(STOPPED_MS);
    // It looks for work, and takes back whatever ran out on the way.
    const beside = new Command(other, lab, ladder);
    expect(await beside.end()).toBe(0);
    first.signal('SIGCONT');
    expect(await first.end(), JSON.stringify(first.lines())).toBe(0);
    expect(await decodePublished(first.summary())).toEqual(WHOLE);
  }, 200_000);
});
