import { expect, test } from 'vitest';
import type { PartState } from '#core/live';
import type { RelaySpec, ReceiverSpec, SenderSpec } from '#session/part';
import { AgentBench } from '../../../test/live/agent-bench.ts';

const bench = AgentBench.forEach();

const until = (what: () => boolean, timeout = 30_000) => expect.poll(what, { timeout, interval: 20 }).toBe(true);
const relay: RelaySpec = {
  part: 'relay',
  session: 's',
  stream: 'video',
  role: 'server',
  listen: { host: '127.0.0.1', port: 0 },
  network: { delayMs: 0, jitterMs: 0, loss: 0, rate: [], queueMs: 1000 },
  token: 'of-the-session',
};

async function start(options: Parameters<AgentBench['start']>[0] = {}): Promise<void> {
  await bench.start(options);
  await until(() => bench.collector.batches.length > 0);
}
const last = (part: string): PartState | undefined => bench.collector.parts.findLast((state) => state.part === part);
const runs = (part: string, stream = 'video') => {
  const state = last(part);
  return state?.state === 'running' && state.stream === stream;
};

async function startRelay(): Promise<PartState> {
  await bench.collector.ask({ name: 'start-part', spec: relay });
  await until(() => last('relay')?.state === 'running');
  return last('relay')!;
}

test('a relay that is killed is started again where it listened, with probes on the new process', async () => {
  await start();
  const before = await startRelay();
  expect(before).toMatchObject({ agent: 'guest', stream: 'video', address: { host: '127.0.0.1' } });
  await until(() => bench.collector.valuesOf('relay.memory').length > 1);
  process.kill(before.pid!, 'SIGKILL');
  await until(() => last('relay')?.state === 'failed');
  expect(last('relay')).toMatchObject({ pid: null, note: expect.stringMatching(/started again in 1 s/) });
  const { length } = bench.collector.valuesOf('relay.memory');
  await until(() => runs('relay'));
  expect(last('relay')!.pid).not.toBe(before.pid);
  expect(last('relay')!.address).toEqual(before.address);
  await until(() => bench.collector.valuesOf('relay.memory').length > length + 1);
  // While there was no process there was no value either, and no zero.
  expect(Math.min(...bench.collector.valuesOf('relay.memory'))).toBeGreaterThan(0);
  expect(bench.collector.indicators.at(-1)!.indicators.some(({ name }) => name.startsWith('sender.'))).toBe(false);
});

test('a part goes on while the collector is away, and is told of in the next hello', async () => {
  await start();
  const { pid } = await startRelay();
  await bench.collector.vanish();
  const hellos = bench.collector.hellos.length;
  await bench.collector.open();
  await until(() => bench.collector.hellos.length > hellos);
  const { running } = bench.collector.hellos.at(-1)!;
  expect(running).toMatchObject([{ state: { part: 'relay', state: 'running', pid }, spec: { ...relay, listen: {} } }]);
  await bench.collector.ask({ name: 'stop-part', part: 'relay' });
  expect(last('relay')).toMatchObject({ state: 'stopped', pid: null });
  expect(() => process.kill(pid!, 0)).toThrow(/ESRCH/);
});

test('others are told the address under which they reach a relay', async () => {
  await start({ mediaAddress: 'relay.example.org' });
  expect((await startRelay()).address).toMatchObject({ host: 'relay.example.org' });
});

test('a command to a part that does not run, or that it does not know, is refused', async () => {
  await start();
  const keyframe = { name: 'part', part: 'sender', command: 'keyframe', ask: {} } as const;
  await expect(bench.collector.ask(keyframe)).rejects.toThrow(/no sender runs/);
  await startRelay();
  await expect(bench.collector.ask({ ...keyframe, part: 'relay' })).rejects.toThrow(/./);
  await bench.collector.ask({
    name: 'part',
    part: 'relay',
    command: 'network',
    ask: { network: { ...relay.network, delayMs: 5 } },
  });
  expect(runs('relay')).toBe(true);
});

test('a whole stream runs on one agent: journeys of its frames, a picture, and a sender that comes back as another stream', async () => {
  await start();
  const { address } = await startRelay();
  const ends = { session: 's', stream: 'video', transport: 'tcp', relay: address!, token: relay.token } as const;
  const sender: SenderSpec = {
    ...ends,
    part: 'sender',
    role: 'guest',
    settings: {
      source: 'lavfi:testsrc2=size=320x180:rate=30',
      encoder: 'libx264',
      resolution: '320x180',
      framerate: 30,
    },
  };
  const receiver: ReceiverSpec = { ...ends, part: 'receiver', role: 'client' };
  await bench.collector.ask({ name: 'start-part', spec: sender });
  await bench.collector.ask({ name: 'start-part', spec: receiver });
  await bench.collector.ask({ name: 'part', part: 'receiver', command: 'pictures', ask: { everyMs: 200, width: 160 } });
  const roles = () => new Set(bench.collector.batches.flatMap(({ steps }) => steps.map(({ role }) => role)));
  await until(() => roles().size === 3 && bench.collector.pictures.length > 0);
  expect(Buffer.from(bench.collector.pictures[0]!.jpeg).subarray(0, 2)).toEqual(Buffer.of(0xff, 0xd8));
  await until(
    () => bench.collector.valuesOf('sender.cpu').length > 2 && bench.collector.valuesOf('receiver.cpu').length > 2,
  );
  process.kill(last('sender')!.pid!, 'SIGKILL');
  const streams = () => new Set(bench.collector.batches.flatMap(({ frames }) => frames.map(({ stream }) => stream)));
  await until(() => runs('sender', 'video 2') && streams().has('video 2'));
});
