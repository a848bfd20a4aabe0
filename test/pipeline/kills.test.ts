// Any process of a title killed at any moment: it finishes, and what comes out is the same to the last byte.
// ENCODELAB_KILLS=200 kills as often as it was proved with.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import type { TitleSummary } from '#core/title';
import { startCli, temporaryFolder } from '../cli/run-cli.ts';
import { makeSource } from './made-source.ts';

const KILLS = Number(process.env['ENCODELAB_KILLS'] ?? 2);
const MAX_STARTS = KILLS * 4 + 10;

const folder = temporaryFolder();
const ladder = join(folder, 'ladder.yaml');
let source = '';

beforeAll(async () => {
  source = await makeSource(folder, 'source.mp4', { seconds: 6 });
  writeFileSync(
    ladder,
    `name: killed
gop: 1s
rungs:
  - {encoder: libx264, resolution: 320x180, preset: medium, crf: 28}
  - {encoder: libvpx-vp9, resolution: 160x90, crf: 40, b: 0, deadline: realtime, cpu-used: 8}
audio:
  - {codec: aac, bitrate: 64k, channels: 2}
`,
  );
});

interface Start {
  readonly summary: TitleSummary | null;
  readonly wasKilled: boolean;
  readonly stderr: string;
}

/** @param killMs after which one of its processes is killed; null leaves it alone */
async function encode(lab: string, killMs: number | null): Promise<Start> {
  const args = ['encode', source, '--ladder', ladder, '--chunk', '2s', '--lab', lab, '--json'];
  const child = startCli(args, { timeoutMs: 240_000 });
  let wasKilled = false;
  let hasEnded = false;
  const killing = (async () => {
    if (killMs === null) return;
    await sleep(killMs);
    if (!hasEnded) wasKilled = killOne(child.pid!);
  })();
  const { stdout, stderr } = await child.result;
  hasEnded = true;
  await killing;
  const last = stdout.trim().split('\n').at(-1) ?? '';
  const line = last.startsWith('{') && last.endsWith('}') ? (JSON.parse(last) as Partial<TitleSummary>) : {};
  return { summary: line.outcome === undefined ? null : (line as TitleSummary), wasKilled, stderr };
}

/** Kills the process itself or one that it started, directly or not. */
function killOne(root: number): boolean {
  const tree = [root];
  for (let i = 0; i < tree.length; i++) tree.push(...childrenOf(tree[i]!));
  const chosen = tree[Math.floor(Math.random() * tree.length)]!;
  try {
    process.kill(chosen, 'SIGKILL');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

function childrenOf(pid: number): number[] {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`);
    return tasks.flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ESRCH') return [];
    throw error;
  }
}

/** Everything published that a player gets, by name and content; the title's own id stands in title.json alone. */
function published({ manifests }: TitleSummary): string[] {
  const root = join(manifests!.dash, '..');
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'title.json')
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => `${path.slice(root.length)} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`)
    .toSorted();
}

test(
  `${KILLS} kills at random moments: the title is finished, and byte for byte what an undisturbed run makes`,
  async () => {
    const began = performance.now();
    const calm = await encode(join(folder, 'calm'), null);
    // A start is killed within what one that is left alone takes, or not at all.
    const maxWaitMs = performance.now() - began;
    expect(calm.summary?.outcome, calm.stderr).toBe('done');
    const lab = join(folder, 'lab');
    let kills = 0;
    let titles = 0;
    const wanted = published(calm.summary!);
    for (let starts = 0; kills < KILLS && starts < MAX_STARTS; starts++) {
      const { summary, wasKilled, stderr } = await encode(lab, Math.random() * maxWaitMs);
      if (wasKilled) kills++;
      if (summary === null || summary.outcome === 'interrupted') continue;
      expect(summary.outcome, `${summary.reason}\n${stderr}`).toBe('done');
      expect(published(summary)).toEqual(wanted);
      // The next one begins from nothing.
      titles++;
      const deleted = await startCli(['titles', 'delete', summary.title, '--lab', lab]).result;
      expect(deleted.code, deleted.stderr).toBe(0);
    }
    expect(kills).toBe(KILLS);
    const end = await encode(lab, null);
    expect(end.summary?.outcome, end.stderr).toBe('done');
    expect(published(end.summary!)).toEqual(wanted);
    console.log(`${kills} kills, ${titles + 1} titles finished`);
  },
  60_000 + KILLS * 60_000,
);
