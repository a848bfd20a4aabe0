import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runChild, startChild } from '#system/child-process';
import { ownModuleArgs } from '#system/own-module';
import { findVmafEngine, type QualityJob } from './measure-quality.ts';
import { CLIP, TIMING, ffmpeg, headerOf, measured } from '../../../test/quality/clips.ts';
import { plainXpsnr } from '../../../test/quality/plain-filters.ts';

const folder = mkdtempSync(join(tmpdir(), 'encodelab-quality-'));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Lossless, so that what it shows is known. */
const LOSSLESS = ['-c:v', 'ffv1'];
const LOSSY = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '32'];
const VP8 = ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '500k'];
const FRAMES = 40;
const source = at('source.mkv');
const output = at('output.mkv');

beforeAll(async () => {
  // Real pictures that move, small, with a cut in them.
  const part = ['-ss', '10.8', '-i', CLIP, '-frames:v', String(FRAMES), '-an', '-vf', 'scale=426:240'];
  await ffmpeg(...part, ...LOSSLESS, source);
  await ffmpeg('-i', source, ...LOSSY, output);
});

describe('agreement', () => {
  test("every frame's PSNR and SSIM are those of the ffmpeg command", async () => {
    const stats = ['psnr', 'ssim'].map((name) => at(`${name}.log`));
    const graph = `[0:v][1:v]psnr=stats_file=${stats[0]};[0:v][1:v]ssim=stats_file=${stats[1]}`;
    // Its vectorised ssim reads beyond the end of lines where their length is no multiple of 16 (mended in later versions).
    await ffmpeg('-cpuflags', '0', '-i', output, '-i', source, '-lavfi', graph, '-f', 'null', '-');
    const ours = await measured({ source, output });
    const columns = {
      psnr: 'psnr_avg',
      'psnr.y': 'psnr_y',
      'psnr.u': 'psnr_u',
      'psnr.v': 'psnr_v',
      ssim: 'All',
      'ssim.y': 'Y',
      'ssim.u': 'U',
      'ssim.v': 'V',
    };
    for (const [column, key] of Object.entries(columns)) {
      const theirs = numbersOf(readFileSync(stats[column.startsWith('psnr') ? 0 : 1]!, 'utf8'), key);
      const rounding = column.startsWith('psnr') ? 0.005001 : 0.0000011;
      expect(theirs).toHaveLength(FRAMES);
      theirs.forEach((value, i) => expect(Math.abs(ours.value[column]![i]! - value)).toBeLessThanOrEqual(rounding));
    }
    expect(ours.frame['psnr']).toEqual(Array.from({ length: FRAMES }, (_, i) => i));
    expect(ours.sourceFrame['psnr']).toEqual(ours.frame['psnr']);
  });

  test.each([
    ['8 bits', 'yuv420p', 'scale=426:240', 24],
    ['a rate above 32, where changes are weighed by second differences', 'yuv420p', 'scale=426:240', 50],
    ['10 bits', 'yuv420p10le', 'scale=448:240', 24],
    ['4:2:2', 'yuv422p', 'scale=426:240', 24],
    ['4:4:4 at a high rate', 'yuv444p', 'scale=426:240', 60],
    ['more than 640x480, where weights are not smoothed', 'yuv420p', 'scale=704:576', 24],
    ['more than HD, where blocks are seen at half their size', 'yuv420p', 'scale=2064:1160', 24],
    ['an odd size', 'yuv420p', 'scale=323:241', 24],
  ])("every frame's XPSNR is that of FFmpeg's filter: %s", async (_what, format, scale, rate) => {
    const [reference, encoded] = [at('xpsnr-source.mkv'), at('xpsnr-output.mkv')];
    const frames = scale.includes('2064') ? 2 : 10;
    const pictures = ['-frames:v', String(frames), '-pix_fmt', format, '-r', String(rate), ...LOSSLESS];
    await ffmpeg('-r', String(rate), '-i', source, '-vf', scale, ...pictures, reference);
    await ffmpeg('-i', reference, '-vf', 'avgblur=3', ...pictures, encoded);
    const theirs = plainXpsnr(reference, encoded, rate);
    const timing = { ...TIMING, frameRate: { num: rate, den: 1 }, sourceRate: { num: rate, den: 1 } };
    const ours = await measured({ source: reference, output: encoded, metrics: ['xpsnr'], timing });
    for (const plane of ['y', 'u', 'v'] as const) {
      expect(theirs[plane]).toHaveLength(frames);
      theirs[plane].forEach((value, i) =>
        expect(Math.abs(ours.value[`xpsnr.${plane}`]![i]! - value), `frame ${i} ${plane}`).toBeLessThanOrEqual(5e-6),
      );
    }
  });

  test('XPSNR of 10 bits is that of the same pictures at 8 bits, where lines have gaps in memory, too', async () => {
    const [deepSource, deepOutput] = [at('deep-source.mkv'), at('deep-output.mkv')];
    const deep = ['-frames:v', '6', '-pix_fmt', 'yuv420p10le', ...LOSSLESS];
    await ffmpeg('-i', source, ...deep, deepSource);
    await ffmpeg('-i', output, ...deep, deepOutput);
    const timing = { ...TIMING, frames: [0, 5] as const };
    const [eight, ten] = [
      await measured({ source, output, metrics: ['xpsnr'], timing }),
      await measured({ source: deepSource, output: deepOutput, metrics: ['xpsnr'], timing }),
    ];
    for (const column of ['xpsnr.y', 'xpsnr.u', 'xpsnr.v'])
      ten.value[column]!.forEach((value, i) => expect(Math.abs(value - eight.value[column]![i]!)).toBeLessThan(0.2));
  });

  test('a smaller output is compared at the size of the source, scaled as ffmpeg does', async () => {
    const [small, log] = [at('small.mkv'), at('small.log')];
    await ffmpeg('-i', source, '-vf', 'scale=212:120', ...LOSSY, small);
    const graph = `[0:v]scale=426:240:flags=bicubic[a];[a][1:v]psnr=stats_file=${log}`;
    await ffmpeg('-i', small, '-i', source, '-lavfi', graph, '-f', 'null', '-');
    const ours = await measured({ source, output: small, metrics: ['psnr'] });
    expect(headerOf(ours).match).toMatchObject({ width: 426, height: 240, compared: FRAMES });
    numbersOf(readFileSync(log, 'utf8'), 'psnr_avg').forEach((value, i) =>
      expect(Math.abs(ours.value['psnr']![i]! - value)).toBeLessThan(0.05),
    );
  });
});

