import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Ladder, PlannedItem, TitlePlan } from '#core/title';
import { UserError } from '#core/user-error';
import { checkedSource, someEncoders, TICKS, type MadeUp } from '../../test/pipeline/planned.ts';
import { readLadder } from './ladder.ts';
import { BUILT_IN_LADDERS } from './ladders/built-in.ts';
import { planTitle } from './plan-title.ts';
import { renditionParameters } from './rung-parameters.ts';

const encoders = someEncoders();
const ladderOf = (rungs: Ladder['rungs'], more: Partial<Ladder> = {}): Ladder => ({
  version: 1,
  name: 'tried',
  gopS: 2,
  rungs,
  perTitle: null,
  audio: [],
  protection: 'none',
  ...more,
});
const plan = (made: MadeUp, ladder: Ladder, chunkS: number | null = null) =>
  planTitle({ checked: checkedSource(made), ladder, chunkS, encoders });
const sizes = ({ renditions }: TitlePlan) =>
  renditions.flatMap((each) => (each.kind === 'video' ? [`${each.codec} ${each.width}x${each.height}`] : []));
const x264 = (resolution: string) => ({ encoder: 'libx264', resolution, crf: 23 });
const av1 = (resolution: string) => ({ encoder: 'libsvtav1', resolution, crf: 35 });
const problemsOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error('nothing was wrong with it');
};

describe('chunks', () => {
  const anyTitle = fc.record({
    frames: fc.integer({ min: 1, max: 3000 }),
    rate: fc.constantFrom(10, 24, 30, 60),
    scenes: fc.uniqueArray(fc.nat(2999), { maxLength: 40 }),
    gopS: fc.constantFrom(0.5, 1, 2, 10),
    chunkS: fc.option(fc.double({ min: 0.5, max: 60, noNaN: true })),
    varying: fc.boolean(),
  });

  test('hold every frame of the source once, with a keyframe first and then every GOP; equal wishes give equal plans', () => {
    fc.assert(
      fc.property(anyTitle, ({ frames, rate, scenes, gopS, chunkS, varying }) => {
        const pts = Float64Array.from({ length: frames }, (_, k) =>
          Math.round((k * TICKS) / rate + (varying ? ((k * 7919) % 13) * 100 : 0)),
        );
        const made = { pts, rate: varying ? null : rate, scenes: scenes.toSorted((a, b) => a - b) };
        const ladder = ladderOf([x264('360p')], { gopS });
        const found = plan(made, ladder, chunkS);
        let next = 0;
        for (const [index, chunk] of found.chunks.entries()) {
          expect([chunk.index, chunk.first]).toEqual([index, next]);
          expect(chunk.last).toBeGreaterThanOrEqual(chunk.first);
          const planned = Math.ceil((chunk.last - chunk.first + 1) / found.gop);
          expect(chunk.keyframes).toEqual(Array.from({ length: planned }, (_, k) => chunk.first + k * found.gop));
          next = chunk.last + 1;
        }
        expect(next).toBe(frames);
        expect(JSON.stringify(plan(made, ladder, chunkS))).toBe(JSON.stringify(found));
      }),
      { numRuns: 100 },
    );
  });

  test('of a rate that varies are cut by time: half of the frames in a tenth of the time are one chunk of many', () => {
    const pts = Float64Array.from({ length: 2000 }, (_, k) => (k < 1000 ? 300 * k : 300_000 + (k - 1000) * 9000));
    const { chunks } = plan({ pts, rate: null }, ladderOf([x264('360p')], { gopS: 1 }), 10);
    const seconds = chunks.map(({ first, last }) => ((pts[last + 1] ?? pts[last]! + 9000) - pts[first]!) / TICKS);
    expect(Math.max(...seconds)).toBeLessThan(20.1);
    expect(Math.min(...seconds)).toBeGreaterThan(4.9);
  });

  test('of a raw stream, which numbers its frames and has no times, are those of a file with times', () => {
    const firsts = (made: MadeUp) =>
      plan({ ...made, frames: 7200 }, ladderOf([x264('360p')])).chunks.map(({ first }) => first);
    const numbered = Float64Array.from({ length: 7200 }, (_, frame) => frame);
    expect(firsts({ pts: numbered, video: { timeBase: { num: 1, den: 1_200_000 }, duration: 300 } })).toEqual(
      firsts({}),
    );
  });

  test('say how busy their pictures are', () => {
    const [first] = plan({ frames: 100 }, ladderOf([x264('360p')])).chunks;
    expect(first).toMatchObject({ spatial: 30, temporal: 3, sourceBytes: expect.any(Number) });
    expect(first!.sourceBytes).toBeGreaterThan(100_000);
  });
});

