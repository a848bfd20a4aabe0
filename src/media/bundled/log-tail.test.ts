import { expect, test } from 'vitest';
import { shortLogTail } from './log-tail.ts';

test('lines that differ in numbers only are told once, with their count', () => {
  const log = [
    '[h264 @ 0x55aa] cabac decode of qscale diff failed at 12 30',
    '[h264 @ 0x55ab] cabac decode of qscale diff failed at 7 31',
    '',
    '[h264 @ 0x55aa] error while decoding MB 7 31, bytestream 1203',
    '[h264 @ 0x55aa] cabac decode of qscale diff failed at 2 2',
  ].join('\n');
  expect(shortLogTail(log)).toBe(
    [
      '[h264 @ 0x55ab] cabac decode of qscale diff failed at 7 31 (2 times)',
      '[h264 @ 0x55aa] error while decoding MB 7 31, bytestream 1203',
      '[h264 @ 0x55aa] cabac decode of qscale diff failed at 2 2',
    ].join('\n'),
  );
});

test('of many different lines the last twelve are told', () => {
  const words = Array.from({ length: 26 }, (_, i) => `fault ${String.fromCharCode(97 + i)}`);
  expect(shortLogTail(words.join('\n'))).toBe(words.slice(-12).join('\n'));
  expect(shortLogTail('')).toBe('');
});
