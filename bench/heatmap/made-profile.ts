// A made profile of an hour: two CPUs at 999 Hz, an encode with quiet and busy stretches, stolen time, and its spans.

import type { Profile, ProfileHeader } from '#core/profile';
import { ProfileBuilder } from '#profile/profile-builder';

const HERTZ = 999;
const CPUS = 2;
const THREADS = 24;
const LONGEST_SPAN_NS = 30e6;

/** The same for the same numbers: a linear congruential generator (Numerical Recipes, 1992). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** @param seconds how long */
export function makeProfile(seconds: number, withSpans = true, scope: ProfileHeader['scope'] = 'system'): Profile {
  const builder = new ProfileBuilder();
  const idle = builder.addThread(0, 0, 'swapper', 'swapper');
  const threads = Array.from({ length: THREADS }, (_, i) =>
    builder.addThread(100 + (i >> 3), 200 + i, ['ffmpeg', 'node', 'kworker'][i >> 3]!, `worker ${i}`),
  );
  if (withSpans) builder.expectSpans();
  const random = randomOf(7);
  const periodNs = 1e9 / HERTZ;
  const endNs = seconds * 1e9;
  for (let cpu = 0; cpu < CPUS; cpu++) {
    let now = 0;
    let nextSample = periodNs * random();
    let stolenUntil = 0;
    while (now < endNs) {
      const second = now / 1e9;
      // Scenes of half a minute, a serial one every fourth, and a quiet fifth of every second.
      const isSerial = Math.floor(second / 30) % 4 === 3;
      const busy = isSerial ? (cpu === 0 ? 0.97 : 0.03) : second % 1 > 0.8 ? 0.15 : 0.85 + 0.1 * Math.sin(second / 9);
      const isBusy = random() < busy;
      const end = Math.min(endNs, now + 2e5 + random() * random() * LONGEST_SPAN_NS);
      const thread = isBusy ? threads[Math.floor(random() * random() * THREADS)]! : idle;
      if (isBusy && withSpans)
        builder.addSpan({
          startNs: now,
          endNs: end,
          cpu,
          thread,
          left: 1,
          stack: -1,
          readyNs: random() < 0.3 ? now - random() * 3e6 : NaN,
          waker: -1,
        });
      for (; nextSample < end; nextSample += periodNs) {
        if (random() < 0.0008) stolenUntil = nextSample + random() * 120e6;
        if (nextSample >= stolenUntil && (isBusy || scope === 'system')) builder.addSample(nextSample, cpu, thread, -1);
      }
      now = end;
    }
  }
  return builder.finish({
    tool: 'made',
    file: null,
    clock: 'monotonic',
    startNs: 0,
    endNs,
    frequencyHz: HERTZ,
    weightUnit: 'ns',
    sampleNs: periodNs,
    cpus: [0, 1],
    scope,
    stacks: 'none',
    lost: 0,
    throttled: 0,
    overheadCpuS: null,
    absent: [],
    quality: [],
  });
}
