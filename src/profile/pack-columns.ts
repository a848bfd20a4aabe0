// Columns of numbers as bytes: each value as its difference from one that is known already, in a number of bytes of its size (LEB128,
// as in DWARF 5, section 7.6, signed ones by zigzag). Columns that do not fit into that stand as they are.

/** What a value is near to: nothing, the value before it, its own row, or the value of another column in its row. */
export type Base = 'zero' | 'previous' | 'row' | Float64Array;

type Column = Float64Array | Int32Array | Uint32Array | Int16Array | Uint8Array;

const DIFFERENCES = 0;
const AS_THEY_ARE = 1;
/** Differences up to here, doubled, are exact. */
const LARGEST_DIFFERENCE = 2 ** 51;
/** Of one difference: 56 bits. */
const MAX_BYTES = 8;
/** Of one UTF-16 unit. */
const MAX_UNIT_BYTES = 3;
/** Units of a text that are made to characters at once. */
const TEXT_PART = 4096;
/** The code of NaN; the others follow. */
const NOT_KNOWN = 0;

export class PackError extends Error {
  override readonly name = 'PackError';
}

export class ColumnWriter {
  #bytes = new Uint8Array(64 * 1024);
  #length = 0;

  /** What was written, a copy. */
  taken(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** A whole number, 0 or above. */
  count(value: number): void {
    this.#reserve(MAX_BYTES);
    this.#length = putNumber(this.#bytes, this.#length, value);
  }

  /** As UTF-16, of which most units take one byte here; halves of a character survive. */
  text(text: string): void {
    this.count(text.length);
    this.#reserve(text.length * MAX_UNIT_BYTES);
    let at = this.#length;
    for (let i = 0; i < text.length; i++) at = putNumber(this.#bytes, at, text.charCodeAt(i));
    this.#length = at;
  }

  column(values: Column, base: Base): void {
    this.count(values.length);
    const start = base === 'previous' ? (values[0] ?? 0) : 0;
    if (!hasExactDifferences(values, base, start)) {
      this.count(AS_THEY_ARE);
      this.raw(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      return;
    }
    this.count(DIFFERENCES);
    if (base === 'previous') this.raw(new Uint8Array(Float64Array.of(start).buffer));
    this.#reserve(values.length * MAX_BYTES);
    // Of one type all columns go through one piece of machine code.
    this.#length = putDifferences(this.#bytes, this.#length, new Float64Array(values), base, start);
  }

  #reserve(bytes: number): void {
    const wanted = this.#length + bytes;
    if (wanted <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(wanted, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

/** Reads what a `ColumnWriter` wrote. Each row takes a byte at least, so that nothing grows beyond what was given. */
export class ColumnReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  raw(length: number): Uint8Array {
    if (length > this.#bytes.length - this.#at) throw new PackError('it is cut off');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  count(): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < MAX_BYTES; i++) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new PackError('it is cut off');
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    throw new PackError('a number in it is too long');
  }

  text(): string {
    const length = this.count();
    if (length > this.#bytes.length - this.#at) throw new PackError('it is cut off');
    const parts: string[] = [];
    for (let done = 0; done < length; done += TEXT_PART) {
      const units = Array.from({ length: Math.min(TEXT_PART, length - done) }, () => this.count());
      parts.push(String.fromCharCode(...units));
    }
    return parts.join('');
  }

  /** @param rows how many there have to be; null where this column says it */
  column<A extends Column>(
    make: { new (length: number): A; readonly BYTES_PER_ELEMENT: number },
    base: Base,
    rows: number | null = null,
  ): A {
    const length = this.count();
    if (rows !== null && rows !== length) throw new PackError('its columns are not of one length');
    const form = this.count();
    if (form === AS_THEY_ARE) {
      const bytes = this.raw(length * make.BYTES_PER_ELEMENT);
      const values = new make(length);
      new Uint8Array(values.buffer).set(bytes);
      return values;
    }
    if (form !== DIFFERENCES) throw new PackError('a column of it has an unknown form');
    const start = base === 'previous' ? new Float64Array(this.raw(8).slice().buffer)[0]! : 0;
    if (length > this.#bytes.length - this.#at) throw new PackError('it is cut off');
    const exact = new Float64Array(length);
    this.#at = takeDifferences(this.#bytes, this.#at, exact);
    addBase(exact, base, start);
    const values = new make(length);
    values.set(exact);
    if (!(values instanceof Float64Array)) checkRange(exact, values);
    return values;
  }
}

/** @returns the position behind them */
function putDifferences(bytes: Uint8Array, start: number, values: Float64Array, base: Base, first: number): number {
  let at = start;
  let previous = first;
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    // NaN alone is not equal to itself.
    if (value !== value) {
      bytes[at++] = NOT_KNOWN;
      continue;
    }
    const difference = value - near(base, row, previous);
    at = putNumber(bytes, at, (difference >= 0 ? difference * 2 : -difference * 2 - 1) + 1);
    previous = value;
  }
  return at;
}

/**
 * Fills an array with differences; NaN where a value is not known.
 * @returns the position behind them
 */
function takeDifferences(bytes: Uint8Array, start: number, differences: Float64Array): number {
  let at = start;
  for (let row = 0; row < differences.length; row++) {
    let byte = bytes[at++]!;
    let code = byte & 0x7f;
    // Most have three bytes or fewer: in whole numbers of the machine as long as that goes.
    for (let shift = 7; byte >= 0x80 && shift < 28; shift += 7) {
      byte = bytes[at++]!;
      code |= (byte & 0x7f) << shift;
    }
    if (byte < 0x80) {
      const half = code >> 1;
      differences[row] = code === NOT_KNOWN ? NaN : (code & 1) === 1 ? half : -half;
      continue;
    }
    let large = code;
    let factor = 2 ** 28;
    for (let i = 4; byte >= 0x80 && i < MAX_BYTES; i++) {
      byte = bytes[at++]!;
      large += (byte & 0x7f) * factor;
      factor *= 128;
    }
    if (byte >= 0x80) throw new PackError('a number in it is too long');
    const half = Math.floor(large / 2);
    differences[row] = large % 2 === 1 ? half : -half;
  }
  if (at > bytes.length) throw new PackError('it is cut off');
  return at;
}

/** Makes values of differences, in their place. */
function addBase(values: Float64Array, base: Base, start: number): void {
  if (base === 'zero') return;
  let previous = start;
  for (let row = 0; row < values.length; row++) {
    const difference = values[row]!;
    const value = difference + (base === 'previous' ? previous : base === 'row' ? row : base[row]!);
    values[row] = value;
    if (value === value) previous = value;
  }
}

/** @throws PackError where a value did not fit into the type of its column */
function checkRange(exact: Float64Array, values: Column): void {
  const again = new Float64Array(values);
  for (let row = 0; row < exact.length; row++)
    if (exact[row] !== again[row]) throw new PackError('a number in it does not fit');
}

/** @returns the position behind it */
function putNumber(bytes: Uint8Array, start: number, number: number): number {
  let at = start;
  let rest = number;
  while (rest >= 2 ** 31) {
    bytes[at++] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  while (rest >= 0x80) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}

function near(base: Base, row: number, previous: number): number {
  if (base === 'zero') return 0;
  if (base === 'previous') return previous;
  return base === 'row' ? row : base[row]!;
}

/** Whether all comes back from the differences: in a column of floating-point numbers only where they are whole and near enough. */
function hasExactDifferences(values: Column, base: Base, start: number): boolean {
  if (!(values instanceof Float64Array)) return true;
  let previous = start;
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (value !== value) continue;
    const from = near(base, row, previous);
    if (!Number.isSafeInteger(value) || !Number.isSafeInteger(from) || Object.is(value, -0)) return false;
    if (Math.abs(value - from) > LARGEST_DIFFERENCE) return false;
    previous = value;
  }
  return true;
}