describe('items', () => {
  const order = (items: readonly PlannedItem[]) => new Map(items.map(({ key }, index) => [key, index]));

  test('stand behind what they need, each key once, and everything ends in one published package', async () => {
    for (const ladder of BUILT_IN_LADDERS) {
      const audio = [
        {
          index: 1,
          codec: 'aac',
          sampleRate: 48_000,
          channels: 6,
          layout: '5.1',
          language: 'eng',
          roles: [],
          duration: 30,
        },
      ];
      const others = [{ index: 2, type: 'subtitle', codec: 'subrip', language: null, roles: [] }];
      const found = plan({ audio, others }, await readLadder(ladder.name));
      const at = order(found.items);
      expect(at.size).toBe(found.items.length);
      for (const { key, needs } of found.items)
        for (const need of needs) expect(at.get(need)).toBeLessThan(at.get(key)!);
      const videos = found.renditions.filter(({ kind }) => kind === 'video');
      const count = (kind: string) => found.items.filter((item) => item.kind === kind).length;
      const made = found.items.flatMap(({ kind, chunk, renditions }) =>
        kind === 'encode' ? renditions.map((id) => `${chunk} ${id}`) : [],
      );
      const wanted = found.chunks.flatMap(({ index }) => videos.map(({ id }) => `${index} ${id}`));
      expect(made.toSorted()).toEqual(wanted.toSorted());
      expect(count('encode')).toBeGreaterThanOrEqual(Math.min(4, wanted.length));
      expect(count('assemble')).toBe(videos.length);
      expect(count('audio')).toBe(ladder.audio.length);
      expect([count('text'), count('thumbnails'), count('package'), count('publish')]).toEqual([1, 1, 1, 1]);
      const needed = new Set(found.items.flatMap(({ needs }) => needs));
      expect(found.items.map(({ key }) => key).filter((key) => !needed.has(key))).toEqual(['publish']);
      for (const { id } of videos)
        expect(found.items.find(({ key }) => key === `assemble/${id}`)!.needs).toHaveLength(found.chunks.length);
    }
  });

  test('have keys that sort as their chunks do', () => {
    const { items } = plan({ frames: 5000 }, ladderOf([x264('360p')]), 4);
    const keys = items.filter(({ kind }) => kind === 'encode').map(({ key }) => key);
    expect(keys[0]).toBe('encode/00000/v1-h264-360');
    expect(keys.length).toBeGreaterThan(20);
    expect(keys.toSorted()).toEqual(keys);
  });
});

