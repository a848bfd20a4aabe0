import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { UserError } from '#core/user-error';
import { readText } from './read-text.ts';
import { webvttFile } from './webvtt-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'read-text-'));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

const SRT = `\ufeff1
00:00:00,500 --> 00:00:01,250
<i>First</i> & last

2
00:00:01,000 --> 00:00:02,000
a --> b
{\\an8}two lines

3
00:00:02,100 --> 00:00:02,900
<font color="red">Größe</font> 日本

4
00:00:04,500 --> 00:00:06,000
cut at the end
`;
const ASS = `[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Arial,20,&H00FFFFFF,&H00FFFFFF,&H00000000,&H00000000,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\an8\\b1}Up{\\b0}, there\\Nnow
`;
const VIDEO = ['-f', 'lavfi', '-i', 'testsrc2=size=64x36:rate=25:duration=5'];

function make(name: string, ...args: readonly string[]): string {
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...args, at(name)]);
  return at(name);
}
const withText = (name: string, text: string, codec: string, ...before: readonly string[]) =>
  make(name, ...before, ...VIDEO, '-i', at(text), '-map', '0:v', '-map', '1:s', '-c:v', 'mpeg4', '-c:s', codec);
const read = async (source: string, startS = 0) => readText({ source, stream: 1, startS, durationS: 5 });

beforeAll(() => {
  writeFileSync(at('a.srt'), SRT);
  writeFileSync(at('a.ass'), ASS);
});

test.each([
  ['subrip.mkv', 'srt', true],
  ['movtext.mp4', 'mov_text', false],
  ['webvtt.mkv', 'webvtt', false],
] as const)('%s: cues come at their times, whole and escaped', async (name, codec, placed) => {
  const { cues } = await read(withText(name, 'a.srt', codec));
  const text = cues.map((cue) => cue.text);
  expect(text).toEqual(['<i>First</i> &amp; last', 'a --&gt; b\ntwo lines', 'Größe 日本', 'cut at the end']);
  expect(cues.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
    // Timed text of MP4 can't overlap.
    [500, codec === 'mov_text' ? 1000 : 1250],
    [1000, 2000],
    [2100, 2900],
    [4500, 5000],
  ]);
  if (placed) expect(cues.map(({ settings }) => settings)).toEqual(['', 'line:0', '', '']);
  // Another reader of WebVTT finds the same.
  writeFileSync(at('out.vtt'), webvttFile(cues));
  const back = execFileSync('ffmpeg', ['-v', 'error', '-i', at('out.vtt'), '-f', 'srt', '-'], { encoding: 'utf8' });
  expect(back.match(/-->.*\d\d,\d{3}$/gm)).toHaveLength(4);
  expect(back).toContain('00:00:02,100 --> 00:00:02,900\nGröße 日本\n');
  expect(back).toMatch(/^a --> b\r?\ntwo lines/m);
});

test('lines of ASS keep their place and their weight', async () => {
  const { cues, packets } = await read(withText('ass.mkv', 'a.ass', 'ass'));
  expect(packets).toBe(1);
  expect(cues).toEqual([{ startMs: 1000, endMs: 2000, text: '<b>Up</b>, there\nnow', settings: 'line:0' }]);
});

test('times count from the first frame of the video', async () => {
  const { cues } = await read(withText('later.mkv', 'a.srt', 'srt', '-itsoffset', '0.8'), 0.8);
  expect(cues.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
    [0, 450],
    [200, 1200],
    [1300, 2100],
    [3700, 5000],
  ]);
});

test('what is no text is refused in words', async () => {
  const video = withText('text.mkv', 'a.srt', 'srt');
  await expect(readText({ source: video, stream: 0, startS: 0, durationS: 5 })).rejects.toThrow(/holds no subtitles/);
  await expect(readText({ source: video, stream: 9, startS: 0, durationS: 5 })).rejects.toThrow(UserError);
  const pictures = make(
    'dvd.mkv',
    ...VIDEO,
    '-i',
    video,
    '-filter_complex',
    '[0:v]null[v]',
    '-map',
    '[v]',
    '-map',
    '1:s',
    '-c:v',
    'mpeg4',
    '-c:s',
    'copy',
  );
  expect((await read(pictures)).cues).toHaveLength(4);
});

test('many cues come in order', async () => {
  const many = Array.from({ length: 1_203 }, (_, i) => {
    const time = (ms: number) => `00:00:0${Math.floor(ms / 1000)},${String(ms % 1000).padStart(3, '0')}`;
    return `${i + 1}\n${time(i * 4)} --> ${time(i * 4 + 4)}\nline ${i}\n`;
  });
  writeFileSync(at('many.srt'), many.join('\n'));
  const { cues } = await read(withText('many.mkv', 'many.srt', 'srt'));
  expect(cues.map(({ text }) => text)).toEqual(Array.from({ length: 1_203 }, (_, i) => `line ${i}`));
});
