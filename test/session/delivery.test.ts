import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, test } from 'vitest';
import { readKept, type KeptRecord } from '#session/kept-file';
import { PartStarter, SMALL, until } from './parts.ts';

const folder = mkdtempSync(join(tmpdir(), 'delivery-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.concurrent.for(['tcp', 'udp'] as const)(
  'over %s every frame is received, decoded and presented in its order',
  async (transport, { expect, onTestFinished }) => {
    const start = new PartStarter(onTestFinished);
    const { relay, receiver, sender } = await start.session(transport);
    const path = join(folder, transport);
    await receiver.part.command('keep', { path, fromFrame: 0, stream: 'video', maxBytes: 1e8 });
    await receiver.part.command('pictures', { everyMs: 200, width: 160 });
    await until('pictures', () => receiver.of('present').length > 45 && receiver.pictures.length > 1);
    await sender.part.command('stop', {});
    await until('the last frame', () => receiver.of('present').length >= sender.of('send').length);
    const kept = await receiver.part.command('unkeep', {});
    for (const { part } of [receiver, relay]) await part.command('stop', {});
    expect(await Promise.all([sender, relay, receiver].map(({ part }) => part.result))).toEqual(
      Array.from({ length: 3 }, () => ({ ok: true, reason: null })),
    );

    const sent = sender.of('send').map(({ frame }) => frame);
    for (const rows of [relay.of('receive'), relay.of('send'), receiver.of('receive'), receiver.of('decode')])
      expect(rows.map(({ frame }) => frame)).toEqual(sent);
    expect(receiver.of('present').map(({ frame }) => frame)).toEqual(sent);
    expect([...new Set(relay.steps.map(({ stream, role }) => `${stream} ${role}`))]).toEqual(['video server']);
    expect([...new Set(receiver.steps.map(({ stream, role }) => `${stream} ${role}`))]).toEqual(['video client']);
    for (const { frame, startUs, durationUs } of receiver.of('present'))
      expect(startUs + durationUs).toBeGreaterThan(sender.captureUs.get(frame)!);
    expect(receiver.actual.at(-1)).toMatchObject({ transport, codec: 'h264', resolution: '320x180', framerate: '30' });
    expect(receiver.pictures[0]).toMatchObject({ width: 160, height: 90 });
    expect([...receiver.pictures[0]!.jpeg.subarray(0, 2)]).toEqual([0xff, 0xd8]);

    const records: KeptRecord[] = [];
    for await (const record of readKept(path)) records.push(record);
    expect(records.slice(0, 2)).toMatchObject([
      { kind: 'header', stream: 'video' },
      { kind: 'bitstream', config: { codec: 'h264', width: 320, height: 180 } },
    ]);
    const frames = records.flatMap((record) => (record.kind === 'frame' ? [record] : []));
    expect(frames.map(({ frame }) => frame)).toEqual(sent);
    expect(frames[0]?.key).toBe(true);
    expect(frames.every(({ frame, captureUs }) => sender.captureUs.get(frame) === captureUs)).toBe(true);
    expect(kept).toMatchObject({ frames: sent.length, cut: false });
  },
);

test.concurrent('codec and resolution change midway, and the picture goes on', async ({ expect, onTestFinished }) => {
  const start = new PartStarter(onTestFinished);
  const { receiver, sender } = await start.session('udp');
  await until('a picture', () => receiver.of('present').length > 5);
  await sender.part.command('control', { changes: { encoder: 'libvpx', resolution: '160x90' } });
  await until('another codec', () => receiver.actual.at(-1)?.['codec'] === 'vp8');
  const seen = receiver.of('present').length;
  await until('its picture', () => receiver.of('present').length > seen + 5);
  expect(receiver.actual.at(-1)).toMatchObject({ resolution: '160x90' });
  expect(receiver.of('decode', 'failed')).toEqual([]);
});

test.concurrent('a new sender takes the place of the old one, under its own name', async ({
  expect,
  onTestFinished,
}) => {
  const start = new PartStarter(onTestFinished);
  const { relay, receiver, sender } = await start.session('tcp');
  await until('a picture', () => receiver.of('present').length > 5);
  sender.part.kill();
  const second = start.sender('tcp', relay.address, SMALL, 'video 2');
  const presented = () => receiver.of('present').filter(({ stream }) => stream === 'video 2');
  await until(
    'its picture',
    () => presented().length > 5 && relay.of('send').some(({ stream }) => stream === 'video 2'),
  );
  await until('its rows', () => second.of('send').length >= presented().length);
  expect(presented().every(({ frame }) => second.of('send').some((row) => row.frame === frame))).toBe(true);
});

test.concurrent.for(['tcp', 'udp'] as const)(
  'over %s ends find a relay again that was killed, at its place and elsewhere',
  async (transport, { expect, onTestFinished }) => {
    const start = new PartStarter(onTestFinished);
    const { relay, receiver, sender } = await start.session(transport);
    await until('a picture', () => receiver.of('present').length > 5);
    relay.part.kill();
    await relay.part.result;
    await start.relay('none', relay.address.port);
    let seen = receiver.of('present').length;
    await until('a picture again', () => receiver.of('present').length > seen + 5);
    expect(receiver.messages.join()).toContain('has no connection');

    const elsewhere = await start.relay();
    await Promise.all([receiver, sender].map(({ part }) => part.command('connect', { relay: elsewhere.address })));
    seen = receiver.of('present').length;
    await until(
      'a picture from elsewhere',
      () => receiver.of('present').length > seen + 5 && elsewhere.of('send').length > 5,
    );
  },
);

test.concurrent.for(['tcp', 'udp'] as const)(
  'over %s a relay that stands still is taken for dead, and found again when it goes on',
  async (transport, { expect, onTestFinished }) => {
    const start = new PartStarter(onTestFinished);
    const { relay, receiver } = await start.session(transport);
    await until('a picture', () => receiver.of('present').length > 5);
    process.kill(relay.part.pid!, 'SIGSTOP');
    await until('notice', () => receiver.messages.length > 0);
    expect(receiver.messages[0]).toContain('the relay is silent');
    process.kill(relay.part.pid!, 'SIGCONT');
    const seen = receiver.of('present').length;
    await until('a picture again', () => receiver.of('present').length > seen + 5);
  },
);
