// When each stay could have begun: a thread that was put off its CPU by another is ready from that moment on.

import { LEAVING_REASONS, type SpanTable } from '#core/profile';

const RUNNING = LEAVING_REASONS.indexOf('running');

/** By span, nanoseconds; NaN where it is not known. */
export function readyTimes({ startNs, endNs, thread, left, readyNs }: SpanTable): Float64Array {
  const ready = Float64Array.from(readyNs);
  const last = new Map<number, number>();
  for (let span = 0; span < startNs.length; span++) {
    const before = last.get(thread[span]!);
    if (Number.isNaN(ready[span]!) && before !== undefined && left[before] === RUNNING) ready[span] = endNs[before]!;
    last.set(thread[span]!, span);
  }
  return ready;
}
