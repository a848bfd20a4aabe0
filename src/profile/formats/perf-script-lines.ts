// The two kinds of lines that `perf script` writes: what was sampled, and the functions of its stack below it.

import type { FunctionKind } from '#core/profile';

/** The line that begins a sample: `ffmpeg 123/124 [001] 56300.276317: 1001001 cpu-clock: …`. */
export interface SampleLine {
  readonly comm: string;
  /** -1 where only one number is given, which is the thread's. */
  readonly process: number;
  readonly thread: number;
  /** -1 where it is not told. */
  readonly cpu: number;
  readonly timeNs: number;
  /** NaN where it is not told. */
  readonly period: number;
  /** `cpu-clock:ppp`, `sched:sched_switch`; empty where it is not told. */
  readonly event: string;
  /** What follows: fields of a tracepoint, or the function where stacks were not taken. */
  readonly rest: string;
}

const TIME = /\s(\d{1,10})\.(\d{1,9}):(?=\s|$)/;
const IDS = /(?:^|\s)(-?\d{1,10})(?:\/\s*(-?\d{1,10}))?$/;
/** Two ids at most and what is between them. */
const IDS_CHARS = 40;
/** What a column of CPUs holds. */
const MAX_CPU = 2 ** 15 - 1;
const CPU = /\[(\d{1,5})\]$/;
const EVENT = /^\s*(?:(\d{1,20})\s+)?([^\s:]\S*):(?:\s+|$)/;
/** What is no sample has no colon behind its name, or other colons: `PERF_RECORD_LOST lost 12`. */
const RECORD = /^\s*()(PERF_RECORD_[A-Z0-9_]+):?(?:\s+|$)/;

/** Null where it is no such line. The fields are those of `perf script` as it is called without `-F`, and of FlameScope. */
export function parseSampleLine(line: string): SampleLine | null {
  const time = TIME.exec(line);
  if (time === null) return null;
  let before = line.slice(0, time.index).trimEnd();
  const cpu = CPU.exec(before.slice(-8));
  if (cpu !== null) before = before.slice(0, -cpu[0].length).trimEnd();
  const ids = IDS.exec(before.slice(-IDS_CHARS));
  if (ids === null) return null;
  const after = line.slice(time.index + time[0].length);
  const event = RECORD.exec(after) ?? EVENT.exec(after);
  const [first, second] = [Number(ids[1]), ids[2] === undefined ? null : Number(ids[2])];
  return {
    comm: before.slice(0, before.length - ids[0].length).trim(),
    process: second === null ? -1 : first,
    thread: second ?? first,
    cpu: cpu === null || Number(cpu[1]) > MAX_CPU ? -1 : Number(cpu[1]),
    timeNs: Number(time[1]) * 1e9 + Number(time[2]!.padEnd(9, '0')),
    period: event?.[1] === undefined || event[1] === '' ? Number.NaN : Number(event[1]),
    event: event?.[2] ?? '',
    rest: (event === null ? after : after.slice(event[0].length)).trim(),
  };
}

/** Modifiers at the end of an event's name: `cycles:u`, `cpu-clock:ppp`. */
const MODIFIERS = /:[ukhIGHpPSDWeb]*$/;
/** How one of the kernel's own events was recorded: `cpu-clock/freq=999/u`. Those of a PMU, `cpu/cycles/`, are named within. */
const TERMS = /^((?:cpu|task)-clock|[a-z-]*cycles|instructions)\/[^/]*\/[ukhIGHpPSDWeb]*$/;

/** The event without its modifiers. */
export function eventName(event: string): string {
  return event.replace(MODIFIERS, '').replace(TERMS, '$1');
}

/** A function of a stack: `ffffffff816cdc78 path_openat+0x78 ([kernel.kallsyms])`. */
export interface StackLine {
  readonly name: string;
  /** As it is shown, `libx264.so.164`; null in an inlined function, which lies in that of its caller. */
  readonly library: string | null;
  readonly kind: FunctionKind;
  /** False where perf did not know the function. */
  readonly named: boolean;
}

/** Where the text behind the address begins; -1 where this is no function of a stack. */
export function textBehindAddress(line: string): number {
  let i = 0;
  while (line.charCodeAt(i) === 0x20 || line.charCodeAt(i) === 0x09) i++;
  const begin = i;
  while (isHexDigit(line.charCodeAt(i))) i++;
  if (i === begin || i - begin > 16 || line.charCodeAt(i) !== 0x20) return -1;
  while (line.charCodeAt(i) === 0x20) i++;
  return i;
}

function isHexDigit(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66);
}

const OFFSET = /\+0x[0-9a-f]+$/;
/** Of a symbol, `cfree@GLIBC_2.2.5`: the function is the same. */
const VERSION = /@@?[A-Za-z_][\w.]*$/;
const INLINED = '(inlined)';
const UNKNOWN = '[unknown]';
const DELETED = ' (deleted))';

/** @param text what stands behind the address: `name+0x12 (/usr/lib/file.so)` */
export function parseStackText(text: string): StackLine {
  const inlined = text.endsWith(INLINED);
  const file = inlined ? -1 : fileAt(text);
  const symbol = inlined ? text.slice(0, -INLINED.length).trimEnd() : file < 0 ? text : text.slice(0, file).trimEnd();
  const path = file < 0 ? UNKNOWN : text.slice(file + 1, -1);
  const name = symbol.replace(OFFSET, '').replace(VERSION, '');
  const [library, kind] = libraryOf(path);
  const named = name !== UNKNOWN && name !== '';
  if (inlined) return { name: named ? name : '[inlined]', library: null, kind, named };
  // All of a file's unknown functions are one: their addresses alone would be another function each.
  return { name: named ? name : library.startsWith('[') ? library : `[${library}]`, library, kind, named };
}

/** Where the file in parentheses begins; -1 where there is none. Names and paths may hold parentheses. */
function fileAt(text: string): number {
  if (!text.endsWith(')')) return -1;
  const offset = text.search(/\+0x[0-9a-f]+ \(/);
  if (offset >= 0) return text.indexOf(' (', offset) + 1;
  const unnamed = `${UNKNOWN} (`;
  if (text.startsWith(unnamed)) return unnamed.length - 1;
  const end = text.endsWith(DELETED) ? text.length - DELETED.length : text.length;
  return text.lastIndexOf(' (', end - 1) + 1 || -1;
}

const KERNEL =
  /^\[(guest\.)?kernel(\.|\])|^\[guest\.kernel|\.ko(\.\w+)?$|(^|\/)vmlinux(-|$)|^\[(bpf|ftrace_trampoline)/;
const MODULE = /^\[(?!unknown\]|vdso\]|vsyscall\]|heap\]|stack\]|anon\]|JIT\]|jit\])\w+\]$/;
const JIT = /(^|\/)(perf-\d+\.map|jitted-\d+-\d+\.so)$|^\[JIT\]/;

/** How a file is shown, and what its functions are part of. */
function libraryOf(path: string): [string, FunctionKind] {
  if (path === UNKNOWN) return [UNKNOWN, 'unknown'];
  if (path.startsWith('[kernel.') || path.startsWith('[guest.kernel')) return ['[kernel]', 'kernel'];
  if (JIT.test(path)) return ['[jit]', 'jit'];
  const kept = path.endsWith(' (deleted)') ? path.slice(0, -' (deleted)'.length) : path;
  const library = kept.startsWith('[') ? kept : kept.slice(kept.lastIndexOf('/') + 1) || kept;
  return [library, KERNEL.test(kept) || MODULE.test(kept) ? 'kernel' : 'user'];
}
