import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AgentState, LiveState, SessionState } from './live.ts';
import { liveChanges, withLiveChanges } from './live-changes.ts';

const environment = {} as AgentState['environment'];
const word = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const agent = fc.record({
  name: word,
  role: fc.constantFrom('guest', 'client'),
  host: word,
  hostId: word,
  pid: fc.nat(3),
  version: word,
  environment: fc.constant(environment),
  indicators: fc.array(fc.record({ name: word, unit: fc.constant('1'), description: word }), { maxLength: 2 }),
  parts: fc.subarray(['sender', 'relay', 'receiver'] as const),
  spice: fc.constant(null),
  allowsHooks: fc.boolean(),
  absent: fc.array(word, { maxLength: 2 }),
  connected: fc.boolean(),
  lastSeenS: fc.nat(100),
  clock: fc.option(
    fc.record({ offsetUs: fc.integer(), errorUs: fc.nat(), driftPpm: fc.option(fc.integer({ min: -100, max: 100 })) }),
  ),
  spooled: fc.nat(5),
  lostRows: fc.nat(5),
}) satisfies fc.Arbitrary<AgentState>;
const session = fc.record({
  id: word,
  settings: fc.dictionary(word, word),
  running: fc.boolean(),
  parts: fc.constant([]),
  parameters: fc.array(word, { maxLength: 1 }) as unknown as fc.Arbitrary<SessionState['parameters']>,
  changes: fc.constant([]),
  waiting: fc.option(fc.record({ name: word, requested: word, text: word, sinceS: fc.nat(9) })),
});
const state: fc.Arbitrary<LiveState> = fc.record({
  epoch: fc.constant('2026-01-01T00:00:00Z'),
  nowS: fc.nat(100),
  agents: fc.uniqueArray(agent, { selector: ({ name }) => name }),
  session: fc.option(session),
  recording: fc.option(
    fc.record({
      run: word,
      name: word,
      startedS: fc.nat(9),
      forS: fc.constant(null),
      stage: fc.constant('recording' as const),
    }),
  ),
  profile: fc.option(
    fc.record({
      state: fc.constantFrom('starting' as const, 'running' as const, 'ended' as const),
      startedS: fc.nat(9),
      forS: fc.constant(600),
      zeroNs: fc.constant(0),
      scope: fc.constantFrom('system' as const, null),
      absent: fc.array(word, { maxLength: 1 }),
      elsewhere: fc.array(word, { maxLength: 1 }),
      slice: fc.nat(3),
      overheadCpuS: fc.option(fc.nat(3)),
      run: fc.option(word),
      problem: fc.option(word),
    }),
  ),
  feed: fc.constant([]),
  refused: fc.dictionary(word, fc.nat(3)),
});

/** New agents come behind those that were there, as a collector has them. */
function later(before: LiveState, now: LiveState): LiveState {
  const kept = before.agents.flatMap(({ name }) => now.agents.filter((each) => each.name === name));
  return { ...now, agents: [...kept, ...now.agents.filter((each) => !kept.includes(each))] };
}

test('changes lead from any state to any later one', () => {
  fc.assert(
    fc.property(state, state, (before, any) => {
      const now = later(before, any);
      expect(withLiveChanges(before, liveChanges(before, now, true))).toEqual(now);
    }),
  );
});

test('of what stays the same nothing is told but the time, and without vitals theirs stay', () => {
  fc.assert(
    fc.property(state, fc.nat(), (before, nowS) => {
      const now = {
        ...before,
        nowS,
        agents: before.agents.map((each) => ({ ...each, lastSeenS: nowS, spooled: 1 })),
      };
      const changes = liveChanges(before, now, false);
      expect(changes).toEqual({ nowS, agents: [], gone: [] });
      expect(withLiveChanges(before, changes)).toEqual({ ...before, nowS });
    }),
  );
});
