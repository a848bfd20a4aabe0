import { expect, test } from 'vitest';
import { checkedSource, someEncoders } from '../../test/pipeline/planned.ts';
import { pieceParameters } from './calibrate-machine.ts';
import { itemFeatures } from './item-shape.ts';
import { planTitle } from './plan-title.ts';

const X264 = { encoder: 'libx264', resolution: '640x360', preset: 'medium', crf: 23 };
const SVT = { encoder: 'libsvtav1', resolution: '640x360', preset: '8', crf: 38 };

/** What is known of the first encode of all these rungs in one piece. */
function featuresOf(rungs: readonly (typeof X264)[], kind: 'encode' | 'package' = 'encode') {
  const checked = checkedSource({ frames: 240 });
  const ladder = { version: 1, name: 'tried', gopS: 2, rungs, perTitle: null, audio: [], protection: 'none' } as const;
  const plan = planTitle({ checked, ladder, chunkS: 4, encoders: someEncoders() });
  const item = { kind, chunk: kind === 'encode' ? 0 : null, renditions: plan.renditions.map(({ id }) => id) };
  return itemFeatures({ plan, info: checked.info, item, threads: 1, machine: 'm' });
}

test('a piece by several encoders is named after all of them, whatever the order of the ladder', () => {
  const words = { codec: 'av1+h264', encoder: 'libsvtav1+libx264', preset: '8+medium', engine: 'bundled' };
  const known = { ...words, rateControl: 'crf', rateValue: null, outputs: 2, outputPixels: 2 * 640 * 360 };
  expect(featuresOf([X264, SVT])).toMatchObject(known);
  expect(featuresOf([SVT, X264])).toEqual(featuresOf([X264, SVT]));
  expect(featuresOf([X264, SVT], 'package')).toMatchObject({ codec: 'av1+h264', encoder: null });
});

test('outputs of one encoder by different presets are told apart, and keep the value of the largest', () => {
  const small = { ...X264, resolution: '320x180', preset: 'slow', crf: 28 };
  const alike = { codec: 'h264', encoder: 'libx264', rateControl: 'crf', rateValue: 23, height: 360 };
  expect(featuresOf([X264, small])).toMatchObject({ ...alike, preset: 'medium+slow' });
});

test('outputs that agree keep the plain words', () => {
  const small = { ...X264, resolution: '320x180' };
  const alike = { codec: 'h264', encoder: 'libx264', preset: 'medium', rateControl: 'crf', rateValue: 23 };
  expect(featuresOf([X264, small])).toMatchObject({ ...alike, outputs: 2 });
  expect(featuresOf([X264])).toMatchObject({ ...alike, outputs: 1 });
});

test('a calibrated encoder keeps to its threads, those too that do not take FFmpeg’s count', () => {
  const one = (encoder: string) => {
    const info = someEncoders().find(({ name }) => name === encoder)!;
    const piece = { engine: 'bundled', codec: null, encoder, preset: null, threads: 1 };
    return pieceParameters(info, { ...piece, width: 640, height: 360, frames: 24 });
  };
  expect(one('libsvtav1').options).toMatchObject({ preset: '8', 'svtav1-params': 'lp=1' });
  expect(one('libx265').options).toMatchObject({ 'x265-params': 'pools=1' });
  expect(one('libx264')).toMatchObject({ threads: 1, options: { preset: 'medium', crf: '23' } });
});
