// Formats of tracepoints, as a perf.data carries them: where in a sample's raw bytes each field stands.

import { unsigned } from './perf-event.ts';
import { text } from './perf-features.ts';

export interface TraceField {
  readonly offset: number;
  readonly bytes: number;
}

export interface TraceFormat {
  /** `sched:sched_switch` */
  readonly name: string;
  readonly fields: ReadonlyMap<string, TraceField>;
}

const MAGIC = '\u0017\u0008\u0044tracing';
/** Far more than a kernel has. */
const MAX_FORMATS = 100_000;

/**
 * Formats by their numbers, from the file format of trace-cmd.dat(5) that perf writes into its tracing data.
 * Ends where the bytes do: what stood before is given.
 */
export function readTraceFormats(view: DataView): Map<number, TraceFormat> {
  const formats = new Map<number, TraceFormat>();
  let at = 0;
  const string = () => {
    const value = text(view, at, view.byteLength);
    at += value.length + 1;
    return value;
  };
  const uint32 = () => view.getUint32((at += 4) - 4, true);
  const block = () => {
    const bytes = unsigned(view, (at += 8) - 8);
    if (bytes > view.byteLength - at) throw new RangeError('a block beyond the end');
    at += bytes;
    return at - bytes;
  };
  const add = (system: string) => {
    const from = block();
    const format = parseFormat(system, text(view, from, at));
    if (format !== null && formats.size < MAX_FORMATS) formats.set(format.number, format);
  };
  try {
    if (!text(view, 0, MAGIC.length).startsWith(MAGIC)) return formats;
    at = MAGIC.length;
    string();
    at += 1 + 1 + 4;
    for (let header = 0; header < 2; header++) {
      string();
      block();
    }
    for (let left = uint32(); left > 0; left--) add('ftrace');
    for (let systems = uint32(); systems > 0; systems--) {
      const system = string();
      for (let left = uint32(); left > 0; left--) add(system);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return formats;
}

function parseFormat(system: string, description: string): (TraceFormat & { readonly number: number }) | null {
  const name = /^name: (\S+)/m.exec(description)?.[1];
  const number = /^ID: (\d+)/m.exec(description)?.[1];
  if (name === undefined || number === undefined) return null;
  const fields = new Map<string, TraceField>();
  for (const [, field, offset, bytes] of description.matchAll(
    /^\tfield:[^;]*?(\w+)(?:\[[^\]]*\])?;\toffset:(\d+);\tsize:(\d+);/gm,
  )) {
    fields.set(field!, { offset: Number(offset), bytes: Number(bytes) });
  }
  return { name: `${system}:${name}`, number: Number(number), fields };
}