describe('sizes', () => {
  test.each<[string, MadeUp['video'], string]>([
    ['an ordinary picture', {}, '1280x720'],
    ['a wide one keeps its shape', { width: 1920, height: 800 }, '1280x534'],
    ['an upright one turns the box', { width: 1080, height: 1920 }, '720x1280'],
    ['a phone lay on its side', { rotation: 90 }, '720x1280'],
    ['a phone stood on its head', { rotation: 180 }, '1280x720'],
    ['samples that are not square', { width: 720, height: 576, sampleAspectRatio: { num: 64, den: 45 } }, '1024x576'],
    [
      'samples that are higher than wide',
      { width: 1440, height: 720, sampleAspectRatio: { num: 1, den: 2 } },
      '1440x1440',
    ],
  ])('%s', (_, video, size) => {
    const resolution = video?.sampleAspectRatio?.den === 45 ? '576p' : video?.sampleAspectRatio ? '1440x1440' : '720p';
    expect(sizes(plan({ video: video! }, ladderOf([x264(resolution)])))).toEqual([`h264 ${size}`]);
  });

  test('rungs larger than the source are left out and named', () => {
    const found = plan({ video: { width: 1280, height: 720 } }, ladderOf([x264('360p'), x264('720p'), x264('1080p')]));
    expect(sizes(found)).toEqual(['h264 640x360', 'h264 1280x720']);
    expect(found.notes.join()).toContain('rung 3 (libx264 1080p) is left out: it is larger than the source');
  });

  test('where every rung of a codec is larger, its smallest is encoded at the size of the source', () => {
    const found = plan({ video: { width: 320, height: 240 } }, ladderOf([x264('360p'), x264('720p'), av1('1080p')]));
    expect(sizes(found)).toEqual(['h264 320x240', 'av1 320x240']);
  });

  test('a source that lacks a few lines still fills its rung', () => {
    expect(sizes(plan({ video: { width: 1916, height: 1076 } }, ladderOf([x264('1080p')])))).toEqual([
      'h264 1916x1076',
    ]);
  });
});

