import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CheckedSource } from '#core/source-check';
import type { ItemKind, Rendition, TitlePlan } from '#core/title';
import { inspectSource } from '#media/inspect';
import type { ItemContext } from '../item-work.ts';
import { TitleFolder } from '../title-folder.ts';
import { audioItem } from './audio.ts';
import { textItem } from './text.ts';
import { thumbnailsItem } from './thumbnails.ts';

const root = mkdtempSync(join(tmpdir(), 'items-'));
const source = join(root, 'source.mkv');
const folder = new TitleFolder(join(root, 'title'));
afterAll(() => rmSync(root, { recursive: true }));

const FRAMES = 75;
const RENDITIONS: readonly Rendition[] = [
  {
    kind: 'audio',
    id: 'a1-aac',
    codec: 'aac',
    bitrate: 96_000,
    channels: 2,
    loudness: -23,
    stream: 1,
    language: 'eng',
  },
  {
    kind: 'audio',
    id: 'a2-opus',
    codec: 'opus',
    bitrate: 64_000,
    channels: 1,
    loudness: null,
    stream: 1,
    language: 'eng',
  },
  { kind: 'text', id: 't1', stream: 2, language: 'eng' },
];
let checked: CheckedSource;

beforeAll(async () => {
  writeFileSync(join(root, 'a.srt'), '1\n00:00:01,400 --> 00:00:02,000\nHello\n');
  const args = [
    '-v',
    'error',
    '-y',
    '-itsoffset',
    '0.4',
    '-f',
    'lavfi',
    '-i',
    'testsrc2=size=160x90:rate=25:duration=3',
  ];
  const sound = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=44100:duration=3', '-i', join(root, 'a.srt')];
  const codecs = [
    '-map',
    '0',
    '-map',
    '1',
    '-map',
    '2',
    '-c:v',
    'libx264',
    '-bf',
    '0',
    '-g',
    '25',
    '-c:a',
    'flac',
    '-c:s',
    'srt',
  ];
  execFileSync('ffmpeg', [...args, ...sound, ...codecs, source]);
  const info = await inspectSource(source);
  const column = new Float32Array(FRAMES).fill(1);
  checked = {
    version: 1,
    info,
    findings: [],
    scenes: [0],
    frames: {
      pts: Float64Array.from({ length: FRAMES }, (_, i) => 400 + i * 40),
      duration: new Float64Array(FRAMES).fill(40),
      key: Uint8Array.from({ length: FRAMES }, (_, i) => (i % 25 === 0 ? 1 : 0)),
      bytes: new Uint32Array(FRAMES),
      spatial: column,
      temporal: column,
      histogram: column,
    },
  };
});

function context(kind: ItemKind, renditions: readonly string[]): ItemContext {
  const { hash, video } = checked.info;
  const plan: TitlePlan = {
    version: 1,
    source: {
      hash,
      stream: video.index,
      frames: FRAMES,
      timeBase: video.timeBase,
      frameRate: video.frameRate,
      duration: video.duration,
    },
    ladder: { version: 1, name: 'test', gopS: 1, rungs: [], perTitle: null, audio: [], protection: 'none' },
    gop: 25,
    chunks: [],
    renditions: RENDITIONS,
    items: [],
    notes: [],
  };
  // What these items take of it.
  const given: Partial<ItemContext> = {
    folder,
    source,
    checked,
    plan,
    item: { key: `${kind}/${renditions.join()}`, kind, needs: [], chunk: null, renditions, costS: null },
    signal: new AbortController().signal,
  };
  return given as ItemContext;
}

const unfinished = () => readdirSync(join(folder.path, 'work'));

test('each audio rendition is a whole track, kept by its hash, the same however often it is made', async () => {
  await folder.make();
  const [first, again, other] = [
    await audioItem(context('audio', ['a1-aac'])),
    await audioItem(context('audio', ['a1-aac'])),
    await audioItem(context('audio', ['a2-opus'])),
  ];
  expect(first.outputs).toEqual(again.outputs);
  expect(first.outputs).toMatchObject([{ rendition: 'a1-aac', frames: 3 * 48_000, run: null }]);
  expect(first.outputs[0]!.file).toMatch(/\.mp4$/);
  expect(first.facts).toMatchObject({
    codec: 'aac',
    target: -23,
    reached: true,
    // The video begins 0.4 s into the source, and the sound ends 0.4 s before it.
    placement: { cutBefore: 0.4 * 48_000, silenceBehind: 0.4 * 48_000 },
  });
  expect(first.cpuS).toBeGreaterThan(0);
  expect(first.checkCpuS).toBeGreaterThan(0);
  expect(other.outputs).toMatchObject([{ rendition: 'a2-opus', frames: 3 * 48_000 }]);
  expect(unfinished()).toEqual([]);
});

test('subtitles count from the first frame of the video', async () => {
  const { outputs, facts } = await textItem(context('text', ['t1']));
  expect(facts).toEqual({ cues: 1, packets: 1 });
  expect(readFileSync(folder.pathOf(outputs[0]!), 'utf8')).toBe('WEBVTT\n\n00:00:01.000 --> 00:00:01.600\nHello\n');
});

test('thumbnails are an index, sheets and a poster, each with its name for publishing', async () => {
  const { outputs, facts } = await thumbnailsItem(context('thumbnails', []));
  expect(outputs.map(({ rendition }) => rendition)).toEqual(['thumbnails', 'thumbnails', 'poster']);
  expect(facts).toMatchObject({ pictures: 3, names: ['thumbnails.vtt', 'thumbnails-1.jpg', 'poster.jpg'] });
  for (const output of outputs) expect(existsSync(folder.pathOf(output))).toBe(true);
  const vtt = readFileSync(folder.pathOf(outputs[0]!), 'utf8');
  expect(vtt).toContain('00:00:02.000 --> 00:00:03.000\nthumbnails-1.jpg#xywh=320,0,160,90\n');
});

test('what an item was not made for leaves nothing behind', async () => {
  await expect(audioItem(context('audio', ['t1']))).rejects.toThrow(/names no sound/);
  await expect(textItem(context('text', ['a1-aac']))).rejects.toThrow(/names no subtitles/);
  const stopped = { ...context('thumbnails', []), signal: AbortSignal.abort(new Error('enough')) };
  await expect(thumbnailsItem(stopped)).rejects.toThrow('enough');
  expect(unfinished()).toEqual([]);
});
