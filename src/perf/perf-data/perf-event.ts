// An event that perf recorded: its `perf_event_attr`, and where the fields of its samples stand.

import { SAMPLE } from './record-types.ts';

/** Bytes of the first version of a `perf_event_attr`, and far more than any has. */
const ATTR_MIN_BYTES = 64;
const ATTR_MAX_BYTES = 4096;

const TYPES = ['hardware', 'software', 'tracepoint', 'hw-cache', 'raw', 'breakpoint'];
const HARDWARE = ['cycles', 'instructions', 'cache-references', 'cache-misses', 'branches', 'branch-misses'];
const SOFTWARE = ['cpu-clock', 'task-clock', 'page-faults', 'context-switches', 'cpu-migrations'];
export const TRACEPOINT = 2;

/** One of a recording's events. Offsets are bytes from the start of a record; -1 where its samples have no such field. */
export class PerfEvent {
  /** As perf tells it, or as its numbers say. */
  name: string;
  /** Among the events of its recording. */
  position = 0;
  readonly type: number;
  /** Which of its type: of a tracepoint the number of its format. */
  readonly config: number;
  /** Samples a second, as asked; null where samples come every `period`. */
  readonly frequencyHz: number | null;
  readonly period: number;
  readonly sampleType: number;
  readonly readFormat: number;
  /** Number of the clock of its times (clock_gettime); null for perf's own. */
  readonly clock: number | null;
  readonly hasTrailers: boolean;
  readonly ipAt: number;
  readonly threadAt: number;
  readonly timeAt: number;
  readonly idAt: number;
  readonly cpuAt: number;
  /** Where the fields begin whose lengths differ from sample to sample: READ, then CALLCHAIN, then RAW. */
  readonly variableAt: number;
  /** Of the fields at the end of other records: bytes before their end. */
  readonly trailerThread: number;
  readonly trailerTime: number;
  readonly trailerId: number;
  readonly trailerCpu: number;

  /** @throws RangeError where the bytes hold no attribute */
  constructor(attr: DataView) {
    if (attr.byteLength < ATTR_MIN_BYTES) throw new RangeError('an event of too few bytes');
    this.type = attr.getUint32(0, true);
    this.config = attr.getUint32(8, true);
    const flags = attr.getUint32(40, true);
    const asked = unsigned(attr, 16);
    this.frequencyHz = flags & (1 << 10) ? asked : null;
    this.period = flags & (1 << 10) ? 0 : asked;
    this.sampleType = attr.getUint32(24, true);
    this.readFormat = attr.getUint32(32, true);
    this.clock = flags & (1 << 25) && attr.byteLength >= 96 ? attr.getInt32(92, true) : null;
    this.hasTrailers = (flags & (1 << 18)) !== 0;
    this.name = nameOf(this.type, this.config);

    let next = 8;
    const place = (bit: number) => {
      if ((this.sampleType & bit) === 0) return -1;
      next += 8;
      return next - 8;
    };
    const identifier = place(SAMPLE.identifier);
    this.ipAt = place(SAMPLE.ip);
    this.threadAt = place(SAMPLE.tid);
    this.timeAt = place(SAMPLE.time);
    place(SAMPLE.address);
    const id = place(SAMPLE.id);
    this.idAt = identifier >= 0 ? identifier : id;
    place(SAMPLE.streamId);
    this.cpuAt = place(SAMPLE.cpu);
    place(SAMPLE.period);
    this.variableAt = next;

    let before = 0;
    const placeBack = (bit: number) => {
      if ((this.sampleType & bit) === 0) return -1;
      before += 8;
      return before;
    };
    const identifierBack = placeBack(SAMPLE.identifier);
    this.trailerCpu = placeBack(SAMPLE.cpu);
    placeBack(SAMPLE.streamId);
    const idBack = placeBack(SAMPLE.id);
    this.trailerId = identifierBack >= 0 ? identifierBack : idBack;
    this.trailerTime = placeBack(SAMPLE.time);
    this.trailerThread = placeBack(SAMPLE.tid);
  }

  has(bit: number): boolean {
    return (this.sampleType & bit) !== 0;
  }
}

/** Bytes of the attribute that begins here, as it says itself; null where that can't be. */
export function attrBytes(view: DataView, offset: number): number | null {
  if (offset + 8 > view.byteLength) return null;
  const bytes = view.getUint32(offset + 4, true);
  return bytes >= ATTR_MIN_BYTES && bytes <= ATTR_MAX_BYTES && offset + bytes <= view.byteLength ? bytes : null;
}

/** A 64-bit number; exact below 2^53. */
export function unsigned(view: DataView, offset: number): number {
  return view.getUint32(offset, true) + view.getUint32(offset + 4, true) * 0x1_0000_0000;
}

/** A signed 64-bit number: a kernel's address is negative, and exact. */
export function signed(view: DataView, offset: number): number {
  return view.getUint32(offset, true) + view.getInt32(offset + 4, true) * 0x1_0000_0000;
}

function nameOf(type: number, config: number): string {
  const known = type === 0 ? HARDWARE[config] : type === 1 ? SOFTWARE[config] : undefined;
  return known ?? `${TYPES[type] ?? `type ${type}`} ${config}`;
}