describe('pixels', () => {
  const sdr = { range: 'tv', primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', dynamicRange: 'SDR' };
  const hdr = {
    pixelFormat: 'yuv420p10le',
    bitDepth: 10,
    color: { range: 'tv', primaries: 'bt2020', transfer: 'smpte2084', matrix: 'bt2020nc', dynamicRange: 'HDR10' },
  };

  test('high dynamic range is kept by codecs whose players show it, and H.264 is left out by name', () => {
    const found = plan({ video: hdr }, ladderOf([x264('720p'), av1('720p')]));
    expect(sizes(found)).toEqual(['av1 1280x720']);
    expect(found.renditions[0]).toMatchObject({ settings: { pix_fmt: 'yuv420p10le' } });
    expect(found.notes.join('\n')).toMatch(/rung 1 .* is left out: players of h264 show no HDR10/);
    expect(found.notes.join('\n')).toMatch(/the source has no metadata of the mastering display/);
  });

  test('what HDR10 says of its mastering display and its light is carried, and said', () => {
    const masteringDisplay = {
      red: [0.68, 0.32],
      green: [0.265, 0.69],
      blue: [0.15, 0.06],
      white: [0.3127, 0.329],
      luminance: [0.005, 1000],
    } as const;
    const video = { ...hdr, masteringDisplay, contentLight: { maxCll: 1000, maxFall: 400 } };
    const found = plan({ video }, ladderOf([av1('720p')]));
    expect(found.renditions[0]).toMatchObject({
      settings: { 'svtav1-params': expect.stringMatching(/mastering-display=G\(0\.26500.*content-light=1000,400/) },
    });
    expect(found.notes).toContain(
      'high dynamic range (HDR10) is kept, in ten bits, with its colours and mastering display (0.005 to 1000 cd/m²) and ' +
        'content light (1000, mean 400 cd/m²)',
    );
    expect(plan({ video: { ...video, color: sdr } }, ladderOf([av1('720p')])).notes.join()).toMatch(/is left out/);
  });

  test('a ladder of H.264 alone refuses it', () => {
    expect(problemsOf(() => plan({ video: hdr }, ladderOf([x264('720p')])))).toMatch(/no rung of the ladder fits/);
  });

  test('an encoder that has eight bits only is left out of it', () => {
    const eight = someEncoders({ libsvtav1: { pixelFormats: ['yuv420p'] } });
    const work = () =>
      planTitle({
        checked: checkedSource({ video: hdr }),
        ladder: ladderOf([av1('720p')]),
        chunkS: null,
        encoders: eight,
      });
    expect(problemsOf(work)).toMatch(/libsvtav1 takes no pictures of ten bits/);
  });

  test('an encoder whose pictures lie in a device chooses their format itself', () => {
    const device = someEncoders({ h264_odd: { pixelFormats: ['vaapi'], hardware: true } });
    const ladder = ladderOf([{ encoder: 'h264_odd', resolution: '720p' }]);
    const { renditions } = planTitle({ checked: checkedSource(), ladder, chunkS: null, encoders: device });
    expect(renditions[0]).not.toHaveProperty('settings.pix_fmt');
  });

  test('ten bits of an ordinary picture become eight for H.264, and say so', () => {
    const found = plan({ video: { pixelFormat: 'yuv422p10le', bitDepth: 10 } }, ladderOf([x264('720p'), av1('720p')]));
    expect(found.renditions.map((each) => each.kind === 'video' && each.settings['pix_fmt'])).toEqual([
      'yuv420p',
      'yuv420p10le',
    ]);
    expect(found.notes).toEqual([
      'colours of yuv422p10le become 4:2:0',
      'rung 1 (libx264 720p): 10 bits become 8',
      'the source has no audio',
    ]);
  });
});

test('the sound that a source plays by default comes first; roles that players are not told of are named', () => {
  const stream = { codec: 'aac', sampleRate: 48_000, layout: 'stereo', duration: 30, channels: 2 };
  const found = plan(
    {
      audio: [
        { ...stream, index: 1, language: 'fra', roles: ['comment'] },
        { ...stream, index: 2, language: 'deu', roles: ['default', 'original'] },
      ],
      others: [{ index: 3, type: 'subtitle', codec: 'subrip', language: 'deu', roles: ['forced'] }],
    },
    ladderOf([x264('720p')], { audio: [{ codec: 'aac', bitrate: 128_000, channels: 2, loudness: null }] }),
  );
  const beside = found.renditions.flatMap((each) =>
    each.kind === 'video' ? [] : [[each.id, each.stream, each.language]],
  );
  expect(beside).toEqual([
    ['a1-aac-128', 2, 'deu'],
    ['a2-aac-128', 1, 'fra'],
    ['t1', 3, 'deu'],
  ]);
  expect(found.notes).toEqual([
    'audio stream 1: that it is comment is not told to players',
    'subtitle stream 3: that it is forced is not told to players',
  ]);
});

test('audio has one rendition for each stream and rung; subtitles that are pictures are named', () => {
  const stream = { codec: 'ac3', sampleRate: 48_000, layout: null, duration: 30, roles: [] };
  const found = plan(
    {
      audio: [
        { ...stream, index: 1, channels: 6, language: 'deu' },
        { ...stream, index: 2, channels: 1, language: 'eng' },
      ],
      others: [
        { index: 3, type: 'subtitle', codec: 'ass', language: null, roles: [] },
        { index: 4, type: 'subtitle', codec: 'hdmv_pgs_subtitle', language: null, roles: [] },
        { index: 5, type: 'data', codec: 'bin_data', language: null, roles: [] },
      ],
    },
    ladderOf([x264('720p')], {
      audio: [
        { codec: 'aac', bitrate: 128_000, channels: 2, loudness: -23 },
        { codec: 'opus', bitrate: 96_000, channels: 2, loudness: null },
      ],
    }),
  );
  const beside = found.renditions.filter(({ kind }) => kind !== 'video');
  expect(
    beside.map((each) => [
      each.id,
      each.kind === 'audio' ? `${each.stream} ${each.channels} ${each.language}` : each.kind,
    ]),
  ).toEqual([
    ['a1-aac-128', '1 2 deu'],
    ['a2-opus-96', '1 2 deu'],
    ['a3-aac-128', '2 1 eng'],
    ['a4-opus-96', '2 1 eng'],
    ['t1', 'text'],
  ]);
  expect(found.notes).toEqual([
    'audio stream 1: 6 channels become 2 in aac',
    'audio stream 1: 6 channels become 2 in opus',
    "subtitle stream 4 (hdmv_pgs_subtitle) is left out: it can't become WebVTT",
    'stream 5 (data, bin_data) is left out',
  ]);
});

test.each<[string, Ladder['rungs'][number], RegExp]>([
  ['no encoder', { resolution: '720p' }, /no encoder is named/],
  ['a misspelt one', { encoder: 'libx246', resolution: '720p' }, /did you mean libx264/],
  ['a codec that is not carried', { encoder: 'libvpx' }, /libvpx makes vp8, which CMAF does not carry/],
  ['an unknown parameter', { encoder: 'libx264', prest: 'fast' }, /no parameter prest: did you mean preset/],
  ['a cap without a buffer', { encoder: 'libx264', maxrate: '1M' }, /there is no bufsize/],
  ['a buffer without a cap', { encoder: 'libx264', bufsize: '1M' }, /caps nothing/],
  ['a GOP of its own', { encoder: 'libx264', gop: 100 }, /gop is no setting of a rung/],
  ['keyframes of its own', { encoder: 'libx264', keyint_min: 3 }, /keyint_min belongs to the plan/],
  [
    'keyframes in a list',
    { encoder: 'libx264', 'x264-params': 'aq-mode=2:scenecut=40' },
    /scenecut in x264-params belongs/,
  ],
  ['two passes at a quality', { encoder: 'libx264', crf: 23, passes: 2 }, /two passes need a bitrate/],
  ['two passes of SVT-AV1', { encoder: 'libsvtav1', bitrate: '1M', passes: 2 }, /libsvtav1 has no two passes/],
  ['two passes of VP9', { encoder: 'libvpx-vp9', bitrate: '1M', passes: 2 }, /bundled engine can't .* two passes/],
  ['three passes', { encoder: 'libx264', bitrate: '1M', passes: 3 }, /3 passes/],
  ['a size that is none', { encoder: 'libx264', resolution: 'large' }, /"large" is no box/],
])('a rung with %s is refused, and says which rung', (_, rung, message) => {
  const text = problemsOf(() => plan({}, ladderOf([x264('360p'), rung])));
  expect(text).toMatch(message);
  expect(text).toContain('ladder tried: rung 2');
});

test('everything that is wrong is told at once', () => {
  const text = problemsOf(() => plan({}, ladderOf([{ encoder: 'libx246' }, { encoder: 'libx264', prest: 1 }])));
  expect(text.split('\n').filter((line) => line.startsWith('ladder tried'))).toHaveLength(2);
});

test('settings of a rendition hold its keyframes, and its own lists keep what was in them', () => {
  const rung = {
    encoder: 'libx264',
    resolution: '720p',
    crf: 23,
    maxrate: '2M',
    bufsize: '4M',
    'x264-params': 'aq-mode=3',
  };
  const found = plan({ video: { frameRate: { num: 30_000, den: 1001 } } }, ladderOf([rung]));
  expect(found.gop).toBe(60);
  const [rendition] = found.renditions;
  expect(rendition).toMatchObject({ passes: 1, maxBitrate: 2_000_000, bufferBits: 4_000_000 });
  if (rendition?.kind !== 'video') throw new Error('it is no video');
  const parameters = renditionParameters(found, rendition, checkedSource().info, encoders, 1);
  expect(parameters).toMatchObject({ width: 1280, height: 720, gop: 60, threads: 1, frames: null, sourceStream: 0 });
  expect(parameters.options).toMatchObject({
    keyint_min: '60',
    sc_threshold: '0',
    'x264-params': 'aq-mode=3:stitchable=1:open-gop=0:vbv-init=0.5',
  });
});

test('an encoder whose ways are not known is noted', () => {
  const found = plan({}, ladderOf([{ encoder: 'h264_odd', resolution: '720p' }]));
  expect(found.notes.join()).toContain('h264_odd is not known to keep its keyframes in place');
});
