import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { sampleShape } from '../../../test/lab/sample-shapes.ts';
import { calibrate, type Calibration, type CalibrationPiece } from './calibration.ts';
import { predictCold } from './cold-start.ts';
import { predictWork } from './predict-work.ts';

const work = sampleShape();
const medium = { engine: 'bundled', codec: 'h264', encoder: 'libx264', preset: 'medium', threads: 2 };
const PIECE_PIXELS = 640 * 360;

test('pieces grow while the time allows; the longest gives the rate', async () => {
  const pieces: CalibrationPiece[] = [];
  const { rates, problems, machine } = await calibrated([medium], 30, (piece) => {
    pieces.push(piece);
    return 1 + piece.frames * 0.01;
  });
  expect(pieces.map(({ frames }) => frames)).toEqual([24, 96, 384]);
  expect(problems).toEqual([]);
  expect(machine).toBe('cpu × 2');
  expect(rates).toHaveLength(1);
  expect(rates[0]!.secondsPerMegapixel).toBeCloseTo(4.84 / ((384 * PIECE_PIXELS) / 1e6));
});

test('an encoder that fails or hangs is told, and the others are measured', async () => {
  const broken = { ...medium, encoder: 'broken' };
  const hanging = { ...medium, encoder: 'hanging' };
  const { rates, problems } = await calibrate({
    encoders: [broken, hanging, medium],
    machine: 'm',
    now: () => 5,
    budgetS: 0.15,
    encode: async ({ encoder }, signal) => {
      if (encoder === 'broken') throw new Error('no such encoder');
      if (encoder === 'hanging') await sleep(60_000, undefined, { signal });
      return { durationS: 1, cpuS: null, memoryPeak: null };
    },
  });
  expect(rates.map(({ encoder }) => encoder)).toEqual(['libx264']);
  expect(problems).toEqual(['broken: no such encoder', expect.stringMatching(/^hanging: .*aborted/)]);
});

test('a stop from outside ends the calibration', async () => {
  const stop = new AbortController();
  const encode = () => {
    stop.abort(new Error('stopped'));
    return Promise.reject(new Error('broken off'));
  };
  const request = { encode, encoders: [medium], machine: 'm', now: () => 0, signal: stop.signal };
  await expect(calibrate(request)).rejects.toThrow('stopped');
});

test('pixels x frames x the measured rate, with bounds that are wider for another preset', async () => {
  const calibration = await calibrated([medium], 1, () => 1);
  const same = predictCold(calibration, work);
  const megapixels = (1920 * 1080 * 100) / 1e6;
  expect(same.basis).toBe('calibration');
  expect(same.durationS!.value).toBeCloseTo(megapixels / ((24 * PIECE_PIXELS) / 1e6));
  expect(same.cpuS!.value).toBeCloseTo(2 * same.durationS!.value);
  const slow = predictCold(calibration, { ...work, preset: 'slow' });
  expect(slow.durationS!.high).toBeGreaterThan(same.durationS!.high);
  expect(slow.durationS!.low).toBeLessThan(same.durationS!.low);
  expect(predictCold(calibration, { ...work, threads: 4 }).durationS!.value).toBeLessThan(same.durationS!.value);
  expect(predictCold(calibration, { ...work, machine: 'other' }).basis).toBe('guess');
});

test('outputs by several encoders are summed by the rate of each, in equal parts; one that was never measured is guessed', async () => {
  const svt = { ...medium, codec: 'av1', encoder: 'libsvtav1', preset: '8' };
  const calibration = await calibrated([medium, svt], 2, ({ encoder }) => (encoder === 'libx264' ? 0.9 : 0.3));
  const both = { ...work, codec: 'av1+h264', encoder: 'libsvtav1+libx264', preset: '8+medium', outputs: 2 };
  const one = (encoder: string, codec: string, preset: string) =>
    predictCold(calibration, { ...work, encoder, codec, preset }).cpuS!.value;
  const together = predictCold(calibration, both);
  expect(together.basis).toBe('calibration');
  expect(together.cpuS!.value).toBeCloseTo((one('libx264', 'h264', 'medium') + one('libsvtav1', 'av1', '8')) / 2);
  expect(together.cpuS!.high / together.cpuS!.value).toBeCloseTo(3);
  expect(predictCold(calibration, { ...both, preset: '5+medium' }).cpuS!.high / together.cpuS!.value).toBeCloseTo(8);
  const half = predictCold(calibration, { ...both, encoder: 'libaom-av1+libx264' });
  expect(half.basis).toBe('guess');
  expect(half.cpuS!.value).toBeGreaterThan(one('libx264', 'h264', 'medium') / 2);
});

test('the first finished pieces of a title correct and narrow it', async () => {
  const calibration = await calibrated([medium], 1, () => 1);
  const before = predictCold(calibration, work).cpuS!;
  const siblings = [1, 2, 3].map((id) => sampleShape({ id: String(id), cpuS: 2 * before.value }));
  const after = predictCold(calibration, work, siblings).cpuS!;
  expect(after.value / before.value).toBeGreaterThan(1.7);
  expect(after.high / after.low).toBeLessThan(before.high / before.low);
});

test('with nothing measured there is a guess with wide bounds, and nothing where nothing is known', () => {
  const guess = predictCold(null, work);
  expect(guess.basis).toBe('guess');
  expect(guess.cpuS!.high / guess.cpuS!.low).toBeCloseTo(400);
  expect(guess.memoryBytes!.value).toBeGreaterThan(2e8);
  expect(predictCold(null, { ...work, frames: null })).toMatchObject({
    durationS: null,
    cpuS: null,
    memoryBytes: null,
  });
  expect(predictWork({ model: null, calibration: null }, work)).toEqual(guess);
});

function calibrated(
  encoders: (typeof medium)[],
  budgetS: number,
  duration: (piece: CalibrationPiece) => number,
): Promise<Calibration> {
  return calibrate({
    encoders,
    budgetS,
    machine: 'cpu × 2',
    now: () => 5,
    encode: (piece) => {
      const durationS = duration(piece);
      return Promise.resolve({ durationS, cpuS: 2 * durationS, memoryPeak: 1.2e8 });
    },
  });
}
