import { expect, test } from 'vitest';
import type { EncodeParameters } from '#media/encode-job';
import { smallEncode } from '#media/small-encode';
import { liveChange } from './live-values.ts';

function encode(encoder: string, more: Partial<EncodeParameters>): EncodeParameters {
  return smallEncode({ name: encoder, engine: 'bundled', pixelFormats: ['yuv420p'] }, more);
}

const RATE = { bitrate: 2e6, options: { maxrate: '2000000', bufsize: '1000000', preset: 'fast' } };
const LESS = { bitrate: 1e6, options: { maxrate: '1000000', bufsize: '500000', preset: 'fast' } };
const QUALITY = { options: { crf: '30' } };

test.each<[string, string, Partial<EncodeParameters>, Partial<EncodeParameters>, object | null]>([
  ['a bitrate with its limits', 'libx264', RATE, LESS, { b: '1000000', maxrate: '1000000', bufsize: '500000' }],
  ['a quality', 'libx264', QUALITY, { options: { crf: '35' } }, { crf: '35' }],
  ['nothing', 'libx264', RATE, RATE, {}],
  ['a bitrate of another encoder', 'libvpx', RATE, LESS, null],
  ['a rate to a quality', 'libx264', RATE, QUALITY, null],
  ['a limit where there was none', 'libx264', QUALITY, { options: { crf: '30', maxrate: '1000000' } }, null],
  ['a preset', 'libx264', RATE, { ...RATE, options: { ...RATE.options, preset: 'slow' } }, null],
  ['a distance of keyframes', 'libx264', RATE, { ...RATE, gop: 12 }, null],
  ['a size', 'libx264', RATE, { ...RATE, width: 64 }, null],
])('x264 alone takes new values live: %s', (_, encoder, from, to, expected) => {
  expect(liveChange(encode(encoder, from), encode(encoder, to))).toEqual(expected);
});

test('Another encoder is never a live change', () => {
  expect(liveChange(encode('libx264', RATE), encode('libx265', RATE))).toBeNull();
});
