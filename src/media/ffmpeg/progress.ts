// Reads what -progress prints: blocks of lines `name=value`, one block each half second.

const MAX_LINE_CHARS = 4096;

export class ProgressReader {
  readonly #onFrames: (frames: number) => void;
  #rest = '';

  /** @param onFrames told the frames that are encoded so far */
  constructor(onFrames: (frames: number) => void) {
    this.#onFrames = onFrames;
  }

  push(chunk: Buffer): void {
    const lines = (this.#rest + chunk.toString('latin1')).split('\n');
    this.#rest = (lines.pop() ?? '').slice(-MAX_LINE_CHARS);
    const frames = lines.findLast((line) => line.startsWith('frame='));
    if (frames !== undefined) this.#onFrames(Number(frames.slice('frame='.length)) || 0);
  }
}
