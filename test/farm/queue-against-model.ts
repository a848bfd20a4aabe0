// A queue beside a plain model, over random steps.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ITEM_STATES, type Lease } from '#core/queue';
import { LONG_MS, newItem, newTitle, type QueueFixture } from './queue-fixture.ts';
import { QueueModel, type ModelItem } from './queue-model.ts';

/** Sequences of steps that are compared with the model. */
const MODEL_RUNS = Number(process.env['ENCODELAB_MODEL_RUNS'] ?? 25);

export function modelConforms(on: QueueFixture): void {
  const { open, lease, states } = on;

  test('whatever is done in whatever order, items and titles are in the states of a plain model', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('lease' as const), max: fc.integer({ min: 1, max: 4 }), runsOut: fc.boolean() }),
      fc.record({ do: fc.constant('complete' as const), lease: fc.nat(), adds: fc.boolean() }),
      fc.record({ do: fc.constant('fail' as const), lease: fc.nat(), isFinal: fc.boolean() }),
      fc.record({ do: fc.constantFrom('release' as const, 'heartbeat' as const), lease: fc.nat() }),
      fc.record({
        do: fc.constantFrom('pause' as const, 'resume' as const, 'cancel' as const, 'retry' as const, 'back' as const),
        title: fc.nat(),
      }),
    );
    // Each item needs some of those before it.
    const plan = fc
      .array(fc.array(fc.nat(), { maxLength: 2 }), { minLength: 1, maxLength: 6 })
      .map((all) =>
        all.map((needs, i) => newItem(`i${i}`, i === 0 ? [] : [...new Set(needs.map((need) => `i${need % i}`))])),
      );
    const titles = fc.array(fc.record({ plan, priority: fc.nat(1) }), { minLength: 1, maxLength: 2 });

    await fc.assert(
      fc.asyncProperty(titles, fc.array(step, { minLength: 5, maxLength: 30 }), async (planned, steps) => {
        const rules = { maxFailures: 2, maxDeaths: 3, retryBaseMs: 0, retryCapMs: 0 };
        await open(rules);
        const model = new QueueModel(rules);
        for (const one of planned) {
          const title = newTitle({ priority: one.priority });
          await on.queue.addTitle(title, one.plan);
          model.addTitle(title, one.plan);
        }
        const held: { readonly lease: Lease; readonly item: ModelItem; readonly epoch: number }[] = [];
        for (const one of steps) {
          if (one.do === 'lease') {
            const leased = await lease(one.max, { leaseMs: one.runsOut ? 0 : LONG_MS });
            const expected = model.lease(one.max, one.runsOut);
            expect(leased.map(({ lease: { title, key } }) => [title, key])).toEqual(
              expected.map(({ title, key }) => [title.id, key]),
            );
            for (const [i, item] of expected.entries()) held.push({ lease: leased[i]!.lease, item, epoch: item.epoch });
          } else if ('title' in one) {
            const title = model.titles[one.title % model.titles.length]!;
            if (one.do === 'retry') expect(await on.queue.retryFailed(title.id)).toBe(model.retryFailed(title));
            else if (one.do === 'back')
              expect(await on.queue.takeBack(title.id, () => true)).toBe(model.takeBack(title));
            else {
              const state = { pause: 'paused', resume: 'running', cancel: 'cancelled' } as const;
              await on.queue.changeTitle(title.id, { state: state[one.do] });
              model[one.do](title);
            }
          } else if (held.length > 0) {
            const { lease: of, item, epoch } = held[one.lease % held.length]!;
            const add = one.do === 'complete' && one.adds ? [newItem(`of-${item.key}`, [item.key])] : [];
            const isLost = (lost: readonly Lease[]) => lost.length > 0;
            if (one.do === 'complete')
              expect(isLost(await on.queue.complete([{ lease: of, result: 1, add }]))).toBe(
                !model.complete(item, epoch, add),
              );
            else if (one.do === 'fail') {
              const blame = one.isFinal ? 'final' : 'own';
              expect(isLost(await on.queue.fail([{ lease: of, reason: 'no luck', blame }]))).toBe(
                !model.fail(item, epoch, one.isFinal),
              );
            } else if (one.do === 'heartbeat')
              expect(isLost(await on.queue.heartbeat([of], LONG_MS))).toBe(!model.heartbeat(item, epoch));
            else {
              await on.queue.release([of]);
              model.release(item, epoch);
            }
          }
          for (const title of model.titles) {
            expect(await states(title.id)).toEqual(
              Object.fromEntries(title.items.map((item) => [item.key, item.state])),
            );
            const record = (await on.queue.title(title.id))!;
            expect(record.state).toBe(title.state);
            for (const state of ITEM_STATES)
              expect(record.items[state]).toBe(title.items.filter((item) => item.state === state).length);
          }
        }
        await on.queue.close();
      }),
      { numRuns: MODEL_RUNS },
    );
  });
}
