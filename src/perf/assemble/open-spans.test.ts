import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ProfileBuilder, type AddedSpan } from '#profile/profile-builder';
import { withOpenSpans } from './open-spans.ts';

const HEADER = {} as Parameters<ProfileBuilder['finish']>[0];
const span = fc
  .record({ startNs: fc.nat(50), length: fc.nat(50), cpu: fc.nat(3), thread: fc.nat(9) })
  .map(({ startNs, length, cpu, thread }): AddedSpan => {
    return { startNs, endNs: startNs + length, cpu, thread, left: 1, stack: -1, readyNs: NaN, waker: -1 };
  });

test('Spans that are open stand among those that ended as if they had been added with them', () => {
  fc.assert(
    fc.property(fc.array(span), fc.array(span), (ended, open) => {
      const table = (spans: readonly AddedSpan[]) => {
        const builder = new ProfileBuilder();
        builder.expectSpans();
        for (const one of spans) builder.addSpan(one);
        return builder.finish(HEADER).spans!;
      };
      expect(withOpenSpans(table(ended), open)).toEqual(table([...ended, ...open]));
    }),
    { numRuns: 50 },
  );
});
