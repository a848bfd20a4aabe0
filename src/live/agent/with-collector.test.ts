import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { PartState } from '#core/live';
import { openLab } from '#lab/lab';
import { createCollector } from '#live/collector/collector';
import type { CollectorListener } from '#live/collector-types';
import { startAgent } from '../../../test/live/start-agent.ts';
import { openDoor } from '../../../test/live/test-agent.ts';

const until = (what: () => boolean, timeout = 30_000) => expect.poll(what, { timeout, interval: 20 }).toBe(true);

test('three agents and a collector: a stream with journeys over all roles, which outlives their connections', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'agents-'));
  const lab = await openLab(join(folder, 'lab'));
  const errors: unknown[] = [];
  const collector = await createCollector({ lab, version: '0.0.0', onError: (error) => errors.push(error) });
  let door = await openDoor(() => collector);
  const port = Number(new URL(door.url).port);
  const roles = ['guest', 'server', 'client'];
  const agents = await Promise.all(roles.map((role) => startAgent(door.url, { role })));
  const seen = { roles: new Set<string>(), frames: [] as number[], agents: new Set<string>() };
  const listener: CollectorListener = {
    series: (agent) => seen.agents.add(agent),
    frames: (_, { frame }) => seen.frames.push(...frame),
    steps: (_, { role }) => seen.roles.add(role),
    picture: () => undefined,
    feed: () => undefined,
    changed: () => undefined,
  };
  const stopListening = collector.listen(listener, 0);
  try {
    await until(
      () => collector.state().agents.filter(({ connected, clock }) => connected && clock !== null).length === 3,
    );
    await collector.startSession(
      {
        source: 'lavfi:testsrc2=size=320x180:rate=30',
        encoder: 'libx264',
        resolution: '320x180',
        framerate: 30,
      },
      'test',
    );
    await until(() => seen.roles.size === 3 && seen.frames.length > 10);
    expect([...seen.agents].toSorted()).toEqual(roles.toSorted());
    const pids = (parts: readonly PartState[]) => new Map(parts.map(({ part, pid }) => [part, pid]));
    const before = pids(collector.state().session!.parts);
    // Every connection breaks at once, and nobody listens for a while.
    await door.close();
    await until(() => collector.state().agents.every(({ connected }) => !connected));
    door = await openDoor(() => collector, port);
    await until(() => collector.state().agents.every(({ connected }) => connected));
    const { length } = seen.frames;
    await until(() => seen.frames.length > length + 10);
    // The parts went on meanwhile, and every frame came once.
    expect(pids(collector.state().session!.parts)).toEqual(before);
    expect(new Set(seen.frames).size).toBe(seen.frames.length);
    const sorted = seen.frames.toSorted((a, b) => a - b);
    expect(sorted).toEqual(seen.frames);
    expect(collector.state().agents.map(({ lostRows }) => lostRows)).toEqual([0, 0, 0]);
  } finally {
    stopListening();
    await collector.close();
    await Promise.all(agents.map((agent) => agent.stop()));
    await door.close();
    await lab.close();
    rmSync(folder, { recursive: true });
  }
  expect(errors).toEqual([]);
});
