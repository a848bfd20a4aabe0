import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLab, type Lab } from '#lab/lab';
import { packAgentMessage } from '../agent-packing.ts';
import { MAX_AGENT_MESSAGE_BYTES } from '../agent-wire.ts';
import type { Collector, CollectorListener } from '../collector-types.ts';
import { openDoor, TestAgent, testBatch, testHello, until, type Door } from '../../../test/live/test-agent.ts';
import { createCollector } from './collector.ts';

let folder: string;
let lab: Lab;
let collector: Collector;
let door: Door;
let errors: unknown[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encodelab-collector-'));
  lab = await openLab(join(folder, 'lab'));
  errors = [];
  collector = await createCollector({ lab, version: '1.2.3', onError: (error) => errors.push(error) });
  door = await openDoor(() => collector);
});

afterEach(async () => {
  await collector.close();
  await door.close();
  await lab.close();
  await rm(folder, { recursive: true, force: true });
  expect(errors).toEqual([]);
});

function agentState(name: string) {
  return collector.state().agents.find((agent) => agent.name === name);
}

/** Values of all series, by agent. */
function listening(): { values: Map<string, number[]>; listener: CollectorListener } {
  const values = new Map<string, number[]>();
  return {
    values,
    listener: {
      series: (agent, { value }) => values.set(agent, [...(values.get(agent) ?? []), ...value]),
      frames: () => undefined,
      steps: () => undefined,
      picture: () => undefined,
      feed: () => undefined,
      changed: () => undefined,
    },
  };
}

