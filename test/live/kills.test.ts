// Any of the four processes is killed at any moment: the others go on, the session heals, and the recording has every row once.
// ENCODELAB_KILLS says how often.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import type { RunRecord } from '#core/run';
import { seededRandom } from '#analysis/random';
import { processStartTicks } from '#system/process-identity';
import { smallClip, temporaryFolder } from '../cli/run-cli.ts';
import { LiveSystem, ROLES, until } from './live-system.ts';

const KILLS = Number(process.env['ENCODELAB_KILLS'] ?? 2);
const LONGEST_AWAY_MS = 1_500;
const LONGEST_UP_MS = 2_000;
const HEALED_MS = 60_000;

const folder = temporaryFolder();
const system = new LiveSystem(join(folder, 'lab'));
afterAll(() => system.close());

test(
  `the session heals from ${KILLS} kills, and its recording says what is missing`,
  { timeout: 90_000 + KILLS * HEALED_MS },
  async () => {
    const draw = seededRandom(20_260_101);
    const random = () => draw() / 2 ** 32;
    const names = ['collector', ...ROLES] as const;
    await system.start();
    const settings = {
      source: smallClip(folder),
      encoder: 'libx264',
      preset: 'ultrafast',
      resolution: '320x180',
      framerate: 20,
    };
    await system.request('POST', 'session', { action: 'start', settings, operator: 'test' });
    const { run } = await system.request<{ run: string }>('POST', 'recordings', { name: 'kills', forS: null });
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(random() * LONGEST_UP_MS);
      const victim = names[Math.floor(random() * names.length)]!;
      const others = names.filter((name) => name !== victim).map((name) => system.pid(name)!);
      await system.kill(victim);
      await sleep(random() * LONGEST_AWAY_MS);
      for (const pid of others)
        expect(processStartTicks(pid), `process ${pid} after the ${victim} was killed`).not.toBeNull();
      if (victim === 'collector') await system.startCollector();
      else system.startAgent(victim);
      await until(
        `three agents after the ${victim} was killed`,
        async () => (await system.state()).agents.filter(({ connected }) => connected).length === 3,
        HEALED_MS,
      );
      await system.untilPresented(HEALED_MS);
    }
    await system.request('POST', `recordings/${run}/end`, { interrupted: false });
    const ended = await until('the run', async () => {
      const answer = await system.request<{ run: RunRecord | null }>('GET', `recordings/${run}?wait=20`);
      return answer.run;
    });
    expect(ended).toMatchObject({ id: run, kind: 'stream' });
    expect(ended.metrics['frames']!.value).toBeGreaterThan(KILLS);
    const shown = await system.run('runs', 'show', run);
    expect(shown.stdout).toMatch(/collector|agent|guest|client|server/);
    const table = async <Row>(name: string): Promise<Row[]> => {
      const file = join(folder, `${name}.json`);
      await system.run('runs', 'export', run, '--table', name, '--format', 'json', '-o', file);
      return JSON.parse(readFileSync(file, 'utf8')) as Row[];
    };
    const rows = await table<{ stream: string; frame: number; role: string }>('frames');
    expect(new Set(rows.map(({ stream, frame, role }) => `${stream} ${frame} ${role}`)).size).toBe(rows.length);
    const samples = await table<{ agent: string; indicator: string; time_us: number }>('series');
    expect(new Set(samples.map((each) => `${each.agent} ${each.indicator} ${each.time_us}`)).size).toBe(samples.length);
  },
);
