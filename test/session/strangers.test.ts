import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { PartStarter, TOKEN, ownLink, until } from './parts.ts';

test.concurrent.for(['tcp', 'udp'] as const)(
  'over %s nobody comes in without the token',
  async (transport, { expect, onTestFinished }) => {
    const start = new PartStarter(onTestFinished);
    const relay = await start.relay();
    const stranger = ownLink(transport, relay.address, 'guessed');
    await until('a refusal', () => stranger.told.length > 0 && relay.messages.length > 0);
    const frame = { config: 0, frame: 0, captureUs: 0, key: true, sourceFrame: -1, data: Buffer.alloc(10) };
    expect(stranger.link.frame(frame)).toBe(false);
    stranger.link.close();
    expect(stranger.told).toEqual(['the relay refuses: wrong token']);
    expect(relay.messages).toEqual(['the relay refused somebody: wrong token']);
    expect(relay.steps).toEqual([]);
  },
);

test.concurrent.for(['tcp', 'udp'] as const)(
  'over %s frames that are no video fail, are told, and do no harm',
  async (transport, { expect, onTestFinished }) => {
    const start = new PartStarter(onTestFinished);
    const relay = await start.relay();
    const receiver = start.receiver(transport, relay.address);
    const hostile = ownLink(transport, relay.address, TOKEN);
    await until('a connection', () => hostile.told.includes('connected') && receiver.actual.length > 0);
    const codecs = ['h264', 'hevc', 'vp8', 'vp9', 'av1', 'no-such-codec'];
    for (let i = 0; receiver.of('decode', 'failed').length < 12; i++) {
      if (i > 2000) throw new Error('the receiver does not tell of failures');
      const codec = codecs[(i >> 2) % codecs.length]!;
      hostile.link.config({ config: i >> 2, codec, width: 64, height: 64, frameRate: 30, extraData: null });
      const data = Buffer.from(Array.from({ length: 500 + ((i * 37) % 3000) }, (_, at) => (at * 7919 + i * 31) % 256));
      if (i % 2 === 0) data.set([0, 0, 0, 1, 0x67, 0x42, 0, 0x1e]);
      hostile.link.frame({ config: i >> 2, frame: i, captureUs: i, key: true, sourceFrame: -1, data });
      await sleep(2);
    }
    expect(hostile.told).toContain('keyframe');
    hostile.link.close();
    const sender = start.sender(transport, relay.address);
    await until('a real picture', () => receiver.of('present').length > 5);
    expect(sender.messages.join()).not.toContain('refuse');
  },
);

test.concurrent('garbage at its ports does not disturb a relay', async ({ expect, onTestFinished }) => {
  const start = new PartStarter(onTestFinished);
  const { relay, receiver } = await start.session('tcp');
  const { host, port } = relay.address;
  const udp = createSocket('udp4');
  for (let i = 0; i < 200; i++) {
    const bytes = Buffer.from(Array.from({ length: (i * 13) % 1500 }, (_, at) => (at * 31 + i * 17) % 256));
    udp.send(bytes, port, host);
    const tcp = connect(port, host, () => tcp.end(bytes));
    tcp.on('error', () => {});
    if (i % 50 === 0) await sleep(20);
  }
  await until('a picture', () => receiver.of('present').length > 10);
  udp.close();
  expect(relay.messages.length).toBeGreaterThan(0);
  expect(relay.messages.length).toBeLessThan(10);
});

test.concurrent('a part that can not work says why, and one that is gone takes no commands', async ({
  expect,
  onTestFinished,
}) => {
  const start = new PartStarter(onTestFinished);
  const relay = await start.relay();
  const second = await start.relay('none', relay.address.port);
  const end = await second.part.result;
  expect(end.ok).toBe(false);
  expect(end.reason).toContain("the relay can't listen: EADDRINUSE");
  await expect(second.part.command('stop', {})).rejects.toThrow('the relay is gone');
  await expect(relay.part.command('keyframe', {})).rejects.toThrow('does not know the command keyframe');
  relay.part.kill();
  expect(await relay.part.result).toEqual({ ok: false, reason: 'it ended without a word (SIGKILL)' });
});
