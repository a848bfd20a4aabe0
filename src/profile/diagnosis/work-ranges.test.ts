import { expect, test } from 'vitest';
import { plantedProfile } from '../../../test/profile/planted-profile.ts';
import { diagnose } from './diagnose.ts';
import { workRanges } from './work-ranges.ts';

const phase = (name: string, fromNs: number, toNs: number) => ({ name, fromNs, toNs });

test('the check of the bench is no time of the encoder; all that is not the bench’s is', () => {
  const phases = [phase('open', 0, 1), phase('encode', 1, 5), phase('mux', 5, 6), phase('check', 6, 9)];
  expect(workRanges(phases)).toEqual(Float64Array.of(0, 6));
  expect(workRanges(phases.slice(0, 3))).toBeNull();
  expect(workRanges([phase('check', 6, 9)])).toBeNull();
  expect(workRanges([])).toBeNull();
});

test('an encoder that is gone while the bench checks its output is not idle; one that waits while it encodes is', () => {
  const thread = (turns: (timeS: number) => readonly [number, number]) => {
    const one = { process: 'encoder', name: 'worker', turns, waitsIn: [], runs: () => 'satd' };
    return plantedProfile({ seed: 1, cpus: 2, seconds: 4, hertz: 999, threads: [one, one], spans: true });
  };
  const found = (profile: ReturnType<typeof thread>, isEncoding: boolean) => {
    const { startNs, endNs } = profile.header;
    const middle = startNs + 3e9;
    const phases = [phase('encode', startNs, middle), phase(isEncoding ? 'flush' : 'check', middle, endNs)];
    const selection = { rangesNs: workRanges(phases), cpus: null, threads: null };
    return diagnose(profile, { phases, selection }).map(({ diagnosis }) => diagnosis);
  };
  const quietAtTheEnd = thread((timeS) => (timeS < 3 ? [1, 0] : [0, 1]));
  expect(found(quietAtTheEnd, false)).not.toContain('idle');
  expect(found(quietAtTheEnd, true)).toContain('idle');
  expect(
    found(
      thread((timeS) => (timeS > 1 && timeS < 2 ? [0, 1] : [1, 0])),
      false,
    ),
  ).toContain('idle');
});
