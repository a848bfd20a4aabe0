// The line on stderr while it is found out what an encoder takes while it works.

/** On a pipe a line is written for each quarter only. */
const QUARTERS = 4;

export class LiveProofLine {
  readonly #encoder: string;
  readonly #live = process.stderr.isTTY === true;
  #quarter = -1;
  #drawn = false;

  constructor(encoder: string) {
    this.#encoder = encoder;
  }

  show(done: number, of: number): void {
    const text = `finding out what ${this.#encoder} takes while it encodes: ${done} of ${of} parameters`;
    if (this.#live) {
      process.stderr.write(`\r\u001B[K${text}`);
      this.#drawn = true;
      return;
    }
    const quarter = Math.floor((done * QUARTERS) / of);
    if (quarter > this.#quarter) console.error(text);
    this.#quarter = Math.max(this.#quarter, quarter);
  }

  clear(): void {
    if (this.#drawn) process.stderr.write('\r\u001B[K');
  }
}
