import { expect, test } from 'vitest';
import { readCpuProfile } from '../formats/cpuprofile.ts';
import { cannotTell, diagnose } from './diagnose.ts';

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
  expect(idle.what).toMatch(/^for 1\.\d+ s the thread was idle: it ran for 0\.?\d* % of the time$/);
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
