import { expect, test } from 'vitest';
import type { FrameTimes } from '#profile/frame-times';
import type { ProfileFinding } from '#core/profile';
import { ProfileBuilder } from '#profile/profile-builder';
import { chosenOf, type ChoosingFrom } from './profile-chosen.ts';

const FRAMES: FrameTimes = {
  frame: [0, 1, 2],
  startUs: [0, 100_000, 200_000],
  busyUs: [50_000, 50_000, 50_000],
  delayUs: [60_000, 60_000, 60_000],
  type: [0, 1, 1],
  key: [1, 0, 0],
  bytes: [9, 3, 3],
};
const FINDING: ProfileFinding = {
  diagnosis: 'idle',
  what: 'idle',
  rangesNs: Float64Array.of(1e8, 2e8),
  share: 0.1,
  confidence: 1,
  evidence: [],
  todo: [],
};

function from(findings: readonly ProfileFinding[] | null = [FINDING]): ChoosingFrom {
  const builder = new ProfileBuilder();
  builder.addSample(1e8, 0, builder.addThread(1, 1, 'enc', 'enc'), -1);
  const header = { tool: 'made', file: null, clock: 'monotonic', startNs: -1e7, endNs: 1e9, frequencyHz: 999 } as const;
  const more = { weightUnit: 'ns', sampleNs: 1e6, cpus: [0, 1], scope: 'system', stacks: 'none' } as const;
  const rest = { lost: 0, throttled: null, overheadCpuS: null, absent: [], quality: [] };
  const profile = builder.finish({ ...header, ...more, ...rest });
  return { profile, originNs: 0, phases: [], frames: FRAMES, way: 'calls', findings, own: null };
}

const problemOf = (sel: string | null, finding: number | null = null) => chosenOf(from(), sel, finding).problem;

test('what a profile does not have is told, and all is shown', () => {
  const frames = chosenOf(from(), 'frames=frames:9999', null);
  expect(frames.problem).toBe('the run has no frames “frames:9999”: it has 3 frames, from 0 to 2');
  expect(frames.selection.rangesNs).toBeNull();
  expect(problemOf('5-9')).toBe('nothing of the profile is at that time: it is from -0.01 to 1.00 s of the run');
  expect(problemOf('cpu=7')).toBe('no CPU of this profile has the number 7: there are 0, 1');
  expect(problemOf(null, 9)).toBe('the address names a finding that is not there: there is one, 0');
  expect(problemOf(null, -1)).toMatch(/finding that is not there/);
});

test('what is there is chosen without a word, and so is nothing on purpose', () => {
  for (const sel of [null, '', '0.5-9', '0-0.2;cpu=1', 'frames=frames:2-9999', 'frames=keyframes', 'none'])
    expect(problemOf(sel)).toBeNull();
  expect(problemOf(null, 0)).toBeNull();
  // They come later than the page.
  expect(chosenOf(from(null), null, 9).problem).toBeNull();
});
