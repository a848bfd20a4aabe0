import { expect, test } from 'vitest';
import type { Profile } from '#core/profile';
import { readCpuProfile } from '../formats/cpuprofile.ts';
import { diagnose } from './diagnose.ts';
import { cannotTell, nothingFound } from './nothing-found.ts';

/** A sample a millisecond, of a Node that does so at each of the times. */
function javascript(doesAt: (ms: number) => '(idle)' | '(program)' | 'scale', totalMs = 4000) {
  const names = ['(root)', '(idle)', '(program)', 'scale'];
  const nodes = names.map((functionName, id) => ({
    id: id + 1,
    callFrame: { functionName, url: functionName === 'scale' ? 'file:///work.js' : '', lineNumber: 0 },
    ...(id === 0 ? { children: [2, 3, 4] } : {}),
  }));
  const samples = Array.from({ length: totalMs }, (_, ms) => names.indexOf(doesAt(ms)) + 1);
  const timeDeltas = samples.map(() => 1000);
  return readCpuProfile({ nodes, samples, timeDeltas, startTime: 0, endTime: (totalMs + 1) * 1000 }, 'a.cpuprofile');
}

test('a JavaScript thread that waited is idle for that time; the engine’s own work is none', () => {
  const profile = javascript((ms) => (ms > 1500 && ms <= 3000 ? '(idle)' : 'scale'));
  expect(cannotTell(profile)).toBeNull();
  const idle = diagnose(profile).find(({ diagnosis }) => diagnosis === 'idle')!;
  expect(idle.what).toBe('for 1.50 s the thread was idle: it ran for 0 % of the time');
  expect(idle.confidence).toBeGreaterThan(0.99);
  expect((idle.rangesNs[0]! - profile.header.startNs) / 1e9).toBeCloseTo(1.5, 0);
  expect(idle.evidence.join('\n')).not.toContain('CPUs were not sampled');
});

test('a JavaScript thread that never waited, or only the engine of which works, is not idle', () => {
  for (const other of ['scale', '(program)'] as const) {
    const found = diagnose(javascript((ms) => (ms > 1500 && ms <= 3000 ? other : 'scale')));
    expect(found.map(({ diagnosis }) => diagnosis)).not.toContain('idle');
    expect(found.map(({ diagnosis }) => diagnosis)).not.toContain('saturated');
    expect(found.map(({ diagnosis }) => diagnosis)).not.toContain('serial');
  }
});

test('where nobody tells of CPUs, finding nothing says so', () => {
  const profile = javascript(() => 'scale');
  const two = { ...profile.threads, thread: Int32Array.of(1, 2) };
  expect(cannotTell({ ...profile, threads: two })).toMatch(/idle and full ones could not be looked for/);
  expect(cannotTell(profile, { cores: 4 })).toBeNull();
});

/** Six turns of work and waiting. */
const turns = (workMs: number, idleMs: number) =>
  javascript((ms) => (ms % (workMs + idleMs) >= workMs ? '(idle)' : 'scale'), 6 * (workMs + idleMs));

test('idle times of a JavaScript thread are found at the documented limits, as long as they were', () => {
  for (const idleMs of [100, 150, 400]) {
    const [idle] = diagnose(turns(800, idleMs));
    expect(idle?.diagnosis).toBe('idle');
    expect(idle!.evidence).toContain('in 6 stretches');
    const ns = idle!.rangesNs.reduce((sum, at, i) => sum + (i % 2 === 0 ? -at : at), 0);
    expect(ns / 1e6).toBeCloseTo(6 * idleMs, 6);
  }
  const shortWork = diagnose(javascript((ms) => (ms % 50 === 0 || ms % 1000 < 600 ? 'scale' : '(idle)')));
  expect(shortWork[0]?.evidence).toContain('in 4 stretches');
});

test('shorter waiting, a frame loop, or idle samples that are far apart are no finding, and finding nothing tells how short', () => {
  const loop = javascript((ms) => (ms % 17 < 5 ? 'scale' : '(idle)'));
  for (const profile of [turns(800, 90), turns(6000, 110), loop]) {
    expect(diagnose(profile)).toEqual([]);
    expect(nothingFound(profile)).toBe(
      'Nothing stands out: the thread was not idle for long. Stretches below 100 ms, and those that are less than 2.0 % of the time together, are not seen.',
    );
  }
  const stretched = slowedDown(turns(100, 8), 50);
  expect(diagnose(stretched)).toEqual([]);
  expect(nothingFound(stretched)).toContain('below 500 ms');
  expect(diagnose(slowedDown(turns(100, 12), 50))[0]?.what).toMatch(/^for 3\.60 s the thread was idle/);
});

/** The same, all of which took so many times as long: its samples are as far apart. */
function slowedDown(profile: Profile, times: number): Profile {
  const { header, samples } = profile;
  return {
    ...profile,
    header: { ...header, startNs: times * header.startNs, endNs: times * header.endNs },
    samples: {
      ...samples,
      weight: samples.weight!.map((ns) => times * ns),
      timeNs: samples.timeNs.map((ns) => times * ns),
    },
  };
}
