// The collector is killed in the first moments of a recording: the next one ends it or goes on with it, and nothing runs for ever.
// ENCODELAB_KILLS says how often.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { seededRandom } from '#analysis/random';
import { openLab } from '#lab/lab';
import { HEADER_FILE } from '#recording/recording-header';
import { temporaryFolder } from '../cli/run-cli.ts';
import { LiveSystem, until } from './live-system.ts';

const KILLS = Number(process.env['ENCODELAB_KILLS'] ?? 1);
const WITHIN_MS = 1_000;
/** A recording that is gone on with waits for agents that do not come back as long as for late rows. */
const ENDED_MS = 90_000;

const folder = temporaryFolder();
const system = new LiveSystem(join(folder, 'lab'));
afterAll(() => system.close());

test(
  `a recording whose collector is killed in its first second comes to an end: ${KILLS} x`,
  { timeout: 60_000 + KILLS * ENDED_MS },
  async () => {
    const draw = seededRandom(20_260_103);
    await system.start();
    const settings = { source: 'lavfi:testsrc2=size=320x180:rate=20', encoder: 'libx264', preset: 'ultrafast' };
    await system.request('POST', 'session', { action: 'start', settings, operator: 'test' });
    for (let kill = 0; kill < KILLS; kill++) {
      // Of both kinds: with an end that is known, and without.
      const forS = kill % 2 === 0 ? 1 : null;
      const begun = system.request<{ run: string }>('POST', 'recordings', { name: `early ${kill}`, forS });
      const run = begun.then(
        (answer) => answer.run,
        () => null,
      );
      await sleep((draw() / 2 ** 32) * WITHIN_MS);
      await system.kill('collector');
      await run;
      await system.startCollector();
      const { recording } = await system.state();
      if (recording !== null && forS === null)
        await system.request('POST', `recordings/${recording.run}/end`, { interrupted: false });
      await until('the end of the recording', async () => (await system.state()).recording === null, ENDED_MS);
      await system.untilPresented();
    }
    await system.kill('collector');
    const lab = await openLab(system.lab);
    const runs = await lab.catalogue.runs({});
    await lab.close();
    expect(runs.filter(({ outcome }) => outcome === null)).toEqual([]);
    // Whatever lies there belongs to a run, and is closed.
    const known = new Set(runs.map(({ id }) => id));
    for (const id of readdirSync(join(system.lab, 'recordings'))) {
      expect(known).toContain(id);
      const header = join(system.lab, 'recordings', id, HEADER_FILE);
      if (existsSync(header))
        expect(JSON.parse(readFileSync(header, 'utf8'))).not.toMatchObject({ state: 'recording' });
    }
  },
);
