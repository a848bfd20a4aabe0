import { expect, test } from 'vitest';
import type { Profile } from '#core/profile';
import { ProfileBuilder } from './profile-builder.ts';
import { UNTOLD_REMARK } from './scheduler-spans.ts';
import { withTrustedSpans } from './trusted-spans.ts';

const MS = 1e6;

/** A thread that was sampled each millisecond, and that the scheduler tells of for so long. */
function profileOf(samples: number, toldMs: number, idle = false): Profile {
  const builder = new ProfileBuilder();
  const thread = builder.addThread(idle ? 0 : 7, idle ? 0 : 7, '', '');
  for (let i = 0; i < samples; i++) builder.addSample(i * MS, 0, thread, -1);
  const stay = { startNs: 0, cpu: 0, thread, left: 0, stack: -1, readyNs: NaN, waker: -1 };
  builder.addSpan({ ...stay, endNs: toldMs * MS });
  return builder.finish({ sampleNs: MS, absent: ['something', UNTOLD_REMARK] } as unknown as Profile['header']);
}

test('where the samples saw far more than the scheduler told of, its stays are left out, and that is said', () => {
  const { spans, header } = withTrustedSpans(profileOf(800, 6));
  expect(spans).toBeNull();
  expect(header.absent).toEqual(['something', expect.stringMatching(/they tell of 0\.01 s on CPUs, .* 0\.80 s\./)]);
});

test('stays that tell of nearly all are kept; so are those beside few samples, or idle ones', () => {
  for (const profile of [profileOf(800, 620), profileOf(90, 1), profileOf(800, 1, true)])
    expect(withTrustedSpans(profile)).toBe(profile);
});