describe('the door of the collector', () => {
  it('welcomes an agent, shows it with its clock, and sees at once that it is gone', async () => {
    const agent = new TestAgent(door.url);
    agent.clock = () => Number(process.hrtime.bigint() / 1000n) + 5_000_000;
    expect(await agent.heard('welcome')).toMatchObject({ name: 'guest', nextBatch: 1 });
    await until(() => (agentState('guest')?.clock ?? null) !== null);
    const { clock, connected } = agentState('guest')!;
    expect(connected).toBe(true);
    expect(Math.abs(clock!.offsetUs - 5_000_000)).toBeLessThanOrEqual(clock!.errorUs + 1);
    agent.socket.terminate();
    await until(() => agentState('guest')?.connected === false, 1_000);
    expect(collector.state().feed.at(-1)!.text).toMatch(/guest is lost/);
  });

  it('refuses another version with a sentence that names both, and tells which end to update', async () => {
    const newer = new TestAgent(door.url, { ...testHello(), version: 99 as 1, program: '9.9.9' });
    const refusal = await newer.heard('refuse');
    expect(refusal.retry).toBe(false);
    expect(refusal.reason).toMatch(/version 99 .*9\.9\.9.*version 1 .*1\.2\.3.*update the collector/);
    const older = new TestAgent(door.url, { kind: 'hello', version: 0 } as never);
    expect((await older.heard('refuse')).reason).toMatch(/update the agent/);
    await newer.ended();
    expect(collector.state().agents).toEqual([]);
    expect(collector.state().refused).toEqual({ 'other version': 2 });
  });

  it('lets an agent come back under its name, and gives another one of that name a number', async () => {
    const first = new TestAgent(door.url);
    await first.heard('welcome');
    const second = new TestAgent(door.url, testHello({ instance: 'instance-2' }));
    expect((await second.heard('welcome')).name).toBe('guest 2');
    const back = new TestAgent(door.url);
    expect((await back.heard('welcome')).name).toBe('guest');
    await first.ended();
    expect(collector.state().agents.map(({ name, connected }) => [name, connected])).toEqual([
      ['guest', true],
      ['guest 2', true],
    ]);
    back.socket.terminate();
    await until(() => agentState('guest')?.connected === false);
    const anew = new TestAgent(door.url, testHello({ instance: 'instance-3', pid: 7 }));
    expect((await anew.heard('welcome')).name).toBe('guest');
    expect(agentState('guest')).toMatchObject({ connected: true, pid: 7 });
  });

  it.each([
    ['no hello', (agent: TestAgent) => agent.send(testBatch(1))],
    ['garbage', (agent: TestAgent) => agent.socket.send(Buffer.from([0xc1, 1, 2, 3]))],
    ['text instead of bytes', (agent: TestAgent) => agent.socket.send('hello')],
    ['too long', (agent: TestAgent) => agent.socket.send(Buffer.alloc(MAX_AGENT_MESSAGE_BYTES + 1))],
    ['wrong shape', (agent: TestAgent) => agent.send({ ...testHello(), name: '' })],
    ['wrong shape', (agent: TestAgent) => agent.send({ ...testHello(), parts: ['camera'] } as never)],
  ])('refuses a first message that is %s, and counts it', async (reason, send) => {
    const agent = new TestAgent(door.url, null);
    await new Promise((resolve) => agent.socket.once('open', resolve));
    send(agent);
    await agent.ended();
    expect(collector.state().refused).toEqual({ [reason]: 1 });
    expect(collector.state().agents).toEqual([]);
  });

  it.each([
    ['hello twice', testHello()],
    ['batch out of order', testBatch(2)],
    ['wrong shape', testBatch(0)],
    ['wrong shape', testBatch(1, { lostRows: -1 })],
    ['wrong shape', { ...testBatch(1), series: [{ ...testBatch(1).series[0]!, value: new Float64Array(2) }] }],
    ['wrong shape', { ...testBatch(1), series: [{ ...testBatch(1).series[0]!, indicator: Uint16Array.of(1) }] }],
    ['wrong shape', { ...testBatch(1), series: [{ ...testBatch(1).series[0]!, timeUs: [1] }] }],
    ['wrong shape', { ...testBatch(1), series: [{ ...testBatch(1).series[0]!, timeUs: Float64Array.of(NaN) }] }],
    ['wrong shape', { ...testBatch(1), frames: [{}] }],
    ['wrong shape', { ...testBatch(1), steps: null }],
    ['wrong shape', { kind: 'part', state: { part: 'sender' } }],
    ['wrong shape', { kind: 'unheard of' }],
    ['wrong shape', null],
  ])(
    'refuses %s from an agent that it knows (case %#), takes nothing of it, and lets it come back',
    async (reason, bad) => {
      const { values, listener } = listening();
      collector.listen(listener, 0);
      const agent = new TestAgent(door.url);
      await agent.heard('welcome');
      agent.send(bad as never);
      expect((await agent.heard('refuse')).retry).toBe(true);
      await agent.ended();
      expect(collector.state().refused).toEqual({ [reason]: 1 });
      expect(values.size).toBe(0);
      const back = new TestAgent(door.url);
      expect((await back.heard('welcome')).nextBatch).toBe(1);
    },
  );

  it('stays up whatever is sent to it: changed, cut and made-up messages', async () => {
    const good = packAgentMessage(testBatch(1));
    const hello = packAgentMessage(testHello({ instance: 'fuzz' }));
    const mangled = (bytes: Uint8Array) =>
      fc
        .tuple(
          fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 8 }),
          fc.integer({ min: 1, max: bytes.length }),
        )
        .map(([changes, end]) => {
          const copy = bytes.slice(0, end);
          for (const [at, byte] of changes) if (at < end) copy[at] = byte;
          return copy;
        });
    const anything = fc.anything().map((value) => {
      try {
        return packAgentMessage({ ...testBatch(1), ...(value as object) } as never);
      } catch {
        return good;
      }
    });
    const witness = new TestAgent(door.url, testHello({ name: 'witness', role: 'client', instance: 'witness' }));
    await witness.heard('welcome');
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(mangled(good), anything, fc.uint8Array({ maxLength: 64 })),
        mangled(hello),
        async (bytes, first) => {
          const greeted = new TestAgent(door.url, testHello({ instance: 'fuzz' }));
          await greeted.heard('welcome');
          greeted.socket.send(bytes);
          const stranger = new TestAgent(door.url, null);
          await new Promise((resolve) => stranger.socket.once('open', resolve));
          stranger.socket.send(first);
          stranger.socket.send(bytes);
          await new Promise((resolve) => setTimeout(resolve, 2));
          greeted.socket.terminate();
          stranger.socket.terminate();
        },
      ),
      { numRuns: 150 },
    );
    witness.send(testBatch(1));
    await witness.heard('ack');
    expect(agentState('witness')).toMatchObject({ connected: true });
    expect(Object.keys(collector.state().refused).length).toBeGreaterThan(0);
  });

  it('hands on each batch once and in order, however often the connection breaks', async () => {
    const { values, listener } = listening();
    collector.listen(listener, 0);
    const total = 300;
    let acknowledged = 0;
    let sent = 0;
    for (let connection = 0; acknowledged < total; connection++) {
      expect(connection).toBeLessThan(400);
      const agent = new TestAgent(door.url);
      const { nextBatch } = await agent.heard('welcome');
      expect(nextBatch).toBeGreaterThan(acknowledged);
      // It sends what was not acknowledged, some of it again, and breaks off anywhere.
      const from = acknowledged + 1;
      const to = Math.min(total, from + 1 + ((connection * 7) % 19));
      for (let number = from; number <= to; number++, sent++) agent.send(testBatch(number));
      if (connection % 3 !== 0) await agent.heard('ack', ({ number }) => number >= to);
      // Of every sixth it never hears an answer.
      else if (connection % 2 === 1) await new Promise((resolve) => setTimeout(resolve, connection % 5));
      agent.socket.terminate();
      for (const message of agent.messages)
        if (message.kind === 'ack') acknowledged = Math.max(acknowledged, message.number);
    }
    expect(values.get('guest')).toEqual(Array.from({ length: total }, (_, i) => i + 1));
    expect(sent).toBeGreaterThan(total);
  });

  it('gives a page that opens later the rows of before, in order', async () => {
    const agent = new TestAgent(door.url, testHello({ indicators: [] }));
    await agent.heard('welcome');
    const indicators = [1, 2].map((n) => ({ name: `cpu.${n}`, unit: '1', description: '' }));
    agent.send({ kind: 'indicators', indicators, absent: ['gpu: none'] });
    for (let number = 1; number <= 50; number++) agent.send(testBatch(number));
    await agent.heard('ack', ({ number }) => number === 50);
    // Another process in its place tells of its indicators in another order.
    agent.socket.terminate();
    await until(() => agentState('guest')?.connected === false);
    const other = new TestAgent(door.url, testHello({ instance: 'other', indicators: indicators.toReversed() }));
    await other.heard('welcome');
    other.send(testBatch(1));
    await other.heard('ack', ({ number }) => number === 1);
    const seen: [number, number][] = [];
    const { listener } = listening();
    collector.listen(
      {
        ...listener,
        series: (_, { indicator, value }) => value.forEach((each, i) => seen.push([indicator[i]!, each])),
      },
      60,
    );
    expect(seen).toEqual([...Array.from({ length: 50 }, (_, i) => [0, i + 1]), [1, 1]]);
    expect(agentState('guest')!.indicators.map(({ name }) => name)).toEqual(['cpu.1', 'cpu.2']);
  });

  it('shows an agent as lost that says nothing for three seconds, and again as here when it does', async () => {
    const agent = new TestAgent(door.url);
    await agent.heard('welcome');
    agent.clock = null;
    await until(() => agentState('guest')?.connected === false, 6_000);
    expect(agent.closed).toBe(false);
    agent.send(testBatch(1));
    await until(() => agentState('guest')?.connected === true);
  });
});

