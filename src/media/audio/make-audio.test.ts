import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { UserError } from '#core/user-error';
import { BUNNY } from '../../../test/cli/run-cli.ts';
import type { AudioJob } from './audio-job.ts';
import { makeAudio } from './make-audio.ts';

const RATE = 48_000;
const folder = mkdtempSync(join(tmpdir(), 'make-audio-'));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

/** A short click at each half second but the first: 2 ms of a tone. */
const CLICKS = (rate: number, channels = 1) =>
  `aevalsrc='${Array(channels).fill('0.8*sin(2*PI*1500*t)*gte(t,0.4)*lt(mod(t,0.5),0.002)').join('|')}':sample_rate=${rate}`;
const VIDEO = ['-f', 'lavfi', '-i', 'testsrc2=size=64x36:rate=25:duration=3'];

function make(name: string, ...args: readonly string[]): string {
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...args, at(name)]);
  return at(name);
}

async function made(source: string, job: Partial<AudioJob> = {}) {
  const output = at(
    `${createHash('sha256')
      .update(source + JSON.stringify(job))
      .digest('hex')
      .slice(0, 8)}.mp4`,
  );
  const all = {
    source,
    stream: 1,
    output,
    codec: 'aac',
    bitrate: 96_000,
    channels: 2,
    loudness: null,
    startS: 0,
    samples: 3 * RATE,
    ...job,
  } as const;
  return { ...(await makeAudio(all)), output };
}

/** Samples of a file by the other FFmpeg, first channel. */
function heard(path: string): Float32Array {
  const bytes = execFileSync('ffmpeg', ['-v', 'error', '-i', path, '-af', 'pan=mono|c0=c0', '-f', 'f32le', '-'], {
    maxBuffer: 1 << 28,
  });
  return new Float32Array(new Uint8Array(bytes).buffer);
}

/** Where clicks begin, milliseconds: the first loud sample after 100 ms of quiet. */
function clicks(samples: Float32Array): number[] {
  const found: number[] = [];
  let quietSince = 0;
  samples.forEach((value, index) => {
    if (Math.abs(value) < 0.25) return;
    if (index - quietSince > RATE / 10) found.push((index * 1000) / RATE);
    quietSince = index;
  });
  return found;
}

function expectClicks(path: string, wantedMs: readonly number[]): void {
  const found = clicks(heard(path));
  expect(found).toHaveLength(wantedMs.length);
  // A click is loud a tenth of a millisecond behind its beginning.
  found.forEach((ms, index) => expect(Math.abs(ms - 0.1 - wantedMs[index]!)).toBeLessThan(1));
}

const EVERY_HALF = [500, 1000, 1500, 2000, 2500];

test.each([
  ['opus', 'flac', 48_000, 'mkv', 2],
  ['aac', 'aac', 44_100, 'mp4', 2],
  ['opus', 'aac', 44_100, 'mp4', 1],
  ['opus', 'libmp3lame', 44_100, 'mp4', 2],
  ['aac', 'libopus', 48_000, 'mkv', 2],
  ['aac', 'ac3', 48_000, 'ts', 2],
  ['aac', 'pcm_s16le', 8_000, 'avi', 1],
] as const)('clicks stay where they are: %s out of %s at %i Hz in %s', async (codec, from, rate, ending, channels) => {
  const source = make(
    `${codec}-${from}-${rate}.${ending}`,
    ...VIDEO,
    '-f',
    'lavfi',
    '-i',
    CLICKS(rate, channels),
    '-t',
    '3',
    '-c:v',
    'mpeg2video',
    '-c:a',
    from,
  );
  const startS = ending === 'ts' ? firstVideoTime(source) : 0;
  const { facts, output } = await made(source, { codec, startS });
  expect(facts).toMatchObject({ codec, channels, samples: 3 * RATE, sampleRate: RATE, badPackets: 0, mixedFrom: null });
  expect(facts.placement).toMatchObject({ gaps: 0, overlaps: 0, stretched: 0 });
  expectClicks(output, EVERY_HALF);
});

function firstVideoTime(path: string): number {
  const args = ['-v', 'error', '-select_streams', 'v', '-show_entries', 'stream=start_time', path];
  return Number(/start_time=([\d.]+)/.exec(execFileSync('ffprobe', args, { encoding: 'utf8' }))![1]);
}

/** Integrated loudness as the other FFmpeg measures it, LUFS. */
function loudnessOf(path: string): number {
  const args = ['-hide_banner', '-nostats', '-i', path, '-af', 'ebur128', '-f', 'null', '-'];
  const { stderr } = spawnSync('ffmpeg', args, { encoding: 'utf8' });
  return Number([...stderr.matchAll(/I:\s+(-?[\d.]+) LUFS/g)].at(-1)![1]);
}

