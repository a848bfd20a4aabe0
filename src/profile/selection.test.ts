import { expect, test } from 'vitest';
import { WHOLE_PROFILE, type ProfileHeader } from '#core/profile';
import { ProfileBuilder } from './profile-builder.ts';
import { isSelected, measureSelection, resolveSelection } from './selection.ts';
import { parseSelection } from './selection-text.ts';

const MS = 1e6;
const ZERO = 5e9;
const builder = new ProfileBuilder();
const idle = builder.addThread(0, 0, 'swapper', 'swapper/0');
const encoder = builder.addThread(10, 11, 'ffmpeg', 'x264 encode');
const decoder = builder.addThread(10, 12, 'ffmpeg', 'decode');
for (let ms = 0; ms < 1000; ms++)
  builder.addSample(ZERO + ms * MS, ms % 2, [idle, encoder, encoder, decoder][ms % 4]!, -1);
const header: Omit<ProfileHeader, 'version'> = {
  tool: 'made',
  file: null,
  clock: 'monotonic',
  startNs: ZERO,
  endNs: ZERO + 1000 * MS,
  frequencyHz: 500,
  weightUnit: 'ns',
  sampleNs: 2 * MS,
  cpus: [0, 1],
  scope: 'system',
  stacks: 'none',
  lost: 0,
  throttled: null,
  overheadCpuS: null,
  absent: [],
  quality: [],
};
const profile = builder.finish(header);
const phases = [{ name: 'encode', fromNs: ZERO + 100 * MS, toNs: ZERO + 300 * MS }];
const context = { profile, zeroNs: ZERO, phases, frames: null };
const sizeOf = (text: string) => measureSelection(profile, resolveSelection(parseSelection(text), context).selection);

test('a selection tells how much it holds', () => {
  expect(sizeOf('')).toEqual({ timeNs: 1000 * MS, samples: 1000, busySamples: 750, ranges: 1 });
  expect(sizeOf('0.1-0.2,0.5-0.7')).toMatchObject({ timeNs: 300 * MS, samples: 300, ranges: 2 });
  expect(sizeOf('0.9-end').timeNs).toBe(100 * MS);
  expect(sizeOf('none')).toMatchObject({ timeNs: 0, samples: 0 });
});

test('a row of folded stacks holds as many samples as it stands for', () => {
  const folded = new ProfileBuilder();
  const thread = folded.addThread(-1, -1, '', '');
  folded.addSample(0, -1, thread, -1, 0, 30);
  folded.addSample(0, -1, thread, -1, 0, 12);
  const counted = folded.finish({ ...header, clock: 'none', startNs: 0, endNs: 0, weightUnit: 'samples' });
  expect(measureSelection(counted, WHOLE_PROFILE)).toMatchObject({ samples: 42, busySamples: 42 });
});

test('what is asked for at once narrows', () => {
  expect(sizeOf('0.2-0.9;phase=encode')).toMatchObject({ timeNs: 100 * MS, samples: 100 });
  expect(sizeOf('thread=decode').samples).toBe(250);
  expect(sizeOf('process=10').samples).toBe(750);
  expect(sizeOf('thread=11;process=ffmpeg;cpu=0').samples).toBe(250);
});

test('one sample after the other is selected as the sum of them says', () => {
  const { selection } = resolveSelection(parseSelection('0.2-0.9;cpu=1;thread=decode'), context);
  const rows = [...profile.samples.timeNs.keys()].filter((row) => isSelected(selection, profile.samples, row));
  expect(rows.length).toBe(measureSelection(profile, selection).samples);
});

test('a name that nothing has is answered with the nearest', () => {
  expect(() => sizeOf('phase=encoed')).toThrow(/did you mean “encode”/);
  expect(() => sizeOf('thread=decod')).toThrow(/did you mean “decode” \(12\)\?/);
  expect(() => sizeOf('process=zzz')).toThrow(/there are: “swapper” \(0\), “ffmpeg” \(10\)$/);
  const ofRun = { ...context, profile: { ...profile, header: { ...profile.header, processes: [10] } } };
  expect(() => resolveSelection(parseSelection('process=77'), ofRun)).toThrow(/there are: “ffmpeg” \(10\), “swapper”/);
  expect(() => sizeOf('frames=keyframes')).toThrow(/no frames/);
});