describe('the feed', () => {
  it('takes sentences of operators and agents, bounded and in order', async () => {
    expect(() => collector.say('operator', '  ')).toThrow(/empty/);
    expect(() => collector.say('operator', 'x'.repeat(1_001))).toThrow(/1001 characters/);
    for (let i = 0; i < 1_100; i++) collector.say('operator', `message ${i}`);
    expect(collector.state().feed.length).toBe(1_000);
    const agent = new TestAgent(door.url);
    await agent.heard('welcome');
    agent.send(testBatch(1, { messages: [{ timeUs: 5, source: 'guest', text: '!here' }] }));
    await agent.heard('ack');
    expect(collector.state().feed.at(-1)).toMatchObject({ source: 'guest', text: '!here' });
    collector.clearFeed();
    expect(collector.state().feed).toEqual([]);
  });
});

describe('commands to agents', () => {
  it('go to the role that is meant, and are refused where it has no agent or does not allow them', async () => {
    await expect(collector.hook('guest', ['true'], {}, 1_000)).rejects.toThrow(/no agent of the role guest/);
    const agent = new TestAgent(door.url);
    await agent.heard('welcome');
    await expect(collector.hook('guest', ['true'], {}, 1_000)).rejects.toThrow(/runs no hooks.*\n.*--allow-hooks/);
    const asked = collector.stress('guest', { cpu: 1, memoryBytes: 0, gpu: 0 });
    const command = await agent.heard('command');
    expect(command.command).toEqual({ name: 'stress', stress: { cpu: 1, memoryBytes: 0, gpu: 0 }, leaseMs: 30_000 });
    agent.send({ kind: 'answer', id: command.id, ok: false, what: 'no room', todo: 'make some' });
    await expect(asked).rejects.toThrow('guest: no room\n  make some');
    const lost = collector.stress('guest', { cpu: 2, memoryBytes: 0, gpu: 0 });
    await agent.heard('command', ({ id }) => id !== command.id);
    agent.socket.terminate();
    await expect(lost).rejects.toThrow(/agent is gone/);
  });

  it('start no session with wrong settings or without agents, and tell all that is wrong at once', async () => {
    const problem = collector.startSession(
      { source: 'lavfi:testsrc2', bitrate: 'much', transport: 'pigeon' },
      'operator',
    );
    await expect(problem).rejects.toThrow(/bitrate[^]*transport[^]*role guest[^]*role client/);
    expect(collector.state().session).toBeNull();
    await expect(collector.control({ bitrate: '1M' }, 'operator')).rejects.toThrow(/no session/);
    await expect(
      collector.startRecording({ name: 'x', forS: 1, quality: null, keepOutput: false, identity: null }),
    ).rejects.toThrow(/no session/);
  });
});