describe('matching', () => {
  test('frames that an encoder lost are named, and shift nothing behind them', async () => {
    const lossy = at('lossy-dropped.mkv');
    const select = "select='not(between(n,5,6)+eq(n,20))'";
    await ffmpeg('-i', output, '-vf', select, '-vsync', 'vfr', ...LOSSLESS, lossy);
    const whole = await measured({ source, output, metrics: ['psnr'] });
    const ours = await measured({ source, output: lossy, metrics: ['psnr'] });
    const lost = [5, 6, 20];
    const { match } = headerOf(ours);
    expect(match.compared).toBe(FRAMES - 3);
    expect(match.missing).toEqual({ count: 3, first: lost });
    expect(match.dropped).toEqual({ count: 3, first: lost });
    expect(match.surplus.count).toBe(0);
    const kept = Array.from({ length: FRAMES }, (_, i) => i).filter((i) => !lost.includes(i));
    expect(ours.sourceFrame['psnr']).toEqual(kept);
    expect(ours.frame['psnr']).toEqual(kept.map((_, i) => i));
    expect(ours.value['psnr']).toEqual(kept.map((i) => whole.value['psnr']![i]));
  });

  test('a halved rate drops every second source frame, and says so', async () => {
    const halved = at('halved.mkv');
    await ffmpeg('-i', source, '-vf', "select='not(mod(n,2))'", '-r', '12', ...LOSSLESS, halved);
    const timing = { ...TIMING, frameRate: { num: 12, den: 1 }, timeBase: { num: 1, den: 12 } };
    const ours = await measured({ source, output: halved, metrics: ['psnr'], timing });
    const { match } = headerOf(ours);
    expect(match).toMatchObject({ compared: 20, missing: { count: 0 }, doubled: { count: 0 }, surplus: { count: 0 } });
    expect(match.dropped.first).toEqual(Array.from({ length: 20 }, (_, i) => 2 * i + 1));
    expect(ours.value['psnr']!.every((value) => value === Infinity)).toBe(true);
  });

  test('a doubled rate shows every source frame twice, and says so', async () => {
    const doubled = at('doubled.mkv');
    await ffmpeg('-i', source, '-vf', 'fps=48', ...LOSSLESS, doubled);
    const timing = { ...TIMING, frameRate: { num: 48, den: 1 }, timeBase: { num: 1, den: 48 } };
    const ours = await measured({ source, output: doubled, metrics: ['psnr'], timing });
    const { match } = headerOf(ours);
    expect(match).toMatchObject({ compared: 80, dropped: { count: 0 }, doubled: { count: 40 }, missing: { count: 0 } });
    expect(ours.sourceFrame['psnr']).toEqual(Array.from({ length: 80 }, (_, i) => i >> 1));
    expect(ours.value['psnr']!.every((value) => value === Infinity)).toBe(true);
  });

  test('variable times are kept: a pause and a lost frame shift nothing', async () => {
    const [variable, lost] = [at('variable.mkv'), at('variable-lost.mkv')];
    const times = "setpts='if(lt(N,10),N,if(lt(N,20),N*2-10,N+30))/(24*TB)'";
    await ffmpeg('-i', source, '-vf', times, '-vsync', 'passthrough', ...LOSSLESS, variable);
    await ffmpeg('-i', variable, '-vf', "select='not(eq(n,15))'", '-vsync', 'passthrough', ...LOSSLESS, lost);
    const timing = { ...TIMING, variableFrameRate: true, sourceRate: null, timeBase: { num: 1, den: 1000 } };
    const ours = await measured({ source: variable, output: lost, metrics: ['psnr'], timing });
    expect(headerOf(ours).match).toMatchObject({
      compared: 39,
      missing: { count: 1, first: [15] },
      surplus: { count: 0 },
    });
    expect(ours.value['psnr']!.every((value) => value === Infinity)).toBe(true);
  });

  test('a part of the source is compared with an encode of that part', async () => {
    const part = at('part.mkv');
    await ffmpeg('-i', source, '-vf', "select='between(n,7,18)',setpts=PTS-STARTPTS", ...LOSSLESS, part);
    const timing = { ...TIMING, frames: [7, 18] as const };
    const ours = await measured({ source, output: part, metrics: ['psnr'], timing });
    expect(headerOf(ours).match).toMatchObject({ compared: 12, dropped: { count: 0 }, missing: { count: 0 } });
    expect(ours.sourceFrame['psnr']).toEqual(Array.from({ length: 12 }, (_, i) => i + 7));
    expect(ours.value['psnr']!.every((value) => value === Infinity)).toBe(true);
  });

  test.each([
    ['mp4', LOSSY],
    ['h264', LOSSY],
    ['ts', [...LOSSY, '-bf', '2']],
    ['avi', LOSSY],
    ['webm', [...VP8, '-vf', 'scale=160:90']],
    ['ivf', [...VP8, '-vf', 'scale=160:90']],
  ])('every frame of a .%s finds its own', async (ending, encode) => {
    const other = at(`container.${ending}`);
    await ffmpeg('-i', source, ...encode, other);
    const ours = await measured({ source, output: other, metrics: ['psnr'] });
    expect(headerOf(ours).match).toMatchObject({
      compared: FRAMES,
      dropped: { count: 0 },
      missing: { count: 0 },
      surplus: { count: 0 },
    });
    expect(Math.min(...ours.value['psnr']!)).toBeGreaterThan(20);
  });

  test('frames behind the end of the source are surplus', async () => {
    const timing = { ...TIMING, frames: [0, 29] as const };
    const { match } = headerOf(await measured({ source, output, metrics: ['psnr'], timing }));
    expect(match).toMatchObject({
      compared: 30,
      surplus: { count: 10, first: [30, 31, 32, 33, 34, 35, 36, 37, 38, 39] },
    });
  });
});

