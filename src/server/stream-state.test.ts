import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { AgentState } from '#core/live';
import { withLiveChanges } from '#core/live-changes';
import { openLab, type Lab } from '#lab/lab';
import { LivePage } from '../../test/live/live-page.ts';
import { WireAgent } from '../../test/live/wire-agent.ts';
import { startServer, type RunningServer } from './start-server.ts';

let folder: string;
let lab: Lab;
let server: RunningServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encodelab-stream-state-'));
  lab = await openLab(folder);
  server = await startServer({ lab, port: 0, live: { lab, version: 'test' } });
});

afterAll(async () => {
  await server.close();
  await lab.close();
  await rm(folder, { recursive: true });
});

test('what changes of a hundred agents costs a page a fraction of the whole state, and leads to the same state', async () => {
  const many = Array.from({ length: 100 }, (_, n) => `many-${n}`);
  const indicators = Array.from({ length: 50 }, (_, n) => ({ name: `of.them.${n}`, unit: '1', description: 'x' }));
  const agents = many.map((role) => new WireAgent(server.address, server.token, { role, indicators }));
  onTestFinished(() => agents.forEach((agent) => agent.close()));
  await Promise.all(agents.map(({ welcomed }) => welcomed));
  const page = await new LivePage(server.address, { authorization: `Bearer ${server.token}` }).opened();
  onTestFinished(() => page.socket.terminate());
  await page.until('the state', () => page.all('state').length === 1);
  const wholeBytes = page.bytes;
  const countOf = page.all('state')[0]!.state.agents.length;
  expect(countOf).toBeGreaterThanOrEqual(many.length);
  const changed = () => page.all('changes').length;
  await page.until('a change of all', () => page.all('changes').some(({ vitals }) => vitals !== undefined));
  const before = { changes: changed(), bytes: page.bytes };
  agents[7]!.close();
  await page.until('one that went away', () =>
    page.all('changes').some((one) => one.agents.some(({ name, connected }) => name === 'many-7' && !connected)),
  );
  await page.until('more changes', () => changed() >= before.changes + 3);
  expect(page.all('state').length).toBe(1);
  expect(wholeBytes).toBeGreaterThan(200_000);
  expect((page.bytes - before.bytes) / (changed() - before.changes)).toBeLessThan(wholeBytes / 40);
  let known = page.all('state')[0]!.state;
  for (const changes of page.all('changes')) known = withLiveChanges(known, changes);
  const { agents: now } = server.collector!.state();
  const still = ({ name, connected, indicators: list, parts }: AgentState) => ({ name, connected, list, parts });
  expect(known.agents.map(still)).toEqual(now.map(still));
});
