import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assCue, assText } from './ass.ts';
import { movTextCue } from './mov-text.ts';
import { subripCue } from './subrip.ts';
import { webvttBoxes, webvttCue } from './webvtt-cue.ts';
import { cuesInVideo, webvttFile, webvttTime } from './webvtt-file.ts';

test.each([
  ['Hello', 'Hello', ''],
  ['\ufeffHello\r\nyou\rthere', 'Hello\nyou\nthere', ''],
  ['one\n\n \ntwo', 'one\ntwo', ''],
  ['<b>bold</b> <I>slanted</I> <u>under</u>', '<b>bold</b> <i>slanted</i> <u>under</u>', ''],
  ['<font color="#ff0000">red</font>', 'red', ''],
  ['<b><i>crossed</b> over</i>', '<b><i>crossed</i></b><i> over</i>', ''],
  ['<i>not closed', '<i>not closed</i>', ''],
  ['closed only</i>', 'closed only', ''],
  ['a < b && c > d', 'a &lt; b &amp;&amp; c &gt; d', ''],
  ['I <3 you --> really', 'I &lt;3 you --&gt; really', ''],
  ['one<br>two<br/>three', 'one\ntwo\nthree', ''],
  ['{\\an8}on top', 'on top', 'line:0'],
  ['{\\an1}left {\\an9}ignored', 'left ignored', 'align:start'],
  ['{\\a6}on top of old', 'on top of old', 'line:0'],
  ['{curly} stays', '{curly} stays', ''],
  ['<b> </b>', '', ''],
  ['\u0000\u0007', '', ''],
])('SubRip %j becomes %j', (raw, text, settings) => {
  expect(subripCue(raw)).toEqual({ text, settings });
});

test.each([
  ['one\\Ntwo\\nthree\\hfour', 'one\ntwo\nthree\u00a0four', ''],
  ['{\\b1}bold{\\b0} plain {\\i1}slanted', '<b>bold</b> plain <i>slanted</i>', ''],
  ['{\\b700\\i1}both{\\r}none', '<b><i>both</i></b>none', ''],
  ['{\\bord2\\iclip(1,2)\\blur3}plain', 'plain', ''],
  ['{\\an7\\pos(1,2)}placed', 'placed', 'line:0 align:start'],
  ['{\\p1}m 0 0 l 100 0 100 100{\\p0}seen', 'seen', ''],
  ['{\\p1}m 0 0 l 100 0', '', ''],
  ['{a comment}said', 'said', ''],
])('ASS %j becomes %j', (raw, text, settings) => {
  expect(assText(raw)).toEqual({ text, settings });
});

test('the text of an ASS line is all behind its eighth comma', () => {
  expect(assCue('12,0,Default,,0,0,0,,Yes, really').text).toBe('Yes, really');
});

test('timed text of MP4 has its faces, in characters and not in bytes', () => {
  const text = Buffer.from('Öl 😀 bold');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  const styl = Buffer.alloc(22);
  styl.writeUInt32BE(22, 0);
  styl.write('styl', 4, 'latin1');
  styl.writeUInt16BE(1, 8);
  styl.writeUInt16BE(5, 10);
  styl.writeUInt16BE(9, 12);
  styl[16] = 1;
  expect(movTextCue(Buffer.concat([length, text, styl])).text).toBe('Öl 😀 <b>bold</b>');
  expect(movTextCue(Buffer.from([0, 0])).text).toBe('');
  expect(movTextCue(Buffer.from([0]))).toEqual({ text: '', settings: '' });
  const utf16 = Buffer.from([0, 6, 0xfe, 0xff, 0, 0x48, 0, 0x69]);
  expect(movTextCue(utf16).text).toBe('Hi');
});

test('WebVTT keeps what stands for itself', () => {
  expect(webvttCue('<v Anna>a &lt; b</v> <c.red><i>x</i></c> <00:01.000>later', 'line:0 region:a align:start')).toEqual(
    {
      text: 'a &lt; b <i>x</i> later',
      settings: 'line:0 align:start',
    },
  );
  const box = (type: string, body: Buffer) => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(8 + body.length);
    head.write(type, 4, 'latin1');
    return Buffer.concat([head, body]);
  };
  const cue = Buffer.concat([box('sttg', Buffer.from('line:0')), box('payl', Buffer.from('a &amp; b'))]);
  expect(webvttBoxes(Buffer.concat([box('vttc', cue), box('vttc', box('payl', Buffer.from('two')))]))).toEqual([
    { text: 'a &amp; b', settings: 'line:0' },
    { text: 'two', settings: '' },
  ]);
  expect(webvttBoxes(box('vtte', Buffer.alloc(0)))).toEqual([]);
  expect(webvttBoxes(Buffer.from('plain text'))).toBeNull();
});

test('whatever is said, a cue holds no empty line, no arrow, no tag but its own, and its spans are closed in order', () => {
  const words = fc.constantFrom(
    '<b>',
    '</b>',
    '<i>',
    '</i>',
    '<u>',
    '</u>',
    '{\\i1}',
    '{\\b0}',
    '\n',
    '\r\n',
    ' ',
    '-->',
    '<',
    '&',
    'word',
    '\u0000',
    '\\N',
  );
  fc.assert(
    fc.property(fc.array(words, { maxLength: 30 }), (pieces) => {
      const raw = pieces.join('');
      for (const { text } of [subripCue(raw), assText(raw), webvttCue(raw, '')]) {
        expect(text).not.toMatch(/\n\s*\n|-->|\r|\0|^\n|\n$/);
        const open: string[] = [];
        for (const [, slash, tag, other] of text.matchAll(/<(\/?)([biu])>|([<>]|&(?!amp;|lt;|gt;))/g)) {
          expect(other).toBeUndefined();
          if (slash === '') open.push(tag!);
          else expect(open.pop()).toBe(tag);
        }
        expect(open).toEqual([]);
      }
    }),
  );
});

test('cues are in order and within the video; those that overlap stay, those without an end get one', () => {
  const cue = (startMs: number, endMs: number, text = 'x') => ({ startMs, endMs, text, settings: '' });
  const read = [
    cue(4000, 5000),
    cue(-500, 700),
    cue(-900, -100),
    cue(1000, 3000),
    cue(2000, 4000),
    cue(6000, NaN),
    cue(6000, NaN, 'y'),
    cue(7000, NaN),
    cue(8000, 8000),
    cue(9000, 9500, ''),
    cue(9800, 12_000),
    cue(11_000, 12_000),
  ];
  expect(cuesInVideo(read, 10_000).map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
    [0, 700],
    [1000, 3000],
    [2000, 4000],
    [4000, 5000],
    [6000, 7000],
    [6000, 7000],
    [7000, 8000],
    [9800, 10_000],
  ]);
});

test('a file is as the standard wants it', () => {
  expect(webvttFile([])).toBe('WEBVTT\n');
  expect(
    webvttFile([
      { startMs: 0, endMs: 1500, text: 'a\nb', settings: '' },
      { startMs: 3_723_004, endMs: 360_000_000, text: 'c', settings: 'line:0' },
    ]),
  ).toBe('WEBVTT\n\n00:00:00.000 --> 00:00:01.500\na\nb\n\n01:02:03.004 --> 100:00:00.000 line:0\nc\n');
  expect(webvttTime(59_999)).toBe('00:00:59.999');
});