describe('pictures of all kinds', () => {
  test.each([
    ['yuv420p10le', 'yuv420p10le'],
    ['yuv422p', 'yuv422p'],
    ['yuv444p', 'yuv444p'],
    ['gray', 'gray'],
    ['bgr0', 'yuv444p'],
    ['yuva420p', 'yuv420p'],
  ])('a source in %s is compared with a 4:2:0 output of 8 bits in %s', async (format, compared) => {
    const other = at(`source-${format}.mkv`);
    await ffmpeg('-i', source, '-frames:v', '4', '-pix_fmt', format, ...LOSSLESS, other);
    const ours = await measured({ source: other, output });
    expect(headerOf(ours).match).toMatchObject({ pixelFormat: compared, compared: 4, surplus: { count: FRAMES - 4 } });
    for (const column of ['psnr', 'xpsnr']) expect(Math.min(...ours.value[column]!)).toBeGreaterThan(25);
    expect('psnr.u' in ours.value).toBe(format !== 'gray');
  });

  test.each([
    ['yuv420p', 'yuv420p10le'],
    ['yuv420p10le', 'yuv420p'],
  ])('the same pictures in %s and %s have no difference', async (one, other) => {
    const [a, b] = [at('deep-a.mkv'), at('deep-b.mkv')];
    const pictures = ['-i', source, '-frames:v', '4', '-vf', 'format=yuv420p'];
    for (const [path, format] of [
      [a, one],
      [b, other],
    ] as const)
      await ffmpeg(...pictures, '-pix_fmt', format, ...LOSSLESS, path);
    const ours = await measured({ source: a, output: b });
    expect(headerOf(ours).match.pixelFormat).toBe('yuv420p10le');
    for (const column of ['psnr', 'xpsnr'])
      expect(ours.value[column]).toEqual([Infinity, Infinity, Infinity, Infinity]);
  });

  test('a full range source and a limited range output are compared by what they show', async () => {
    const full = at('full.mkv');
    const limited = at('limited.mkv');
    await ffmpeg(
      '-i',
      source,
      '-frames:v',
      '4',
      '-vf',
      'scale=out_range=full',
      '-color_range',
      'pc',
      ...LOSSLESS,
      full,
    );
    await ffmpeg(
      '-i',
      source,
      '-frames:v',
      '4',
      '-vf',
      'scale=out_range=limited',
      '-color_range',
      'tv',
      ...LOSSLESS,
      limited,
    );
    const ours = await measured({ source: full, output: limited, metrics: ['psnr'] });
    expect(Math.min(...ours.value['psnr']!)).toBeGreaterThan(45);
  });

  test('an odd size is compared with what was encoded at an even one', async () => {
    const odd = at('odd.mkv');
    await ffmpeg('-i', source, '-frames:v', '4', '-vf', 'scale=323:241', '-pix_fmt', 'yuv420p', ...LOSSLESS, odd);
    const even = at('even.mkv');
    await ffmpeg('-i', odd, '-vf', 'scale=322:240', ...LOSSY, even);
    const { match } = headerOf(await measured({ source: odd, output: even }));
    expect(match).toMatchObject({ width: 323, height: 241, compared: 4 });
  });

  test('a source that is to be turned is compared as it lies', async () => {
    const turned = at('turned.mp4');
    await ffmpeg('-i', output, '-c', 'copy', '-metadata:s:v:0', 'rotate=90', turned);
    const ours = await measured({ source: turned, output, metrics: ['psnr'] });
    expect(headerOf(ours).match).toMatchObject({ width: 426, height: 240, compared: FRAMES });
    expect(ours.value['psnr']!.every((value) => value === Infinity)).toBe(true);
    const upright = at('upright.mkv');
    await ffmpeg('-i', turned, '-frames:v', '2', ...LOSSY, upright);
    const { result } = await measured({ source: turned, output: upright, metrics: ['psnr'] });
    const reason = 'the output was turned: its pictures are 240x426, and those of the source 426x240';
    expect(result).toEqual({ ok: false, reason });
  });

  test('a full range JPEG kind of picture is the same as itself', async () => {
    const [jpeg, copy] = [at('jpeg.mkv'), at('jpeg-copy.mkv')];
    await ffmpeg('-i', source, '-frames:v', '3', '-pix_fmt', 'yuvj420p', '-c:v', 'mjpeg', jpeg);
    await ffmpeg('-i', jpeg, '-pix_fmt', 'yuvj420p', '-c:v', 'libx264', '-qp', '0', copy);
    const ours = await measured({ source: jpeg, output: copy });
    expect(ours.value['psnr']).toEqual([Infinity, Infinity, Infinity]);
    expect(ours.value['xpsnr']).toEqual([Infinity, Infinity, Infinity]);
  });
});

