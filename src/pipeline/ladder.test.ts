import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { UserError } from '#core/user-error';
import { engineOf } from '#media/engine';
import { checkedSource, someEncoders } from '../../test/pipeline/planned.ts';
import { LADDER_NAMES, readLadder } from './ladder.ts';
import { LADDER_KEYS, parseLadder } from './ladders/parse-ladder.ts';
import { planTitle } from './plan-title.ts';

const EXAMPLES = fileURLToPath(new URL('../../examples/ladders/', import.meta.url));
const DOCS = fileURLToPath(new URL('../../docs/ladders.md', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ladder-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const messageOf = async (work: () => unknown): Promise<string> => {
  try {
    await work();
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error('nothing was wrong with it');
};

test('a ladder has its rungs, with what all of them share, and everything else that it says', () => {
  const text = `
name: three
gop: 1.5s
protection: cbcs
settings: {encoder: libx264, preset: fast}
rungs:
  - {resolution: 360p, crf: 24, maxrate: 800k, bufsize: 1.6M}
  - {resolution: 1280x720, bitrate: 2M, passes: 2}
  - {encoder: libsvtav1, preset: 8, resolution: source, crf: 35, engine: ./bin/ffmpeg}
audio:
  - {codec: aac, bitrate: 192k, channels: 6, loudness: -23}
  - {codec: opus}
`;
  expect(parseLadder(text, '/ladders/file.yaml')).toEqual({
    version: 1,
    name: 'three',
    gopS: 1.5,
    rungs: [
      { encoder: 'libx264', preset: 'fast', resolution: '360p', crf: 24, maxrate: '800k', bufsize: '1.6M' },
      { encoder: 'libx264', preset: 'fast', resolution: '1280x720', bitrate: '2M', passes: 2 },
      { encoder: 'libsvtav1', preset: 8, resolution: 'source', crf: 35, engine: '/ladders/bin/ffmpeg' },
    ],
    perTitle: null,
    audio: [
      { codec: 'aac', bitrate: 192_000, channels: 6, loudness: -23 },
      { codec: 'opus', bitrate: 96_000, channels: 2, loudness: null },
    ],
    protection: 'cbcs',
  });
});

test('what is left out has a default', () => {
  expect(parseLadder('rungs: [{encoder: libx264}]', '/ladders/mine.yaml')).toEqual({
    version: 1,
    name: 'mine',
    gopS: 2,
    rungs: [{ encoder: 'libx264' }],
    perTitle: null,
    audio: [{ codec: 'aac', bitrate: 128_000, channels: 2, loudness: null }],
    protection: 'none',
  });
});

test('a ladder may be found for each title', () => {
  const text = `
settings: {preset: fast}
per_title: {encoders: [{encoder: libx264}], heights: [720, 360], rungs: 3, bitrate: [300k, 4M]}
audio: []
`;
  const { rungs, perTitle, audio } = parseLadder(text, '/ladders/found.yaml');
  expect([rungs, audio]).toEqual([[], []]);
  expect(perTitle).toEqual({
    metric: 'xpsnr',
    encoders: [{ encoder: 'libx264', preset: 'fast' }],
    heights: [360, 720],
    rungs: 3,
    bitrate: [300_000, 4_000_000],
  });
});

test.each<[string, string, ...string[]]>([
  ['nothing', '', '1:1: the file is empty', 'a ladder needs at least rungs'],
  ['a list', '- a', '1:1: a ladder is a mapping of keys, not a list', 'begin with keys: name, gop'],
  ['no rungs', 'name: a', '1:1: the ladder has no rungs'],
  ['an empty list of rungs', 'name: a\nrungs: []', '2:1: the ladder has no rungs'],
  ['a misspelt key', 'rung: [{encoder: libx264}]', "1:1: unknown key 'rung'", "did you mean 'rungs'?"],
  ['rungs that are no list', 'rungs: {encoder: libx264}', '1:8: rungs is a list'],
  ['a rung that is a word', 'rungs: [libx264]', '1:9: a rung is a mapping of settings'],
  ['a rung without an encoder', 'rungs:\n  - {crf: 20}', '2:5: the rung names no encoder'],
  [
    'a list of values',
    'rungs: [{encoder: libx264, crf: [20, 30]}]',
    '1:33: crf must be a single value',
    'second rung for another crf',
  ],
  [
    'a GOP in a rung',
    'rungs: [{encoder: libx264, gop: 48}]',
    "1:28: 'gop' is no setting of a rung",
    'write gop: 2s beside rungs',
  ],
  [
    'threads in a rung',
    'rungs: [{encoder: libx264, threads: 4}]',
    "1:28: 'threads' is no setting of a rung",
    'gives threads',
  ],
  ['a GOP without sense', 'gop: 90s\nrungs: [{encoder: libx264}]', '1:6: gop must be a duration from 500ms to 10s'],
  [
    'an unknown protection',
    'protection: cenk\nrungs: [{encoder: libx264}]',
    '1:13: protection must be',
    "did you mean 'cenc'?",
  ],
  [
    'an unknown codec',
    'audio: [{codec: mp3}]\nrungs: [{encoder: libx264}]',
    "1:17: codec must be aac or opus, not 'mp3'",
  ],
  [
    'an unknown key of audio',
    'audio: [{kodec: aac}]\nrungs: [{encoder: libx264}]',
    "unknown key of an audio rung 'kodec'",
    'codec',
  ],
  ['a bitrate of nothing', 'audio: [{bitrate: 1}]\nrungs: [{encoder: libx264}]', '1:19: bitrate is a number from 8000'],
  [
    'loudness above zero',
    'audio: [{loudness: 3}]\nrungs: [{encoder: libx264}]',
    '1:20: loudness is a number from -70 to -5',
  ],
  ['audio that is a word', 'audio: aac\nrungs: [{encoder: libx264}]', '1:8: audio is a list'],
  [
    'rungs found and fixed',
    'rungs: [{encoder: a}]\nper_title: {encoders: [{encoder: a}]}',
    '2:1: rungs are found for each title, or fixed',
  ],
  ['no encoder to probe', 'per_title: {rungs: 3}', '1:1: per_title needs a list of encoders'],
  [
    'a found setting that is given',
    'per_title: {encoders: [{encoder: a, crf: 3}]}',
    '1:24: crf is found for each title',
  ],
  [
    'rates in the wrong order',
    'per_title: {encoders: [{encoder: a}], bitrate: [4M, 1M]}',
    '1:48: bitrate is the lowest and the highest',
  ],
  ['heights that are words', 'per_title: {encoders: [{encoder: a}], heights: [high]}', '1:48: heights is a list'],
  ['a key twice', 'name: a\nname: b\nrungs: [{encoder: a}]', "2:1: 'name' is there twice, first in line 1"],
])('%s in a ladder is told with its place', async (_, text, ...parts) => {
  const message = await messageOf(() => parseLadder(text, '/ladders/bad.yaml'));
  for (const part of parts) expect(message).toContain(part);
  expect(message).toContain('/ladders/bad.yaml:');
});

test('all mistakes of a file are told at once', async () => {
  const message = await messageOf(() => parseLadder('gop: 99s\nrungs: [{crf: 3}]\nnames: a', '/ladders/bad.yaml'));
  expect(message.match(/bad\.yaml:\d+:\d+/g)).toHaveLength(3);
});

test('what a plan finds wrong with a rung of a file has its place in the file', async () => {
  const ladder = parseLadder('rungs:\n  - encoder: libx264\n    prest: fast\n', '/ladders/bad.yaml');
  const message = await messageOf(() =>
    planTitle({ checked: checkedSource(), ladder, chunkS: null, encoders: someEncoders() }),
  );
  expect(message).toContain('/ladders/bad.yaml:3:12: rung 1 (libx264): libx264 has no parameter prest');
});

test('a ladder is read by its name or from a file, and anything else is refused with what is near', async () => {
  const file = join(folder, 'own.yaml');
  writeFileSync(file, 'rungs: [{encoder: libx264}]');
  expect((await readLadder(file)).name).toBe('own');
  expect((await readLadder('web')).rungs).toHaveLength(4);
  expect(await messageOf(() => readLadder('wep'))).toMatch(/there is no ladder wep: did you mean web\?/);
  expect(await messageOf(() => readLadder(join(folder, 'none.yaml')))).toContain('no such file');
  expect(await messageOf(() => readLadder(folder))).toContain('a folder is no ladder');
});

test('ladders that come along plan an ordinary source without a word of complaint, with real encoders', async () => {
  const only = ['libx264', 'libvpx-vp9', 'libsvtav1'];
  const encoders = await engineOf('bundled').discover({ only, cacheFolder: folder });
  const audio = [
    {
      index: 1,
      codec: 'aac',
      sampleRate: 48_000,
      channels: 2,
      layout: 'stereo',
      language: null,
      roles: [],
      duration: 30,
    },
  ];
  for (const name of LADDER_NAMES) {
    const ladder = await readLadder(name);
    const plan = planTitle({ checked: checkedSource({ audio }), ladder, chunkS: null, encoders });
    expect([name, plan.notes]).toEqual([name, []]);
    expect(plan.renditions).toHaveLength(ladder.rungs.length + ladder.audio.length);
    for (const rendition of plan.renditions)
      if (rendition.kind === 'video' && rendition.codec === 'h264') expect(rendition.bufferBits).not.toBeNull();
  }
});

test('every example can be read, and the page tells of every key', async () => {
  const examples = readdirSync(EXAMPLES).filter((name) => name.endsWith('.yaml'));
  expect(examples.length).toBeGreaterThanOrEqual(3);
  for (const name of examples) await readLadder(join(EXAMPLES, name));
  const page = readFileSync(DOCS, 'utf8');
  for (const key of LADDER_KEYS) expect(page).toContain(`\`${key}\``);
  for (const name of LADDER_NAMES) expect(page).toContain(`\`${name}\``);
});
