// What a perf.data tells of the machine and the recording beside its records: the feature sections of its header.

import { PerfEvent, attrBytes, unsigned } from './perf-event.ts';

const FEATURE = {
  tracingData: 1,
  buildId: 2,
  hostname: 3,
  osRelease: 4,
  version: 5,
  arch: 6,
  cpus: 7,
  cpuDescription: 8,
  commandLine: 11,
  events: 12,
  sampleTime: 21,
} as const;
export const TRACING_DATA_FEATURE = FEATURE.tracingData;

/** Far more than any has; what says it has more is not believed. */
const MAX_STRINGS = 10_000;
const MAX_EVENTS = 10_000;

const decoder = new TextDecoder();

/** Null where the file does not tell. Filled as its sections come. */
export class PerfFeatures {
  hostname: string | null = null;
  osRelease: string | null = null;
  /** Of perf. */
  version: string | null = null;
  arch: string | null = null;
  cpuDescription: string | null = null;
  cpusOnline: number | null = null;
  commandLine: readonly string[] = [];
  /** Of the first and the last sample, nanoseconds. */
  sampleTimeNs: readonly [number, number] | null = null;
  /** Names of events by the ids of their samples. */
  readonly eventNames = new Map<number, string>();
  /** In hexadecimal digits, by the file's path. */
  readonly buildIds = new Map<string, string>();

  /** Reads a section. What is not known or too short for what it says is passed over: nothing depends on it. */
  read(feature: number, view: DataView): void {
    const bytes = new FeatureBytes(view);
    if (feature === FEATURE.hostname) this.hostname = bytes.string();
    else if (feature === FEATURE.osRelease) this.osRelease = bytes.string();
    else if (feature === FEATURE.version) this.version = bytes.string();
    else if (feature === FEATURE.arch) this.arch = bytes.string();
    else if (feature === FEATURE.cpuDescription) this.cpuDescription = bytes.string();
    else if (feature === FEATURE.cpus && view.byteLength >= 8) this.cpusOnline = view.getUint32(4, true);
    else if (feature === FEATURE.commandLine) this.commandLine = bytes.strings();
    else if (feature === FEATURE.events) this.#readEvents(bytes);
    else if (feature === FEATURE.buildId) this.#readBuildIds(view);
    else if (feature === FEATURE.sampleTime && view.byteLength >= 16)
      this.sampleTimeNs = [unsigned(view, 0), unsigned(view, 8)];
  }

  /** A build id as a record of its own, or as one of a section: pid, 20 bytes and their number, the file's path. */
  readBuildId(view: DataView, offset: number, end: number): void {
    if (offset + 36 >= end) return;
    const told = view.getUint8(offset + 32);
    const length = told >= 8 && told <= 20 ? told : 20;
    this.buildIds.set(text(view, offset + 36, end), hexadecimal(view, offset + 12, length));
  }

  #readBuildIds(view: DataView): void {
    for (let offset = 0; offset + 8 <= view.byteLength;) {
      const size = view.getUint16(offset + 6, true);
      if (size < 8 || offset + size > view.byteLength) return;
      this.readBuildId(view, offset, offset + size);
      offset += size;
    }
  }

  #readEvents(bytes: FeatureBytes): void {
    const count = bytes.uint32();
    const size = bytes.uint32();
    if (count === null || size === null || count > MAX_EVENTS) return;
    for (let event = 0; event < count; event++) {
      bytes.skip(size);
      const ids = bytes.uint32();
      const name = bytes.string();
      if (ids === null || name === null) return;
      for (let i = 0; i < ids; i++) {
        const id = bytes.uint64();
        if (id === null) return;
        this.eventNames.set(id, name);
      }
    }
  }
}

/** Events of a header's section of attributes, each with where its ids stand. */
export function readAttrs(
  view: DataView,
  entryBytes: number,
): { readonly event: PerfEvent; readonly ids: { readonly offset: number; readonly bytes: number } }[] {
  const events = [];
  for (let offset = 0; offset + entryBytes <= view.byteLength && events.length < MAX_EVENTS; offset += entryBytes) {
    const bytes = Math.min(attrBytes(view, offset) ?? 64, entryBytes - 16);
    const event = new PerfEvent(new DataView(view.buffer, view.byteOffset + offset, bytes));
    const at = offset + entryBytes - 16;
    events.push({ event, ids: { offset: unsigned(view, at), bytes: unsigned(view, at + 8) } });
  }
  return events;
}

/** Text up to its first zero or the end. */
export function text(view: DataView, offset: number, end: number): string {
  let length = 0;
  while (offset + length < end && view.getUint8(offset + length) !== 0) length++;
  return decoder.decode(new Uint8Array(view.buffer, view.byteOffset + offset, length));
}

export function hexadecimal(view: DataView, offset: number, length: number): string {
  let digits = '';
  for (let i = 0; i < length; i++) {
    digits += view
      .getUint8(offset + i)
      .toString(16)
      .padStart(2, '0');
  }
  return digits;
}

/** Reads on and on; null once the bytes are at their end. */
class FeatureBytes {
  readonly #view: DataView;
  #at = 0;

  constructor(view: DataView) {
    this.#view = view;
  }

  skip(bytes: number): void {
    this.#at += bytes;
  }

  uint32(): number | null {
    if (this.#at + 4 > this.#view.byteLength) return null;
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4, true);
  }

  uint64(): number | null {
    if (this.#at + 8 > this.#view.byteLength) return null;
    this.#at += 8;
    return unsigned(this.#view, this.#at - 8);
  }

  string(): string | null {
    const length = this.uint32();
    if (length === null || this.#at + length > this.#view.byteLength) return null;
    this.#at += length;
    return text(this.#view, this.#at - length, this.#at);
  }

  strings(): string[] {
    const count = Math.min(this.uint32() ?? 0, MAX_STRINGS);
    const strings = [];
    for (let i = 0; i < count; i++) {
      const next = this.string();
      if (next === null) break;
      strings.push(next);
    }
    return strings;
  }
}
