// Reads the records of a perf.data as its bytes come, in bounded memory: those of a file's data section, and those of a pipe, which
// carry the header too. Formats: tools/perf/Documentation/perf.data-file-format.txt and include/uapi/linux/perf_event.h of Linux.

import { PerfEvent, TRACEPOINT, attrBytes, signed, unsigned } from './perf-event.ts';
import { PerfFeatures, TRACING_DATA_FEATURE, hexadecimal, text } from './perf-features.ts';
import type { PerfRecords } from './perf-records.ts';
import { PerfSample } from './perf-sample.ts';
import { RecordQueue, type Piece } from './record-queue.ts';
import { FIRST_OF_PERF, MISC, RECORD } from './record-types.ts';
import { Splitter, type Asked } from './splitter.ts';
import { readTraceFormats, type TraceFormat } from './trace-formats.ts';
import { ZstdRecords } from './zstd-records.ts';

/** Of the formats of tracepoints; they carry the kernel's symbols too. What is larger is passed over. */
const MAX_TRACING_BYTES = 64 * 1024 * 1024;
const MAX_EVENTS = 10_000;
const NO_EVENT = 0xffff;
/** 146 years: no clock shows it. Records of perf's own making have no time, or the largest there is. */
const MAX_TIME_NS = 2 ** 62;
const NO_TIME = 2 ** 63;

export class PerfDataReader {
  readonly features = new PerfFeatures();
  readonly events: PerfEvent[] = [];
  traceFormats: ReadonlyMap<number, TraceFormat> = new Map();
  /** Records that are not what they say they are. */
  damagedRecords = 0;
  /** Why it can't go on, for people; null where it can. */
  stopped: string | null = null;
  /** Bytes taken, compressed as they are. */
  bytes = 0;

  readonly #records: PerfRecords;
  readonly #sample = new PerfSample();
  readonly #eventOfId = new Map<number, number>();
  readonly #queue = new RecordQueue((view, offset, event, timeNs) => this.#deliver(view, offset, event, timeNs));
  readonly #outer: Splitter;
  readonly #inner: Splitter;
  #zstd: ZstdRecords | null = null;
  #lastId = -1;
  #lastEvent = NO_EVENT;

  constructor(records: PerfRecords) {
    this.#records = records;
    this.#outer = new Splitter(this.#queue, (piece, offset, size) => this.#record(piece, offset, size));
    this.#inner = new Splitter(this.#queue, (piece, offset, size) => this.#record(piece, offset, size));
  }

  addEvent(event: PerfEvent, ids: Iterable<number>): void {
    if (this.events.length >= MAX_EVENTS) return;
    event.position = this.events.length;
    this.events.push(event);
    for (const id of ids) this.#eventOfId.set(id, this.events.length - 1);
  }

  /** A feature section of the header. */
  readFeature(feature: number, view: DataView): void {
    if (feature === TRACING_DATA_FEATURE) this.traceFormats = readTraceFormats(view);
    else this.features.read(feature, view);
    this.#nameEvents();
  }

  /** Takes the next bytes of the records. What comes after `stopped` is passed over. */
  async feed(bytes: Uint8Array): Promise<void> {
    this.bytes += bytes.length;
    for (let at = 0; at < bytes.length && this.stopped === null;) {
      at += this.#outer.fill(bytes, at);
      for (let asked = this.#outer.scan(); asked !== null && this.stopped === null; asked = this.#outer.scan()) {
        if (typeof asked === 'string') this.stopped = asked;
        else await this.#decompress(asked);
      }
    }
  }

  /** There is no more: puts out what is waiting for its turn. */
  end(): void {
    this.#zstd?.close();
    this.#queue.flush();
    const left = Math.max(this.#outer.left, this.#inner.left);
    if (left > 0) this.stopped ??= `it ends ${left} bytes after the beginning of a record`;
  }

  async #decompress(bytes: Uint8Array): Promise<void> {
    this.#zstd ??= new ZstdRecords((decompressed) => this.#feedInner(decompressed));
    try {
      await this.#zstd.write(bytes);
    } catch (error) {
      this.stopped ??= `its compressed records are damaged (${(error as Error).message})`;
    }
  }

