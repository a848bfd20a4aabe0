import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Settings } from '#core/settings';
import { isKeyframe } from '#session/spice/stream-keyframe';
import type { RunningPart } from '#session/part';
import { startPart } from '#session/start-part';
import { Told, until } from './loopback.ts';
import { DeviceServer, type GuestFormat } from './spice-device-server.ts';

const CODECS = { mjpeg: 1, vp8: 2, h264: 3, vp9: 4 } as const;
const { mjpeg: MJPEG, vp8: VP8, h264: H264, vp9: VP9 } = CODECS;
const SIZE = { width: 160, height: 90 };
const SOURCE = `lavfi:testsrc2=size=${SIZE.width}x${SIZE.height}:rate=50`;

let folder: string;
let server: DeviceServer;
let guest: RunningPart | null = null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encodelab-device-'));
  server = new DeviceServer(join(folder, 'stream.0'));
  await server.listen();
});

afterEach(async () => {
  await guest?.command('stop', {}).catch(() => guest?.kill());
  await guest?.result;
  guest = null;
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

function begin(settings: Settings, device = server.path): { readonly told: Told; readonly guest: RunningPart } {
  const told = new Told();
  const relay = { host: '', port: 0 };
  const common = { session: 'test', stream: 'video', role: 'guest', transport: 'tcp', relay, token: '' } as const;
  const all = { source: SOURCE, bitrate: '1M', threads: 1, ...settings };
  guest = startPart({ part: 'sender', settings: all, device, ...common }, told);
  return { told, guest };
}

const frames = () => server.formats.reduce((sum, format) => sum + format.frames.length, 0);
const meanBytes = (of: readonly Buffer[]) => of.reduce((sum, { length }) => sum + length, 0) / of.length;

async function streams(count: number): Promise<void> {
  const wanted = frames() + count;
  await until(() => frames() >= wanted);
}

describe('a stream that the server starts and stops', () => {
  test('begins with its format and a keyframe, and holds the right pictures of the first codec that both have', async () => {
    const { told } = begin({});
    await until(() => server.capabilities === 1);
    for (const [asked, codec, encoder] of [
      [[MJPEG, VP8, H264], 'h264', 'libx264'],
      [[VP8, MJPEG], 'vp8', 'libvpx'],
      [[MJPEG], 'mjpeg', 'mjpeg'],
      [[MJPEG, H264], 'h264', 'libx264'],
    ] as const) {
      server.start(...asked);
      await until(() => server.lastFormat?.codec === CODECS[codec] && server.lastFormat.frames.length >= 8);
      expect(server.lastFormat).toMatchObject(SIZE);
      expect(told.actual).toMatchObject({ encoder, bitrate: '1000000', transport: 'spice' });
      server.start();
      await until(() => told.messages.at(-1)!.includes('wants no stream'));
      expect(isKeyframe(codec, server.lastFormat!.frames[0]!)).toBe(true);
    }
    expect(server.formats.map(({ codec }) => codec)).toEqual([H264, VP8, MJPEG, H264]);
    expect(server.faults).toEqual([]);
    expect(told.messages).toContain('the client does not show h264: libvpx takes the place of libx264');
    // What was sent, in order, is what the rows say.
    await until(() => told.of('send').length >= frames() + server.late);
    const sent = told.of('send').map((frame) => told.allFrames.find((each) => each.frame === frame)!);
    let at = 0;
    for (const format of server.formats) {
      const pictures = decoded(format);
      expect(pictures.length).toBe(format.frames.length);
      for (const [i, picture] of pictures.entries()) {
        // One that was under way when the server stopped the stream is in nobody's list.
        while (sent[at]!.bytes !== format.frames[i]!.length) at++;
        const shown = sent[at++]!.sourceFrame;
        expect(difference(picture, shown)).toBeLessThan(1.5);
        expect(difference(picture, shown + 3)).toBeGreaterThan(1.5);
      }
    }
    for (const step of ['capture', 'scale', 'encode', 'send'] as const) expect(told.of(step).length).toBeGreaterThan(0);
  });

  test('tells the time in which it was wanted and an encoder was opened, without the pause before', async () => {
    const { told } = begin({});
    await until(() => server.capabilities === 1);
    server.start(H264);
    await streams(3);
    server.start();
    await until(() => told.of('encode', 'dropped').length > 40);
    const askedMs = performance.now();
    server.start(MJPEG);
    const anew = () => told.messages.find((text) => text.includes('opened anew for encoder=mjpeg'));
    await until(() => anew() !== undefined);
    const toldMs = Number(/, (\d+) ms/.exec(anew()!)![1]);
    expect(toldMs).toBeGreaterThan(0);
    expect(toldMs).toBeLessThanOrEqual(performance.now() - askedMs + 1);
  });

  test('is none where the client shows nothing that we make, and says so', async () => {
    const { told } = begin({ encoder: 'libsvtav1' });
    await until(() => server.capabilities === 1);
    server.start(77);
    await until(() =>
      told.messages.some((text) => text.startsWith('nothing is sent: the server asked for a codec of')),
    );
    server.start(VP9);
    await streams(3);
    expect(server.lastFormat!.codec).toBe(VP9);
    const [refused] = await guest!.command('control', { changes: { encoder: 'libx264' } });
    expect(refused).toMatchObject({ how: 'refused', note: 'the client does not show h264: vp9' });
    await streams(3);
    expect(server.faults).toEqual([]);
  });
});

describe('changes while it streams', () => {
  test('of bitrate, GOP, frame rate and size reach the server', async () => {
    begin({ bitrate: '3M', gop: 1000 });
    await until(() => server.capabilities === 1);
    server.start(H264);
    await streams(25);
    const keys = (from: number) =>
      server.lastFormat!.frames.slice(from).filter((frame) => isKeyframe('h264', frame)).length;
    expect(keys(0)).toBe(1);
    const before = meanBytes(server.lastFormat!.frames.slice(5));
    const [bitrate] = await guest!.command('control', { changes: { bitrate: '200k' } });
    expect(bitrate).toMatchObject({ how: 'live' });
    const from = server.lastFormat!.frames.length;
    await streams(45);
    expect(meanBytes(server.lastFormat!.frames.slice(from + 20))).toBeLessThan(before / 3);
    const [gop] = await guest!.command('control', { changes: { gop: 5 } });
    expect(gop).toMatchObject({ how: 'restart', actual: '5' });
    const at = server.lastFormat!.frames.length;
    await streams(31);
    expect(server.formats).toHaveLength(1);
    expect(keys(at)).toBeGreaterThanOrEqual(6);
    await guest!.command('control', { changes: { resolution: '80x46', framerate: 25 } });
    await streams(5);
    expect(server.lastFormat).toMatchObject({ width: 80, height: 46, codec: H264 });
    expect(isKeyframe('h264', server.lastFormat!.frames[0]!)).toBe(true);
    expect(server.faults).toEqual([]);
  });
});

describe('a device', () => {
  test('that takes nothing has frames dropped before they are encoded, and counted; adaptation follows it', async () => {
    const { told } = begin({ bitrate: '20M', resolution: '640x360', preset: 'ultrafast', adapt: 'on' });
    await until(() => server.capabilities === 1);
    server.start(H264);
    await streams(3);
    server.pause();
    await until(() => told.of('encode', 'full').length > 5);
    const dropped = new Set(told.of('encode', 'full'));
    for (const { frame } of told.allFrames) expect(dropped.has(frame)).toBe(false);
    await until(() => told.messages.some((text) => text.startsWith('adapted to ')));
    server.resume();
    await streams(5);
    expect(Number(told.actual!['bitrate'])).toBeLessThan(20e6);
    expect(decoded(server.lastFormat!, '640x360')).toHaveLength(server.lastFormat!.frames.length);
  });

  test('is opened again where the server reports an error, speaks garbage, or hangs up', async () => {
    const { told } = begin({});
    await until(() => server.capabilities === 1);
    server.start(H264);
    await streams(2);
    server.error('Wrong format');
    await until(() => server.connections === 2 && server.capabilities === 2);
    expect(told.messages).toContain('the SPICE server takes no more: Wrong format');
    server.raw(Buffer.from('GET / HTTP/1.1'));
    await until(() => server.connections === 3 && server.capabilities === 3);
    expect(told.messages.some((text) => text.includes("can't be read: version 71 of the protocol"))).toBe(true);
    server.hangUp();
    await until(() => server.connections === 4 && server.capabilities === 4);
    server.start(H264);
    await streams(3);
    expect(isKeyframe('h264', server.lastFormat!.frames[0]!)).toBe(true);
    expect(server.faults).toEqual([]);
  });
});

/** Gives its terminal to whoever opens it: what comes from its input stands there to be read. */
const SCRIPT = '/usr/bin/script';

test.skipIf(!existsSync(SCRIPT))(
  'A character device (a terminal) is read and written without ever blocking',
  async () => {
    const name = join(folder, 'name');
    const command = `stty raw -echo; tty > ${name}; exec sleep 100`;
    const terminal = spawn(SCRIPT, ['-qfec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      await until(() => existsSync(name) && readFileSync(name, 'utf8').endsWith('\n'));
      const { told } = begin({ bitrate: '8M' }, readFileSync(name, 'utf8').trim());
      await until(() => told.actual !== null);
      server.meet(Duplex.from({ readable: terminal.stdout, writable: terminal.stdin }));
      await until(() => server.capabilities === 1);
      server.start(H264);
      await streams(20);
      expect(decoded(server.lastFormat!)).toHaveLength(server.lastFormat!.frames.length);
      server.start();
      await until(() => told.messages.at(-1)!.includes('wants no stream'));
      expect(server.faults).toEqual([]);
      await guest!.command('stop', {});
    } finally {
      terminal.kill();
    }
    await until(() => terminal.exitCode !== null || terminal.signalCode !== null);
  },
);

/** The pictures that FFmpeg makes of a stream, one byte a pixel. */
function decoded({ codec, frames: data }: GuestFormat, size = `${SIZE.width}x${SIZE.height}`): Buffer[] {
  const [name, bytes] = codec === VP8 ? ['ivf', ivf(data)] : [codec === H264 ? 'h264' : 'mjpeg', Buffer.concat(data)];
  const args = [
    '-v',
    'error',
    '-f',
    name,
    '-i',
    '-',
    '-fps_mode',
    'passthrough',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'gray',
    '-',
  ];
  return split(spawnSync('ffmpeg', args, { input: bytes, maxBuffer: 1e9 }), size);
}

function split({ stdout, stderr }: { stdout: Buffer; stderr: Buffer }, size: string): Buffer[] {
  expect(stderr.toString()).toBe('');
  const [width, height] = size.split('x').map(Number) as [number, number];
  const bytes = width * height;
  return Array.from({ length: stdout.length / bytes }, (_, i) => stdout.subarray(i * bytes, (i + 1) * bytes));
}

let source: Buffer[] = [];

/** Mean difference of a picture and its source's, in steps of brightness. */
function difference(picture: Buffer, frame: number): number {
  if (frame >= source.length) {
    const args = ['-v', 'error', '-f', 'lavfi', '-i', SOURCE.slice('lavfi:'.length), '-frames:v', String(frame + 200)];
    const made = spawnSync('ffmpeg', [...args, '-f', 'rawvideo', '-pix_fmt', 'gray', '-'], { maxBuffer: 1e9 });
    source = split(made, `${SIZE.width}x${SIZE.height}`);
  }
  let sum = 0;
  for (let i = 0; i < picture.length; i++) sum += Math.abs(picture[i]! - source[frame]![i]!);
  return sum / picture.length;
}

/** A container that FFmpeg reads VP8 from. */
function ivf(data: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(32);
  header.write('DKIF');
  header.writeUInt16LE(32, 6);
  header.write('VP80', 8);
  header.writeUInt16LE(SIZE.width, 12);
  header.writeUInt16LE(SIZE.height, 14);
  header.writeUInt32LE(50, 16);
  header.writeUInt32LE(1, 20);
  const parts = data.flatMap((frame, i) => {
    const head = Buffer.alloc(12);
    head.writeUInt32LE(frame.length, 0);
    head.writeUInt32LE(i, 4);
    return [head, frame];
  });
  return Buffer.concat([header, ...parts]);
}
