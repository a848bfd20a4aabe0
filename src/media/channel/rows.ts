// Rows of frames, steps and scores, collected in arrays that are made once: nothing is allocated for a frame.

import { BATCH_ROWS, SCORE_COLUMNS } from './format.ts';

export class FrameRows {
  count = 0;
  readonly pts = new Float64Array(BATCH_ROWS);
  readonly frame = new Int32Array(BATCH_ROWS);
  readonly sourceFrame = new Int32Array(BATCH_ROWS);
  readonly bytes = new Int32Array(BATCH_ROWS);
  readonly quantizer = new Float32Array(BATCH_ROWS);
  readonly type = new Uint8Array(BATCH_ROWS);
  readonly key = new Uint8Array(BATCH_ROWS);

  get full(): boolean {
    return this.count === BATCH_ROWS;
  }

  add(
    frame: number,
    sourceFrame: number,
    pts: number,
    type: number,
    key: boolean,
    bytes: number,
    quantizer: number,
  ): void {
    const row = this.count++;
    this.frame[row] = frame;
    this.sourceFrame[row] = sourceFrame;
    this.pts[row] = pts;
    this.type[row] = type;
    this.key[row] = key ? 1 : 0;
    this.bytes[row] = bytes;
    this.quantizer[row] = quantizer;
  }
}

export class StepRows {
  count = 0;
  readonly startUs = new Float64Array(BATCH_ROWS);
  readonly frame = new Int32Array(BATCH_ROWS);
  readonly durationUs = new Int32Array(BATCH_ROWS);
  readonly busyUs = new Int32Array(BATCH_ROWS);
  readonly step = new Uint8Array(BATCH_ROWS);
  readonly outcome = new Uint8Array(BATCH_ROWS);

  get full(): boolean {
    return this.count === BATCH_ROWS;
  }

  /** @param durationUs and `busyUs`: -1 where they are not known */
  add(frame: number, step: number, startUs: number, durationUs: number, busyUs: number, outcome: number): void {
    const row = this.count++;
    this.frame[row] = frame;
    this.step[row] = step;
    this.startUs[row] = startUs;
    this.durationUs[row] = durationUs;
    this.busyUs[row] = busyUs;
    this.outcome[row] = outcome;
  }
}

/** Scores of the same frames by several metrics: a column for each. */
export class ScoreRows {
  count = 0;
  readonly frame = new Int32Array(BATCH_ROWS);
  readonly sourceFrame = new Int32Array(BATCH_ROWS);
  /** By position in SCORE_COLUMNS; null for what is not measured. NaN where a frame has no score. */
  readonly values: readonly (Float64Array | null)[];

  constructor(columns: ReadonlySet<string>) {
    this.values = SCORE_COLUMNS.map((name) => (columns.has(name) ? new Float64Array(BATCH_ROWS) : null));
  }

  get full(): boolean {
    return this.count === BATCH_ROWS;
  }

  /** A new row; its scores are NaN until they are set. */
  add(frame: number, sourceFrame: number): number {
    const row = this.count++;
    this.frame[row] = frame;
    this.sourceFrame[row] = sourceFrame;
    for (const column of this.values) if (column !== null) column[row] = NaN;
    return row;
  }
}