test('the worst frames are kept as pictures of both sides, apart from each other, in true colours', async () => {
  const bad = at('bad.mkv');
  const blur = "avgblur=9:enable='between(n,8,10)',avgblur=20:enable='eq(n,30)'";
  await ffmpeg('-i', source, '-vf', blur, ...LOSSLESS, bad);
  const { pictures } = headerOf(await measured({ source, output: bad, pictures: { folder, count: 3 } }));
  expect(pictures.map(({ frame }) => frame)).toEqual([30, expect.toBeOneOf([8, 9, 10])]);
  expect(pictures[0]).toMatchObject({
    sourceFrame: 30,
    metric: 'xpsnr',
    source: 'pictures/30-source.png',
    output: 'pictures/30-output.png',
  });
  const [theirs, log] = [at('frame-30.png'), at('png.log')];
  const exact = ['-sws_flags', 'bicubic+accurate_rnd+full_chroma_int'];
  await ffmpeg('-i', source, '-vf', "select='eq(n,30)'", '-frames:v', '1', ...exact, theirs);
  const graph = `[0:v]format=gbrp[a];[1:v]format=gbrp[b];[a][b]psnr=stats_file=${log}`;
  await ffmpeg('-i', theirs, '-i', at('pictures/30-source.png'), '-lavfi', graph, '-f', 'null', '-');
  expect(numbersOf(readFileSync(log, 'utf8'), 'psnr_avg')[0]).toBeGreaterThan(40);
  expect(existsSync(at('pictures/30-output.png'))).toBe(true);
});