test('sound that begins later than the video is padded, and sound that begins earlier is cut, to the sample', async () => {
  const pcm = ['-c:v', 'mpeg2video', '-c:a', 'pcm_s16le'];
  const later = make('later.mov', ...VIDEO, '-itsoffset', '0.7', '-f', 'lavfi', '-i', CLICKS(RATE), '-t', '3', ...pcm);
  const padded = await made(later);
  expect(padded.facts.placement).toMatchObject({ silenceBefore: 0.7 * RATE, cutBefore: 0 });
  expectClicks(padded.output, [1200, 1700, 2200, 2700]);
  const earlier = make(
    'earlier.mov',
    '-itsoffset',
    '0.7',
    ...VIDEO,
    '-f',
    'lavfi',
    '-i',
    CLICKS(RATE),
    '-t',
    '4',
    ...pcm,
  );
  const cut = await made(earlier, { startS: 0.7 });
  expect(cut.facts.placement).toMatchObject({ silenceBefore: 0, cutBefore: 0.7 * RATE });
  expectClicks(cut.output, [300, 800, 1300, 1800, 2300, 2800]);
});

test('sound that is shorter or longer than the video becomes as long', async () => {
  const source = make(
    'long.mov',
    ...VIDEO,
    '-f',
    'lavfi',
    '-i',
    CLICKS(RATE),
    '-t',
    '2',
    '-c:v',
    'mpeg2video',
    '-c:a',
    'pcm_s16le',
  );
  const longer = await made(source, { samples: 3 * RATE + 7 });
  expect(longer.facts).toMatchObject({ samples: 3 * RATE + 7, placement: { silenceBehind: RATE + 7, cutBehind: 0 } });
  const shorter = await made(source, { samples: RATE + 1, codec: 'opus' });
  expect(shorter.facts).toMatchObject({ samples: RATE + 1, placement: { silenceBehind: 0, cutBehind: RATE - 1 } });
});

test('a hole in the timestamps is silent, and what follows stays in its place', async () => {
  const whole = make(
    'whole.mkv',
    ...VIDEO,
    '-f',
    'lavfi',
    '-i',
    CLICKS(RATE),
    '-t',
    '3',
    '-c:v',
    'mpeg2video',
    '-c:a',
    'flac',
    '-frame_size',
    '480',
  );
  const holed = make('holed.mkv', '-i', whole, '-c', 'copy', '-bsf:a', 'noise=drop=gt(pts\\,1200)*lt(pts\\,1700)');
  const { facts, output } = await made(holed);
  expect(facts.placement.gaps).toBe(1);
  expect(Math.abs(facts.placement.gapSamples - RATE / 2)).toBeLessThanOrEqual(960);
  expectClicks(output, [500, 1000, 2000, 2500]);
});

test('one timestamp that comes late is no hole', async () => {
  const whole = make(
    'steady.mkv',
    ...VIDEO,
    '-f',
    'lavfi',
    '-i',
    CLICKS(RATE),
    '-t',
    '3',
    '-c:v',
    'mpeg2video',
    '-c:a',
    'flac',
  );
  const late = make('late.mkv', '-i', whole, '-c', 'copy', '-bsf:a', 'setts=ts=PTS+30*eq(N\\,9)');
  const { facts, output } = await made(late);
  expect(facts.placement).toMatchObject({ gaps: 0, overlaps: 0 });
  expectClicks(output, EVERY_HALF);
});

test('a source whose clock runs wrong by two thousandths is stretched, without holes', async () => {
  const whole = make(
    'clock.mkv',
    ...VIDEO,
    '-f',
    'lavfi',
    '-i',
    CLICKS(RATE),
    '-t',
    '3',
    '-c:v',
    'mpeg2video',
    '-c:a',
    'flac',
    '-frame_size',
    '480',
  );
  const slow = make('slow.mkv', '-i', whole, '-c', 'copy', '-bsf:a', 'setts=ts=PTS*1.002');
  const { facts, output } = await made(slow);
  expect(facts.placement).toMatchObject({ gaps: 0, overlaps: 0 });
  expect(facts.placement.stretched).toBeGreaterThan(0.001 * 3 * RATE);
  const found = clicks(heard(output));
  EVERY_HALF.forEach((ms, index) => expect(Math.abs(found[index]! - ms * 1.002)).toBeLessThan(3));
});

