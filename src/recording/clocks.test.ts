import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { ClockRow, RecordingAgent } from '#core/recording';
import { agentOfRole, readClocks } from './clocks.ts';
import { startRecording } from './recorder.ts';
import { sampleRecording } from '../../test/lab/sample-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'clocks-'));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;

const guest: RecordingAgent = { name: 'a', role: 'guest', host: '' };
const client: RecordingAgent = { name: 'b', role: 'client', host: '' };

async function recorded(agents: readonly RecordingAgent[], rows: readonly ClockRow[]) {
  const at = join(folder, String(++count));
  const recorder = await startRecording(at, { ...sampleRecording({ id: 'x', kind: 'stream', settings: {} }), agents });
  recorder.addClocks(rows);
  await recorder.finish('complete');
  return readClocks(at);
}

test('an offset that changes is a straight line between what is known, and level outside', async () => {
  const row = (timeUs: number, offsetUs: number, errorUs: number) => ({ agent: 'a', timeUs, offsetUs, errorUs });
  const clocks = await recorded([guest, client], [row(3000, 200.4, 7), row(1000, 100, 5), row(2000, 100, 4)]);
  expect([0, 1000, 1500, 2000, 2500, 3000, 9000].map((us) => clocks.toReference('a', us))).toEqual([
    -100, 900, 1400, 1900, 2350, 2800, 8800,
  ]);
  expect(clocks.errorUs('a')).toBe(7);
  expect(clocks.toReference('b', 5)).toBeNaN();
  expect(clocks.errorUs('b')).toBeNaN();
});

test('a comparison that is much less sure than others nearby is passed over, but not where there is no better one', async () => {
  const row = (timeUs: number, offsetUs: number, errorUs: number) => ({ agent: 'a', timeUs, offsetUs, errorUs });
  const doubtful = await recorded([guest], [row(0, 10, 150), row(1e6, -29_000, 42_000), row(2e6, 30, 200)]);
  expect(doubtful.toReference('a', 1e6)).toBe(1e6 - 20);
  expect(doubtful.errorUs('a')).toBe(200);
  // After a quarter of an hour the one before tells no more.
  const late = await recorded([guest], [row(0, 10, 150), row(900e6, 40_000, 42_000)]);
  expect(late.toReference('a', 900e6)).toBe(900e6 - 40_000);
  expect(late.errorUs('a')).toBe(42_000);
  expect((await recorded([guest], [row(5, 7, 42_000)])).toReference('a', 50)).toBe(43);
});

test('where there is one agent and no word of clocks, its clock is the reference', async () => {
  const clocks = await recorded([guest], []);
  expect(clocks.toReference('a', 5)).toBe(5);
  expect(clocks.errorUs('a')).toBe(0);
  expect((await recorded([guest, client], [])).toReference('a', 5)).toBeNaN();
});

test('steps of a relay without an agent of its own are timed by the guest', () => {
  expect(agentOfRole({ agents: [client, guest] }, 'server')).toBe('a');
  expect(agentOfRole({ agents: [client, guest, { name: 'c', role: 'server', host: '' }] }, 'server')).toBe('c');
  expect(agentOfRole({ agents: [client] }, 'server')).toBeNull();
});
