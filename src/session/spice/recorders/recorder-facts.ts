// What the entries of a patched SPICE process mean: frames of the guest with their steps, frames that pass the server, frames that the
// client gets, decodes and drops, and what the processes say.

import type { RecorderEntry } from './recorder-reader.ts';

/** All durations in microseconds; null where that step was not told, and its time is in the next one's. */
export interface GuestFrame {
  readonly startUs: number;
  readonly sleepUs: number | null;
  readonly captureUs: number | null;
  readonly encodeUs: number | null;
  readonly sendUs: number;
  /** When it was sent. */
  readonly sentUs: number;
  readonly bytes: number | null;
  readonly key: boolean;
}

export type RecorderFact =
  | { readonly kind: 'guest frame'; readonly frame: GuestFrame }
  | { readonly kind: 'server frame'; readonly atUs: number; readonly bytes: number; readonly mmTimeMs: number }
  | { readonly kind: 'client frame'; readonly atUs: number; readonly bytes: number; readonly key: boolean }
  | {
      readonly kind: 'decoded frame';
      readonly atUs: number;
      readonly mmTimeMs: number;
      readonly bytes: number;
      /** As the process tells them, microseconds. */
      readonly createdUs: number;
      readonly decodeUs: number;
      /** Frames that wait, after and before this one. */
      readonly queue: number;
      readonly queueBefore: number;
      readonly key: boolean;
    }
  | { readonly kind: 'frame left queue'; readonly atUs: number; readonly afterUs: number }
  | { readonly kind: 'frames dropped'; readonly atUs: number; readonly count: number }
  | { readonly kind: 'message'; readonly atUs: number; readonly source: string; readonly text: string }
  /** Of the process that is to be measured. */
  | { readonly kind: 'process'; readonly pid: number }
  | { readonly kind: 'frame rate asked'; readonly atUs: number; readonly fps: number };

/** Recorders that are understood: the others are left off. */
export const RECORDERS = [
  'frame',
  'gst_frame',
  'nv_frame',
  'frames_info',
  'frames_stats',
  'frames_dropped',
  'stream_channel_data',
  'quality',
  'quality_interface',
  'quality_setting',
  'agent_info',
  'streaming_info',
] as const;

const FRAMES: readonly string[] = ['frame', 'gst_frame', 'nv_frame'];

interface Unfinished {
  readonly startUs: number;
  lastUs: number;
  sleepUs: number | null;
  captureUs: number | null;
  encodeUs: number | null;
  bytes: number | null;
  key: boolean;
}

export class RecorderFacts {
  readonly #tell: (fact: RecorderFact) => void;
  readonly #unread: (entry: RecorderEntry) => void;
  #frame: Unfinished | null = null;

  /** @param unread gets what is not understood */
  constructor(tell: (fact: RecorderFact) => void, unread: (entry: RecorderEntry) => void) {
    this.#tell = tell;
    this.#unread = unread;
  }

  take(entry: RecorderEntry): void {
    if (FRAMES.includes(entry.name)) return this.#step(entry);
    const fact = factOf(entry);
    if (fact === null) this.#unread(entry);
    else this.#tell(fact);
  }

  /** A guest's frame is told verb by verb; what was begun before we came is passed over. */
  #step(entry: RecorderEntry): void {
    const { name, message, timeUs } = entry;
    const [verb] = message.trim().split(/\s+/, 1);
    if (name === 'frame' && verb === 'Capturing') {
      this.#frame = {
        startUs: timeUs,
        lastUs: timeUs,
        sleepUs: null,
        captureUs: null,
        encodeUs: null,
        bytes: null,
        key: false,
      };
      return;
    }
    const frame = this.#frame;
    if (frame === null) return;
    const sinceUs = timeUs - frame.lastUs;
    frame.lastUs = timeUs;
    switch (verb) {
      case 'Frame':
        frame.bytes = numberAfter(message, 'Frame of');
        return;
      case 'Capturing':
        frame.sleepUs = sinceUs;
        return;
      case 'Encoding':
        frame.captureUs = sinceUs;
        return;
      case 'Captured':
        frame.encodeUs = sinceUs;
        return;
      case 'Keyframe':
        frame.key = true;
        return;
      case 'Sent': {
        const { lastUs: _, ...told } = frame;
        this.#frame = null;
        this.#tell({ kind: 'guest frame', frame: { ...told, sendUs: sinceUs, sentUs: timeUs } });
        return;
      }
      default:
        this.#unread(entry);
    }
  }
}

function factOf({ name, message, timeUs }: RecorderEntry): RecorderFact | null {
  switch (name) {
    case 'stream_channel_data': {
      const [bytes, mmTimeMs] = numbers(message, /Stream data packet size (\d+) mm_time (\d+)/);
      return bytes === undefined ? null : { kind: 'server frame', atUs: timeUs, bytes, mmTimeMs: mmTimeMs! };
    }
    case 'frames_info': {
      const [bytes, key] = numbers(message, /frame size (\d+) keyframe (\d+)/);
      return bytes === undefined ? null : { kind: 'client frame', atUs: timeUs, bytes, key: key === 1 };
    }
    case 'frames_stats': {
      const [mmTimeMs, bytes, createdUs, decodeUs, queue, before, key] = numbers(
        message,
        /frame mm_time (\d+) size (\d+) creation time (\d+) decoded time (\d+) queue (\d+) before (\d+) keyframe (\d+)/,
      );
      if (mmTimeMs === undefined) return null;
      return {
        kind: 'decoded frame',
        atUs: timeUs,
        mmTimeMs,
        bytes: bytes!,
        createdUs: createdUs!,
        decodeUs: decodeUs!,
        queue: queue!,
        queueBefore: before!,
        key: key === 1,
      };
    }
    case 'frames_dropped': {
      const count = numberAfter(message, 'dropped');
      if (count !== null) return { kind: 'frames dropped', atUs: timeUs, count };
      const afterUs = numberAfter(message, 'drop frame after');
      return afterUs === null ? null : { kind: 'frame left queue', atUs: timeUs, afterUs };
    }
    case 'quality':
    case 'quality_interface': {
      const at = message.indexOf(': ');
      return at === -1
        ? null
        : { kind: 'message', atUs: timeUs, source: message.slice(0, at), text: message.slice(at + 2) };
    }
    case 'streaming_info':
      return { kind: 'message', atUs: timeUs, source: 'guest', text: message };
    case 'agent_info': {
      const pid = numberAfter(message, 'pid:');
      return pid === null ? null : { kind: 'process', pid };
    }
    case 'quality_setting': {
      const fps = numberAfter(message, 'encoding:framerate:');
      return fps === null ? null : { kind: 'frame rate asked', atUs: timeUs, fps };
    }
    default:
      return null;
  }
}

function numbers(message: string, pattern: RegExp): number[] {
  return pattern.exec(message)?.slice(1).map(Number) ?? [];
}

function numberAfter(message: string, words: string): number | null {
  const text = message.trim();
  const [, digits] = text.startsWith(words) ? (/^\s*(\d+)/.exec(text.slice(words.length)) ?? []) : [];
  return digits === undefined ? null : Number(digits);
}
