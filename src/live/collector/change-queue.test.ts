import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { ControlResult } from '#core/live';
import { ChangeQueue, type SettingChanges } from './change-queue.ts';

function taken(changes: SettingChanges): ControlResult[] {
  return Object.entries(changes).map(([name, value]) => ({
    name,
    requested: value ?? '',
    actual: String(value),
    how: 'live',
    gapMs: null,
    note: null,
  }));
}

test('of three thousand changes of one setting the first and the last are carried out, and each is answered', async () => {
  const done: unknown[] = [];
  const queue = new ChangeQueue(async (changes) => {
    await sleep(5);
    done.push(changes);
    return taken(changes!);
  });
  const answers = await Promise.all(
    Array.from({ length: 3_000 }, (_, bitrate) => queue.add({ changes: { bitrate, gop: bitrate }, operator: 'one' })),
  );
  expect(done).toEqual([
    { bitrate: 0, gop: 0 },
    { bitrate: 2_999, gop: 2_999 },
  ]);
  expect(answers.every(([first, second]) => first?.name === 'bitrate' && second?.name === 'gop')).toBe(true);
  expect(answers[7]![0]).toMatchObject({ how: 'refused', note: expect.stringContaining('overtaken') as string });
});

test('a change loses only the settings that another one overtook, and a reset overtakes all that wait', async () => {
  const done: unknown[] = [];
  const queue = new ChangeQueue(async (changes) => {
    await sleep(5);
    done.push(changes);
    return taken(changes ?? {});
  });
  const add = (changes: SettingChanges | null) => queue.add({ changes, operator: 'one' });
  const first = [add({ a: 1 }), add({ a: 2, b: 2 }), add({ b: 3 })];
  expect((await Promise.all(first))[1]!.map(({ name, how }) => [name, how])).toEqual([
    ['a', 'live'],
    ['b', 'refused'],
  ]);
  await Promise.all([add({ a: 4 }), add({ a: 5 }), add(null), add({ a: 6 })]);
  expect(done).toEqual([{ a: 1 }, { a: 2 }, { b: 3 }, { a: 4 }, null, { a: 6 }]);
});

test('too many that wait are refused, and what nobody waits for any more is not carried out', async () => {
  const gate = Promise.withResolvers<void>();
  const done: string[] = [];
  const queue = new ChangeQueue(async (changes) => {
    await gate.promise;
    done.push(...Object.keys(changes!));
    return taken(changes!);
  });
  const gone = new AbortController();
  const add = (name: string, signal?: AbortSignal) => queue.add({ changes: { [name]: 1 }, operator: 'one', signal });
  const all = Array.from({ length: 51 }, (_, i) => add(`x${i}`, i === 20 ? gone.signal : undefined));
  await expect(add('late')).rejects.toThrow(/50 changes wait already/);
  gone.abort();
  gate.resolve();
  const ends = await Promise.allSettled(all);
  expect(ends.filter(({ status }) => status === 'rejected').length).toBe(1);
  expect(done).not.toContain('x20');
  expect(done.length).toBe(50);
});
