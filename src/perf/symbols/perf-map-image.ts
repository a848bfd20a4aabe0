// Code that a process made while it ran, as it told in /tmp/perf-PID.map (the kernel's tools/perf/Documentation/jit-interface.txt):
// START SIZE NAME, both hexadecimal.

import { INSTRUCTION_KINDS } from '#core/profile';
import type { Image, ImageFunction } from '../image.ts';
import { fileBytes } from './byte-source.ts';
import { demangle } from './demangle/demangle.ts';
import { FunctionRanges } from './function-ranges.ts';
import { namedImage } from './named-image.ts';

const LIBRARY = '[jit]';
const UNKNOWN = INSTRUCTION_KINDS.indexOf('unknown');
/** A longer map is read as far as this. */
const MOST_BYTES = 256 * 2 ** 20;
const MOST_NAME_LENGTH = 4096;

/** V8's signs for how a function's code was made. */
const TIERS: Readonly<Record<string, string>> = {
  '~': 'interpreted',
  '^': 'baseline',
  '+': 'half optimised',
  '*': 'optimised',
};

/** The map of a process in a folder; an image that finds nothing where there is none. */
export function perfMapImage(process: number, folder = '/tmp'): Image {
  const name = `perf-${process}.map`;
  try {
    const bytes = fileBytes(`${folder}/${name}`);
    const text = bytes.read(0, Math.min(bytes.size, MOST_BYTES));
    return new PerfMapImage(text);
  } catch {
    return { ...namedImage(LIBRARY, 'jit', noMapTodo([process])), process };
  }
}

/** What helps where processes ran code of their own making and left no map of it. */
export function noMapTodo(processes: readonly number[]): string {
  const [first, ...others] = processes;
  const who =
    others.length === 0
      ? `Process ${first} ran code that it made itself and left no perf-${first}.map`
      : `Processes ${first} and ${others.length === 1 ? others[0] : `${others.length} others`} ran code that they made themselves and left no perf-PID.map`;
  return `${who}: start Node with --perf-basic-prof, Java with perf-map-agent or -XX:+DumpPerfMapAtExit.`;
}

class PerfMapImage implements Image {
  readonly library = LIBRARY;
  readonly kind = 'jit';
  readonly todo = null;
  readonly #text: Buffer;
  readonly #nameStart: number[] = [];
  readonly #nameEnd: number[] = [];
  readonly #ranges: FunctionRanges;
  readonly #found: (ImageFunction | undefined)[] = [];

  constructor(text: Buffer) {
    this.#text = text;
    const start: number[] = [];
    const end: number[] = [];
    for (let at = 0; at < text.length;) {
      const newline = text.indexOf(0x0a, at);
      const next = newline < 0 ? text.length : newline + 1;
      const head = /^(?:0x)?([\da-f]{1,16}) (?:0x)?([\da-f]{1,12}) /i.exec(
        text.toString('latin1', at, Math.min(next, at + 40)),
      );
      if (head !== null) {
        const from = Number.parseInt(head[1]!, 16);
        start.push(from);
        end.push(from + Number.parseInt(head[2]!, 16));
        this.#nameStart.push(at + head[0].length);
        this.#nameEnd.push(newline < 0 ? text.length : newline);
      }
      at = next;
    }
    this.#ranges = new FunctionRanges({
      start: Float64Array.from(start),
      end: Float64Array.from(end),
      // Memory is used again: what was told later is there now.
      rank: Float64Array.from(start.keys()),
    });
  }

  addressOf(address: number): number {
    return address;
  }

  find(address: number): ImageFunction | null {
    const piece = this.#ranges.at(address);
    if (piece < 0) return null;
    return (this.#found[piece] ??= this.#describe(piece));
  }

  instructionAt(): number {
    return UNKNOWN;
  }

  #describe(piece: number): ImageFunction {
    const owner = this.#ranges.owner[piece]!;
    const from = this.#nameStart[owner]!;
    const text = this.#text.toString('utf8', from, Math.min(this.#nameEnd[owner]!, from + MOST_NAME_LENGTH)).trim();
    return { name: readable(text), source: 'map', start: this.#ranges.start[piece]!, end: this.#ranges.end[piece]! };
  }
}

/**
 * `JS:*encode file.js:3:1` (older: `LazyCompile:*encode file.js:3`) becomes `encode file.js:3:1 [optimised]`; other names stay.
 * A quote behind the sign says that the code is for one closure only: the function is the same.
 */
function readable(name: string): string {
  const script = /^(?:JS|LazyCompile|Function|Eval|Script):([~^+*])?'?(.*)$/.exec(name);
  if (script === null) return demangle(name);
  const tier = TIERS[script[1] ?? ''];
  const rest = script[2]!.trim();
  const shown =
    rest === ''
      ? '(anonymous)'
      : rest.startsWith('/') || rest.startsWith('node:') || rest.startsWith('file:')
        ? `(anonymous) ${rest}`
        : rest;
  return tier === undefined ? shown : `${shown} [${tier}]`;
}