describe('failures have a reason, and never hang', () => {
  const reasonOf = async (job: Partial<QualityJob>, options = {}) => {
    const { result } = await measured({ source, output, ...job }, options);
    return result.ok ? 'ok' : result.reason;
  };

  test('files that are gone, empty or no video', async () => {
    writeFileSync(at('empty.mkv'), '');
    writeFileSync(at('text.mkv'), 'no video at all\n'.repeat(100));
    await ffmpeg('-f', 'lavfi', '-i', 'sine=duration=0.5', at('sound.mkv'));
    await ffmpeg('-i', source, '-frames:v', '0', ...LOSSY, at('none.mkv')).catch(() => undefined);
    expect(await reasonOf({ source: at('gone.mkv') })).toMatch(/source can't be opened: .*ENOENT/);
    expect(await reasonOf({ output: at('gone.mkv') })).toMatch(/output can't be opened: .*ENOENT/);
    expect(await reasonOf({ output: at('empty.mkv') })).toMatch(/^the output can't be opened/);
    expect(await reasonOf({ output: at('text.mkv') })).toBe("the output can't be opened: no known container");
    expect(await reasonOf({ output: at('sound.mkv') })).toBe('the output has no video stream');
    expect(await reasonOf({ timing: { ...TIMING, frames: [100, 110] } })).toMatch(/source ended behind frame 39/);
    expect(await reasonOf({ output: at('none.mkv') })).toMatch(
      /^the output (can't be opened|holds no frames|has no video)/,
    );
  });

  test('an output that is cut in the middle: what is there is scored, what is missing is counted', async () => {
    const cut = at('cut.mkv');
    copyFileSync(output, cut);
    truncateSync(cut, Math.floor(statSync(output).size / 2));
    const ours = await measured({ source, output: cut, metrics: ['psnr'] });
    const { match } = headerOf(ours);
    expect(match.compared).toBeGreaterThan(5);
    expect(match.compared).toBeLessThan(FRAMES);
    expect(match.compared + match.missing.count).toBe(FRAMES);
    expect(ours.value['psnr']).toHaveLength(match.compared);
  });

  test('damage in the middle costs some frames and shifts none', async () => {
    const bytes = readFileSync(output);
    const middle = bytes.length >> 1;
    for (let i = 0; i < 600; i++) bytes[middle + i] = (i * 7919) & 255;
    writeFileSync(at('damaged.mkv'), bytes);
    const ours = await measured({ source, output: at('damaged.mkv'), metrics: ['psnr'] });
    const { match } = headerOf(ours);
    expect(match.compared + match.missing.count).toBe(FRAMES);
    expect(ours.value['psnr']!.at(-1)).toBeDefined();
  });

  test('what takes too long is stopped, and so is what is told to stop', async () => {
    const endless = { source: 'lavfi:testsrc2=size=64x64:rate=24', metrics: ['psnr'] as const };
    expect(await reasonOf(endless, { timeoutMs: 900 })).toBe('it took longer than 0.9 s');
    expect(await reasonOf(endless, { signal: AbortSignal.timeout(300) })).toBe('it was told to stop');
    expect(await reasonOf({}, { maxRssBytes: 30e6 })).toBe('it takes more than 30 MB of memory');
  });
});

test('rows come in batches under the name of the stream, and progress is told', async () => {
  const ours = await measured({ source, output }, { stream: 'left' });
  expect(new Set(ours.batches.map(({ stream }) => stream))).toEqual(new Set(['left']));
  // Fewer than rows: three of each frame.
  expect(ours.batches.length).toBeLessThan(3 * FRAMES);
  expect(ours.progress.length).toBeGreaterThan(0);
  expect(headerOf(ours).scores).toEqual(
    ['psnr', 'ssim', 'xpsnr'].map((metric) => ({
      metric,
      model: null,
      implementation: expect.stringMatching(/^(psnr|ssim) of FFmpeg \d|^xpsnr of encodelab/) as string,
      frames: FRAMES,
    })),
  );
});

test('memory does not grow with the length of the clip', async () => {
  const graph = 'testsrc2=size=640x360:rate=24';
  const clip = at('long.mkv');
  await ffmpeg('-f', 'lavfi', '-i', `${graph}:duration=9`, ...LOSSY, clip);
  const peaks: number[] = [];
  for (const last of [35, 215])
    peaks.push(await peakOf({ source: `lavfi:${graph}`, output: clip, timing: { ...TIMING, frames: [0, last] } }));
  // 180 more pairs of pictures are 124 MB.
  expect(peaks[1]! - peaks[0]!).toBeLessThan(50e6);
});

const vmafFfmpeg = process.env['ENCODELAB_TEST_FFMPEG'] ?? '';
const without = vmafFfmpeg === '' ? ' (skipped: ENCODELAB_TEST_FFMPEG names no ffmpeg with libvmaf)' : '';
test.skipIf(vmafFfmpeg === '')(`every frame's VMAF is that of ffmpeg's own filter${without}`, async () => {
  const log = at('vmaf.json');
  const graph = `[0:v]setpts=N[a];[1:v]setpts=N[b];[a][b]libvmaf=log_fmt=json:log_path=${log}`;
  const args = ['-v', 'error', '-i', output, '-i', source, '-lavfi', graph, '-f', 'null', '-'];
  expect(await runChild(vmafFfmpeg, args)).toMatchObject({ code: 0 });
  const theirs = (JSON.parse(readFileSync(log, 'utf8')) as { frames: { metrics: { vmaf: number } }[] }).frames;
  const found = await findVmafEngine(['/nowhere/ffmpeg', vmafFfmpeg]);
  expect(found).toMatchObject({ ffmpeg: vmafFfmpeg });
  const vmaf = { ffmpeg: vmafFfmpeg, model: null };
  const ours = await measured({ source, output, metrics: ['ssim', 'vmaf'], vmaf });
  expect(ours.value['vmaf']).toHaveLength(FRAMES);
  theirs.forEach(({ metrics }, i) => expect(ours.value['vmaf']![i]).toBeCloseTo(metrics.vmaf, 4));
  expect(headerOf(ours).scores[1]).toMatchObject({ metric: 'vmaf', model: 'vmaf_v0.6.1', frames: FRAMES });
  expect(headerOf(ours).scores[1]!.implementation).toMatch(/^libvmaf \d.* in ffmpeg \d/);
  const wrong = await measured({ source, output, metrics: ['vmaf'], vmaf: { ffmpeg: vmafFfmpeg, model: 'vmaf_v99' } });
  expect(wrong.result).toMatchObject({ ok: false, reason: expect.stringMatching(/^vmaf: /) as string });
  const others = await measured({
    source,
    output,
    metrics: ['ssim', 'vmaf'],
    vmaf: { ffmpeg: vmafFfmpeg, model: 'vmaf_v99' },
  });
  expect(headerOf(others).scores.map(({ metric }) => metric)).toEqual(['ssim']);
});

test('where no executable has libvmaf, each says why', async () => {
  expect(await findVmafEngine(['/nowhere/ffmpeg', '/bin/true'])).toEqual({
    reason: expect.stringMatching(
      /^\/nowhere\/ffmpeg can't be started: .*, \/bin\/true has no filter libvmaf$/,
    ) as string,
  });
});

/** Values of `key:` in a statistics file of ffmpeg, one a line. */
function numbersOf(log: string, key: string): number[] {
  return [...log.matchAll(new RegExp(`\\b${key}:(\\S+)`, 'g'))].map(([, value]) => Number(value));
}

/** Peak resident memory of the measuring child, bytes. */
async function peakOf(job: Pick<QualityJob, 'source' | 'output' | 'timing'>): Promise<number> {
  const whole: QualityJob = { metrics: ['psnr', 'ssim', 'xpsnr'], vmaf: null, pictures: { folder, count: 2 }, ...job };
  const child = startChild(process.execPath, ownModuleArgs(import.meta.url, './quality-child'), {
    input: `${JSON.stringify(whole)}\n`,
    channel: true,
  });
  child.channel?.resume();
  let peak = 0;
  const watch = setInterval(() => {
    const status = existsSync(`/proc/${child.pid}/status`) ? readFileSync(`/proc/${child.pid}/status`, 'utf8') : '';
    peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024);
  }, 20);
  expect(await child.result).toMatchObject({ code: 0 });
  clearInterval(watch);
  expect(peak).toBeGreaterThan(50e6);
  return peak;
}
