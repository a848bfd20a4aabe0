// One sample of a perf.data: read from its bytes where they lie, into one object that is used again for the next.

import type { PerfEvent } from './perf-event.ts';
import { MISC, SAMPLE } from './record-types.ts';

const READ_ENABLED = 1;
const READ_RUNNING = 2;
const READ_ID = 4;
const READ_GROUP = 8;
const READ_LOST = 16;
const MAX_CPU = 0x7fff;

export class PerfSample {
  event!: PerfEvent;
  /** Holds the record; good until the next sample is read. */
  view!: DataView;
  timeNs = 0;
  /** -1 where the sample has none. */
  process = -1;
  thread = -1;
  cpu = -1;
  userMode = false;
  /** Where in `view` its address stands, 8 bytes; -1 where it has none. */
  ipAt = -1;
  /** Where in `view` the addresses of its callchain begin, the innermost first, and how many there are, context markers among them. */
  chainAt = 0;
  chainLength = 0;
  /** Where in `view` its tracepoint's fields begin, and their bytes. */
  rawAt = 0;
  rawBytes = 0;

  /** @returns whether the record is what its event says; else nothing of this object is to be used */
  read(event: PerfEvent, timeNs: number, view: DataView, offset: number, end: number): boolean {
    let at = offset + event.variableAt;
    if (at > end) return false;
    this.event = event;
    this.view = view;
    this.timeNs = timeNs;
    this.userMode = (view.getUint16(offset + 4, true) & MISC.modeMask) === MISC.userMode;
    this.ipAt = event.ipAt < 0 ? -1 : offset + event.ipAt;
    if (event.threadAt >= 0) {
      this.process = view.getInt32(offset + event.threadAt, true);
      this.thread = view.getInt32(offset + event.threadAt + 4, true);
    } else this.process = this.thread = -1;
    // What is larger than a table's column has room for is no CPU.
    const cpu = event.cpuAt < 0 ? -1 : view.getInt32(offset + event.cpuAt, true);
    this.cpu = cpu > MAX_CPU ? -1 : cpu;
    this.chainLength = 0;
    this.rawBytes = 0;
    if (event.has(SAMPLE.read)) at += readBytes(event.readFormat, view, at, end);
    if (event.has(SAMPLE.callchain)) {
      if (at + 8 > end) return false;
      const length = view.getUint32(at, true);
      if (view.getUint32(at + 4, true) !== 0 || length > (end - at - 8) / 8) return false;
      this.chainAt = at + 8;
      this.chainLength = length;
      at += 8 + length * 8;
    }
    if (event.has(SAMPLE.raw)) {
      if (at + 4 > end) return false;
      const bytes = view.getUint32(at, true);
      if (bytes > end - at - 4) return false;
      this.rawAt = at + 4;
      this.rawBytes = bytes;
    }
    return true;
  }
}

/** Bytes of a READ field. */
function readBytes(format: number, view: DataView, at: number, end: number): number {
  const times = (format & READ_ENABLED ? 8 : 0) + (format & READ_RUNNING ? 8 : 0);
  const each = 8 + (format & READ_ID ? 8 : 0) + (format & READ_LOST ? 8 : 0);
  if ((format & READ_GROUP) === 0) return times + each;
  return at + 4 > end ? 8 : 8 + times + each * view.getUint32(at, true);
}