  #feedInner(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && this.stopped === null;) {
      at += this.#inner.fill(bytes, at);
      for (let asked = this.#inner.scan(); asked !== null && this.stopped === null; asked = this.#inner.scan()) {
        this.stopped = typeof asked === 'string' ? asked : 'it holds compressed records within compressed ones';
      }
    }
  }

  /** A record with a time waits for its turn; others are done at once. */
  #record(piece: Piece, offset: number, size: number): Asked {
    const { view } = piece;
    const type = view.getUint32(offset, true);
    if (type === RECORD.sample) {
      const event = this.#eventOf(view, offset, size);
      const timeAt = event === NO_EVENT ? -1 : this.events[event]!.timeAt;
      if (event === NO_EVENT || timeAt + 8 > size) this.damagedRecords++;
      else if (timeAt < 0) this.#deliver(view, offset, event, 0);
      else this.#wait(unsigned(view, offset + timeAt), piece, offset, event);
    } else if (type < FIRST_OF_PERF) {
      const event = this.#eventOfTrailer(view, offset, size);
      const back = event === NO_EVENT ? -1 : this.events[event]!.trailerTime;
      const timeNs = back < 0 || back + 8 > size ? 0 : unsigned(view, offset + size - back);
      if (timeNs === 0 || timeNs >= NO_TIME) this.#deliver(view, offset, event, 0);
      else this.#wait(timeNs, piece, offset, event);
    } else if (type === RECORD.finishedRound) this.#queue.mark();
    else return this.#recordOfPerf(type, piece, offset, size);
    return null;
  }

  #wait(timeNs: number, piece: Piece, offset: number, event: number): void {
    if (timeNs < MAX_TIME_NS) this.#queue.push(timeNs, piece, offset, event);
    else this.damagedRecords++;
  }

  #recordOfPerf(type: number, piece: Piece, offset: number, size: number): Asked {
    const { view } = piece;
    const end = offset + size;
    if (type === RECORD.compressed) return piece.bytes.subarray(offset + 8, end);
    if (type === RECORD.compressedAligned && size >= 16) {
      const bytes = Math.min(unsigned(view, offset + 8), size - 16);
      return piece.bytes.subarray(offset + 16, offset + 16 + bytes);
    }
    if (type === RECORD.headerAttr) this.#readAttr(view, offset + 8, end);
    else if (type === RECORD.headerFeature && size >= 16) {
      this.readFeature(view.getUint32(offset + 8, true), slice(view, offset + 16, end));
    } else if (type === RECORD.buildId) this.features.readBuildId(view, offset, end);
    else if (type === RECORD.eventUpdate && size >= 24 && view.getUint32(offset + 8, true) === UPDATE_NAME) {
      const event = this.#eventOfId.get(unsigned(view, offset + 16));
      if (event !== undefined) this.events[event]!.name = text(view, offset + 24, end);
    } else if (type === RECORD.tracingData && size >= 12) {
      const bytes = view.getUint32(offset + 8, true);
      return { bytes, take: bytes <= MAX_TRACING_BYTES ? (all) => this.#readTracing(all) : null };
    } else if (type === RECORD.auxTrace && size >= 16) return { bytes: unsigned(view, offset + 8), take: null };
    return null;
  }

  #readTracing(view: DataView): void {
    this.traceFormats = readTraceFormats(view);
    this.#nameEvents();
  }

  #readAttr(view: DataView, offset: number, end: number): void {
    const bytes = attrBytes(view, offset);
    if (bytes === null || offset + bytes > end) {
      this.damagedRecords++;
      return;
    }
    const ids = [];
    for (let at = offset + bytes; at + 8 <= end; at += 8) ids.push(unsigned(view, at));
    this.addEvent(new PerfEvent(slice(view, offset, offset + bytes)), ids);
  }

  /** By what was told of them, in whatever order it came. */
  #nameEvents(): void {
    for (const [id, name] of this.features.eventNames) {
      const event = this.#eventOfId.get(id);
      if (event !== undefined) this.events[event]!.name = name;
    }
    for (const event of this.events) {
      const format = event.type === TRACEPOINT ? this.traceFormats.get(event.config) : undefined;
      if (format !== undefined) event.name = format.name;
    }
  }

  #eventOf(view: DataView, offset: number, size: number): number {
    if (this.events.length === 1) return 0;
    const at = this.events[0]?.idAt ?? -1;
    return at < 0 || at + 8 > size ? NO_EVENT : this.#eventById(unsigned(view, offset + at));
  }

  /** A record of perf's own making has the id 0: its trailer is that of the first event. */
  #eventOfTrailer(view: DataView, offset: number, size: number): number {
    const first = this.events[0];
    if (first === undefined || !first.hasTrailers) return NO_EVENT;
    if (this.events.length === 1 || first.trailerId < 0 || first.trailerId + 8 > size) return 0;
    const event = this.#eventById(unsigned(view, offset + size - first.trailerId));
    return event === NO_EVENT ? 0 : event;
  }

  #eventById(id: number): number {
    if (id !== this.#lastId) {
      this.#lastEvent = this.#eventOfId.get(id) ?? NO_EVENT;
      this.#lastId = id;
    }
    return this.#lastEvent;
  }

  #deliver(view: DataView, offset: number, event: number, timeNs: number): void {
    const size = view.getUint16(offset + 6, true);
    if (view.getUint32(offset, true) !== RECORD.sample) this.#tell(view, offset, size, this.events[event], timeNs);
    else if (this.#sample.read(this.events[event]!, timeNs, view, offset, offset + size)) {
      this.#records.sample(this.#sample);
    } else this.damagedRecords++;
  }

  /** Of what is no sample. */
  #tell(view: DataView, offset: number, size: number, event: PerfEvent | undefined, timeNs: number): void {
    const records = this.#records;
    const type = view.getUint32(offset, true);
    const misc = view.getUint16(offset + 4, true);
    const end = offset + size;
    const int = (at: number) => (at + 4 > size ? -1 : view.getInt32(offset + at, true));
    const long = (at: number) => (at + 8 > size ? 0 : unsigned(view, offset + at));
    /** Where a field of the trailer begins, which stands so many bytes before the end; null where the record has no room for it. */
    const back = (bytes: number) => (bytes < 0 || size - bytes < 8 ? null : size - bytes);
    const cpuAt = back(event?.trailerCpu ?? -1);
    const cpu = cpuAt === null ? -1 : int(cpuAt);
    if (type === RECORD.mmap || type === RECORD.mmap2) {
      const isSecond = type === RECORD.mmap2;
      const pathAt = isSecond ? 72 : 40;
      if ((misc & MISC.data) !== 0 || size <= pathAt) return;
      const start = signed(view, offset + 16);
      const told = Math.min(view.getUint8(offset + 40), 20);
      records.mapped({
        process: int(8),
        start,
        end: start + unsigned(view, offset + 24),
        fileOffset: signed(view, offset + 32),
        path: text(view, offset + pathAt, end),
        buildId: isSecond && (misc & MISC.buildId) !== 0 ? hexadecimal(view, offset + 44, told) : null,
      });
    } else if (type === RECORD.comm) {
      if (size > 16) records.named(int(8), int(12), text(view, offset + 16, end), (misc & MISC.exec) !== 0);
    } else if (type === RECORD.fork) {
      if (size >= 24) records.forked(int(8), int(12), int(16), int(20), (misc & MISC.madeUp) !== 0);
    } else if (type === RECORD.lost) records.lost(timeNs, cpu, long(16));
    else if (type === RECORD.lostSamples) records.lostSamples(timeNs, cpu, long(8), event);
    else if (type === RECORD.throttle) records.throttled(timeNs, cpu);
    else if (type === RECORD.switched || type === RECORD.switchedCpuWide) {
      const threadAt = back(event?.trailerThread ?? -1);
      if (threadAt === null) return;
      const out = (misc & MISC.out) !== 0;
      records.switched(timeNs, cpu, int(threadAt), int(threadAt + 4), out, (misc & MISC.preempted) !== 0);
    } else if (type === RECORD.kernelSymbol && size > 24) {
      const start = signed(view, offset + 8);
      records.kernelSymbol(start, start + view.getUint32(offset + 16, true), text(view, offset + 24, end));
    }
  }
}

/** Of EVENT_UPDATE. */
const UPDATE_NAME = 2;

function slice(view: DataView, from: number, to: number): DataView {
  return new DataView(view.buffer, view.byteOffset + from, to - from);
}
