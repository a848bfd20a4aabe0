// The rows of the last minutes of one agent, for pages that open later: in pieces of typed arrays, bounded in time and bytes.

import type { FrameBatch, SeriesBatch, StepBatch } from '#core/recording';

/** What a page can see of the past, seconds. */
export const RECENT_S = 300;
/** Rows of a piece: what goes at once when it is too old. */
const PIECE_ROWS = 1024;
const FIRST_ROWS = 128;
/** A piece takes rows for so long, so that what is old is never held by what is slow. */
const PIECE_S = 30;

type Column = Uint8Array | Uint16Array | Int32Array | Float32Array | Float64Array;
type Columns = Readonly<Record<string, Column>>;

interface Piece {
  /** Kind of the rows, and what is the same in all of them. */
  readonly key: string;
  readonly head: Readonly<Record<string, unknown>>;
  columns: Columns;
  rows: number;
  bytes: number;
  readonly firstS: number;
  lastS: number;
}

/** Columns of each kind of batch; everything else in a batch is the same for all of its rows. */
const SERIES = ['indicator', 'timeUs', 'value'] as const;
const FRAMES = ['frame', 'sourceFrame', 'pts', 'type', 'key', 'bytes', 'quantizer'] as const;
const STEP_COLUMNS = ['frame', 'step', 'startUs', 'durationUs', 'busyUs', 'outcome'] as const;

interface RecentReader {
  series(batch: SeriesBatch): void;
  frames(batch: FrameBatch): void;
  steps(batch: StepBatch): void;
}

export class RecentRows {
  readonly #pieces: Piece[] = [];
  /** The piece that takes more rows, by key. */
  readonly #open = new Map<string, Piece>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  addSeries(batch: SeriesBatch, nowS: number): void {
    this.#add('series', { agent: batch.agent }, pick(batch, SERIES), nowS);
  }

  addFrames(batch: FrameBatch, nowS: number): void {
    const { stream, timeBase } = batch;
    this.#add(`frames ${timeBase[0]}/${timeBase[1]} ${stream}`, { stream, timeBase }, pick(batch, FRAMES), nowS);
  }

  addSteps(batch: StepBatch, nowS: number): void {
    const { stream, role } = batch;
    this.#add(`steps ${role}/${stream}`, { stream, role }, pick(batch, STEP_COLUMNS), nowS);
  }

  /** Lets go what is older than the window, and the oldest where it is more than so many bytes. */
  trim(nowS: number, maxBytes: number): void {
    let gone = 0;
    while (gone < this.#pieces.length) {
      const piece = this.#pieces[gone]!;
      if (piece.lastS >= nowS - RECENT_S && this.#bytes <= maxBytes) break;
      this.#bytes -= piece.bytes;
      if (this.#open.get(piece.key) === piece) this.#open.delete(piece.key);
      gone++;
    }
    this.#pieces.splice(0, gone);
  }

  /** Pieces with rows that came after a time, oldest first; the arrays are our own: copy what you keep. */
  read(sinceS: number, reader: RecentReader): void {
    for (const { key, head, columns, rows, lastS } of this.#pieces) {
      if (lastS < sinceS) continue;
      const shown = Object.fromEntries(
        Object.entries(columns).map(([name, column]) => [name, column.subarray(0, rows)]),
      );
      const batch = { ...head, ...shown } as unknown;
      if (key === 'series') reader.series(batch as SeriesBatch);
      else if (key.startsWith('frames')) reader.frames(batch as FrameBatch);
      else reader.steps(batch as StepBatch);
    }
  }

  #add(key: string, head: Piece['head'], from: Columns, nowS: number): void {
    const rows = Object.values(from)[0]!.length;
    for (let done = 0; done < rows;) {
      let piece = this.#open.get(key);
      if (piece === undefined || piece.rows === PIECE_ROWS || nowS - piece.firstS > PIECE_S) {
        piece = { key, head, columns: emptyLike(from, FIRST_ROWS), rows: 0, bytes: 0, firstS: nowS, lastS: nowS };
        piece.bytes = bytesOf(piece.columns);
        this.#bytes += piece.bytes;
        this.#pieces.push(piece);
        this.#open.set(key, piece);
      }
      const count = Math.min(rows - done, PIECE_ROWS - piece.rows);
      this.#makeRoom(piece, piece.rows + count);
      for (const [name, column] of Object.entries(piece.columns))
        column.set(from[name]!.subarray(done, done + count), piece.rows);
      piece.rows += count;
      piece.lastS = nowS;
      done += count;
    }
  }

  #makeRoom(piece: Piece, rows: number): void {
    let room = Object.values(piece.columns)[0]!.length;
    if (rows <= room) return;
    while (room < rows) room *= 2;
    const larger = emptyLike(piece.columns, Math.min(room, PIECE_ROWS));
    for (const [name, column] of Object.entries(larger)) column.set(piece.columns[name]!);
    this.#bytes -= piece.bytes;
    piece.columns = larger;
    piece.bytes = bytesOf(larger);
    this.#bytes += piece.bytes;
  }
}

function pick<Batch, Name extends keyof Batch & string>(batch: Batch, names: readonly Name[]): Columns {
  const columns: Record<string, Column> = {};
  for (const name of names) columns[name] = batch[name] as Column;
  return columns;
}

function emptyLike(columns: Columns, rows: number): Columns {
  const empty: Record<string, Column> = {};
  for (const [name, column] of Object.entries(columns))
    empty[name] = new (column.constructor as new (rows: number) => Column)(rows);
  return empty;
}

function bytesOf(columns: Columns): number {
  return Object.values(columns).reduce((sum, column) => sum + column.byteLength, 0);
}
