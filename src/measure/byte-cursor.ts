// Reading the text of /proc byte by byte: no strings, no regular expressions, nothing for the garbage collector.

const NEWLINE = 10;
const SPACE = 32;
const ZERO = 48;
const NINE = 57;

/** A place in a buffer. The buffer is reused: only the bytes before `end` are the text. */
export class ByteCursor {
  readonly bytes: Buffer;
  at = 0;
  end = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.end = bytes.length;
  }

  /** A cursor over a text: for tests and for what is read once. */
  static of(text: string): ByteCursor {
    return new ByteCursor(Buffer.from(text, 'latin1'));
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  /** The byte here; -1 at the end. */
  peek(): number {
    return this.at < this.end ? this.bytes[this.at]! : -1;
  }

  /** The unsigned whole number after any blanks, or NaN (and no step beyond the blanks) where none begins. */
  number(): number {
    const { bytes, end } = this;
    let at = this.at;
    while (at < end && isBlank(bytes[at]!)) at++;
    const first = at;
    let value = 0;
    while (at < end) {
      const byte = bytes[at]!;
      if (byte < ZERO || byte > NINE) break;
      value = value * 10 + (byte - ZERO);
      at++;
    }
    this.at = at;
    return at === first ? NaN : value;
  }

  /** Steps over that many fields, each a run of bytes after blanks; stays in the line. */
  skipFields(count: number): void {
    const { bytes, end } = this;
    let at = this.at;
    for (let i = 0; i < count; i++) {
      while (at < end && isBlank(bytes[at]!)) at++;
      while (at < end && bytes[at]! > SPACE) at++;
    }
    this.at = at;
  }

  skipBlanks(): void {
    while (this.at < this.end && isBlank(this.bytes[this.at]!)) this.at++;
  }

  /** Steps behind the next such byte of this line; false (at the end of the line) where there is none. */
  skipPast(wanted: number): boolean {
    const { bytes, end } = this;
    let at = this.at;
    while (at < end && bytes[at] !== wanted && bytes[at] !== NEWLINE) at++;
    const found = at < end && bytes[at] === wanted;
    this.at = found ? at + 1 : at;
    return found;
  }

  /** Steps to the begin of the next line, or to the end. */
  skipLine(): void {
    const { bytes, end } = this;
    let at = this.at;
    while (at < end && bytes[at] !== NEWLINE) at++;
    this.at = Math.min(at + 1, end);
  }

  /** The same for a line of kilobytes (`intr` of /proc/stat): a native search, dear to start. */
  skipLongLine(): void {
    const found = this.bytes.indexOf(NEWLINE, this.at);
    this.at = found === -1 || found >= this.end ? this.end : found + 1;
  }

  startsWith(prefix: Uint8Array): boolean {
    const { bytes, at } = this;
    if (at + prefix.length > this.end) return false;
    for (let i = 0; i < prefix.length; i++) if (bytes[at + i] !== prefix[i]) return false;
    return true;
  }
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === 9;
}
