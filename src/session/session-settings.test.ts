import { beforeAll, describe, expect, test } from 'vitest';
import type { EncoderInfo } from '#core/encoder';
import type { Settings } from '#core/settings';
import { discoverEncoders } from '#media/encoders';
import { DEFAULT_BITRATE, resolveSession, type ResolvedSession } from './session-settings.ts';

let encoders: readonly EncoderInfo[] = [];
beforeAll(async () => {
  encoders = await discoverEncoders({ only: ['libx264', 'libvpx'] });
});

function resolved(settings: Settings): ResolvedSession {
  const session = resolveSession(settings, encoders);
  if ('problems' in session) throw new Error(JSON.stringify(session.problems));
  return session;
}

function problems(settings: Settings): string[] {
  const session = resolveSession(settings, encoders);
  return 'problems' in session ? session.problems.map(({ setting, what }) => `${setting}: ${what}`) : [];
}

test('A source is all that must be said', () => {
  expect(resolved({ source: 'a.mp4' })).toEqual({
    source: { kind: 'file', path: 'a.mp4' },
    encoder: 'libx264',
    size: null,
    frameRate: null,
    bitrate: DEFAULT_BITRATE,
    gop: null,
    threads: null,
    transport: 'tcp',
    network: expect.objectContaining({ delayMs: 0, loss: 0, rate: [] }) as object,
    adapt: false,
    pixelFormat: null,
    options: {},
    warnings: [],
  });
});

describe('a source', () => {
  test.each([
    ['a.mp4', { kind: 'file', path: 'a.mp4' }],
    ['lavfi:testsrc2', { kind: 'lavfi', path: 'lavfi:testsrc2' }],
    ['x11::99', { kind: 'x11', device: ':99' }],
    ['x11::99+100,50', { kind: 'x11', device: ':99+100,50' }],
    ['x11:host:0.1', { kind: 'x11', device: 'host:0.1' }],
    ['v4l2:/dev/video0', { kind: 'v4l2', device: '/dev/video0' }],
    ['kms:/dev/dri/card0', { kind: 'kms', device: '/dev/dri/card0' }],
  ])('%s is understood', (source, expected) => {
    expect(resolved({ source }).source).toEqual(expected);
  });

  test('is the display where none is named, and only then', () => {
    expect(resolved({ display: ':7' }).source).toEqual({ kind: 'x11', device: ':7' });
    expect(resolved({ display: 7 }).source).toEqual({ kind: 'x11', device: ':7' });
    const named = resolved({ display: ':7', source: 'a.mp4' });
    expect(named.source).toEqual({ kind: 'file', path: 'a.mp4' });
    expect(named.warnings[0]).toContain(':7 is not captured');
    expect(resolved({ display: 'webgl', source: 'a.mp4' }).warnings).toEqual([]);
  });

  test.each([
    [{}, 'source: no source is named'],
    [{ source: '' }, 'source: no source is named'],
    [{ display: 'webgl' }, 'display: webgl is no X display, and no source is named'],
    [{ source: 'x11:screen' }, 'source: "screen" is no X display'],
    [{ source: 'v4l2:video0' }, 'source: "video0" is no device'],
    [{ source: 'lavfi:' }, 'source: the graph after lavfi: is empty'],
    [{ source: 'lavfi:movie=a.mp4' }, 'source: a generated source may not touch another file, as movie does'],
  ])('%j is refused', (settings, problem) => {
    expect(problems(settings)).toEqual([problem]);
  });
});

test('All that is wrong is told at once', () => {
  const settings = {
    source: 'a.mp4',
    engine: '/usr/bin/ffmpeg',
    frames: [0, 9],
    encoder: 'libx264',
    resolution: 'big',
    framerate: 0,
    bitrate: 'fast',
    transport: 'pigeon',
    network: 'delay=much',
    adapt: 'perhaps',
    pix_fmt: 'yuv999p',
    prest: 'fast',
  };
  const told = problems(settings);
  for (const name of Object.keys(settings).filter((each) => !['source', 'encoder'].includes(each)))
    expect(told.filter((problem) => problem.startsWith(`${name}: `))).toHaveLength(1);
  expect(told.join()).toContain('did you mean preset?');
});

test('A quality takes the place of the bitrate that nobody asked for, and adaptation needs one', () => {
  expect(resolved({ source: 'a.mp4', crf: 30 }).bitrate).toBeNull();
  expect(resolved({ source: 'a.mp4', crf: 30, bitrate: '1M' }).bitrate).toBe(1_000_000);
  expect(problems({ source: 'a.mp4', crf: 30, adapt: 'on' })[0]).toContain('adaptation steers the bitrate');
});

test('Loss is for a transport that may lose', () => {
  expect(problems({ source: 'a.mp4', network: 'loss=1%' })[0]).toMatch(/^network: /);
  expect(resolved({ source: 'a.mp4', network: 'loss=1%', transport: 'udp' }).network.loss).toBe(0.01);
});

test.each([
  [{ gop: 99_999_999_999 }, 'gop: 99999999999 is more than 2147483647'],
  [{ threads: 1e9 }, 'threads: 1000000000 is more than 1024'],
  [{ bitrate: '3G' }, 'bitrate: 3G is more than 2000000000'],
  [{ framerate: 0.000_001 }, 'framerate: 0.000001 frames a second are less than 0.1'],
  [{ framerate: 1_001 }, 'framerate: 1001 frames a second are more than 1000'],
  [{ resolution: '16386x16' }, 'resolution: 16386x16 lies outside 2x2 to 16384x16384'],
])('%j is beyond what a stream can have', (settings, problem) => {
  expect(problems({ source: 'a.mp4', ...settings })).toEqual([problem]);
});

test.each([
  { stats: '/etc/x' },
  { 'x264-params': 'ref=2:stats=/etc/x' },
  { 'x264-params': "st'at's=x" },
  { 'x264-params': 'sta\\ts=x' },
  { 'x264-params': 'pass=1' },
  { 'x264-params': 'dump_yuv=x' },
  { x264opts: 'qpfile=x' },
  { flags: 512 },
])('%j would touch a file of the guest, and is refused', (settings) => {
  expect(problems({ source: 'a.mp4', ...settings })[0]).toMatch(/file/);
});

test('A list of parameters without files is as good as ever', () => {
  const options = { 'x264-params': 'aq-mode=3:ref=4', flags: '+cgop' };
  expect(resolved({ source: 'a.mp4', ...options }).options).toEqual(options);
});

test.each([
  ['mo\\vie=a.mp4', 'movie'],
  ["testsrc2,metadata=print:'file'=/x", 'metadata'],
  ['testsrc2,drawtext=a.ttf::/etc/passwd', 'drawtext'],
  ['testsrc2,drawtext=textfile=/etc/passwd', 'textfile'],
  ['life=/etc/passwd', 'life'],
  ['life=s=64x64:filename=/etc/passwd', 'filename'],
])('lavfi:%s would touch a file by %s, and is refused', (graph, found) => {
  expect(problems({ source: `lavfi:${graph}` })[0]).toContain(`as ${found} does`);
});

test.each([
  'testsrc2=size=64x64:rate=30,drawtext=text=hello',
  'life=s=64x64',
  'color=red,noise=alls=20,format=yuv420p',
])('lavfi:%s is a source as ever', (graph) => {
  expect(resolved({ source: `lavfi:${graph}` }).source.kind).toBe('lavfi');
});