test('loudness is measured as the other FFmpeg does, and one gain brings it to its target', async () => {
  const tone = "aevalsrc='0.05*sin(2*PI*997*t)*(1+0.5*sin(t*3))|0.03*sin(2*PI*440*t)':sample_rate=44100";
  const source = make('tone.mkv', ...VIDEO, '-f', 'lavfi', '-i', tone, '-t', '3', '-c:v', 'mpeg2video', '-c:a', 'flac');
  const { facts, output } = await made(source, { loudness: -16, codec: 'opus', bitrate: 128_000 });
  expect(facts).toMatchObject({ target: -16, reached: true });
  expect(facts.before.integrated!).toBeCloseTo(loudnessOf(source), 1);
  expect(Math.abs(facts.after.integrated! + 16)).toBeLessThan(0.2);
  expect(Math.abs(loudnessOf(output) + 16)).toBeLessThan(0.3);
  expect(facts.gain).toBeCloseTo(-16 - facts.before.integrated!, 6);
});

test('peaks forbid more, and it is told', async () => {
  const source = make(
    'peaks.mkv',
    ...VIDEO,
    '-f',
    'lavfi',
    '-i',
    CLICKS(RATE),
    '-t',
    '3',
    '-c:v',
    'mpeg2video',
    '-c:a',
    'flac',
  );
  const { facts } = await made(source, { loudness: -10, bitrate: 192_000 });
  expect(facts.reached).toBe(false);
  expect(facts.gain).toBeCloseTo(-1 - facts.before.truePeak!, 6);
  expect(facts.after.integrated!).toBeLessThan(-12);
});

test('silence has no loudness and stays silent', async () => {
  const source = make(
    'silent.mkv',
    ...VIDEO,
    '-f',
    'lavfi',
    '-i',
    'anullsrc=sample_rate=32000:channel_layout=mono',
    '-t',
    '3',
    '-c:v',
    'mpeg2video',
    '-c:a',
    'flac',
  );
  const { facts, output } = await made(source, { loudness: -23 });
  expect(facts).toMatchObject({ gain: 0, reached: false, before: { integrated: null, truePeak: null }, channels: 1 });
  expect(heard(output).every((value) => value === 0)).toBe(true);
});

test('the demo clip, 5.1: mixed down to stereo, kept, and always the same bytes', async () => {
  const stereo = await made(BUNNY, { samples: 6 * RATE, loudness: -23 });
  expect(stereo.facts).toMatchObject({
    channels: 2,
    layout: 'stereo',
    mixedFrom: '5.1',
    samples: 6 * RATE,
    priming: 1024,
  });
  const hash = () => createHash('sha256').update(readFileSync(stereo.output)).digest('hex');
  const before = hash();
  await made(BUNNY, { samples: 6 * RATE, loudness: -23 });
  expect(hash()).toBe(before);
  const surround = await made(BUNNY, { samples: 6 * RATE, channels: 8, codec: 'opus', bitrate: 256_000 });
  expect(surround.facts).toMatchObject({ channels: 6, layout: '5.1', mixedFrom: null, gain: 0, priming: 312 });
});

test('a source that changes from stereo to mono and another rate goes on in its place', async () => {
  const part = (name: string, rate: number, channels: number) =>
    make(
      name,
      ...VIDEO,
      '-f',
      'lavfi',
      '-i',
      CLICKS(rate, channels),
      '-t',
      '1.5',
      '-c:v',
      'mpeg2video',
      '-c:a',
      'mp2',
      '-muxdelay',
      '0',
    );
  writeFileSync(
    at('both.ts'),
    Buffer.concat([readFileSync(part('one.ts', 48_000, 2)), readFileSync(part('two.ts', 32_000, 1))]),
  );
  const joined = at('both.ts');
  const { facts } = await made(joined, { startS: firstVideoTime(joined), samples: 2 * RATE });
  expect(facts).toMatchObject({ channels: 2, samples: 2 * RATE });
});

test('what can not be made is said in words, and stopping stops', async () => {
  const source = make('plain.mkv', ...VIDEO, '-c:v', 'mpeg2video');
  await expect(made(source, { stream: 0 })).rejects.toThrow(UserError);
  await expect(made(source, { stream: 7 })).rejects.toThrow(/no stream of sound 7/);
  await expect(made(BUNNY, { output: at('missing/out.mp4') })).rejects.toThrow(/can't be written/);
  await expect(made(BUNNY, { output: '/dev/full' })).rejects.toThrow(/can't be written/);
  const stop = new AbortController();
  stop.abort(new Error('enough'));
  const job: AudioJob = {
    source: BUNNY,
    stream: 1,
    output: at('x.mp4'),
    codec: 'aac',
    bitrate: 96_000,
    channels: 2,
    loudness: null,
    startS: 0,
    samples: RATE,
  };
  await expect(makeAudio(job, { signal: stop.signal })).rejects.toThrow('enough');
});
