// What is known of each frame while a source is decoded, and in the end all that there is to know of it.

import type { SourceFrameColumns } from '#core/source-check';
import type { SceneSignals } from '#analysis/scene-cuts';
import { GrowingColumn } from '../growing-column.ts';
import type { PacketTable } from '../packet-table.ts';
import type { PictureActivity } from './picture-activity.ts';

/** How a frame came out of the decoder. */
const NEVER = 0;
const TIMED = 1;
const UNTIMED = 2;

export class FrameTable {
  readonly #pts = new GrowingColumn(Float64Array);
  readonly #duration = new GrowingColumn(Float64Array);
  readonly #key = new GrowingColumn(Uint8Array);
  readonly #bytes = new GrowingColumn(Uint32Array);
  readonly #spatial = new GrowingColumn(Float32Array);
  readonly #temporal = new GrowingColumn(Float32Array);
  readonly #histogram = new GrowingColumn(Float32Array);
  readonly #change = [1, 2, 3].map(() => new GrowingColumn(Float32Array));
  readonly #state = new GrowingColumn(Uint8Array);
  /** Frames up to the last that came out. */
  count = 0;
  /** Frames that came out. */
  decoded = 0;
  /** First frame that never came out; null where all did. */
  firstLost: number | null = null;
  /** False as soon as a frame came out without a time of its own. */
  timed = true;

  /** @param frame its number, larger than those before; the ones left out never came out */
  add(frame: number, pts: number, timed: boolean, duration: number, key: boolean, activity: PictureActivity): void {
    this.#pts.set(frame, pts);
    this.#duration.set(frame, duration);
    this.#key.set(frame, key ? 1 : 0);
    this.#spatial.set(frame, activity.spatial);
    this.#temporal.set(frame, activity.temporal);
    this.#histogram.set(frame, activity.histogram);
    for (let back = 0; back < 3; back++) this.#change[back]!.set(frame, activity.change[back]!);
    this.#state.set(frame, timed ? TIMED : UNTIMED);
    if (!timed) this.timed = false;
    if (frame > this.count) this.firstLost ??= this.count;
    this.count = frame + 1;
    this.decoded++;
  }

  get signals(): SceneSignals {
    const [change, change2, change3] = this.#change.map((column) => column.copy(0, this.count));
    return {
      frames: this.count,
      change: change!,
      change2: change2!,
      change3: change3!,
      histogram: this.#histogram.copy(0, this.count),
    };
  }

  /**
   * Adds what only packets tell: sizes and keyframes, and the times of frames that never came out. For those a player goes on
   * showing the frame before: they have its detail, and no change.
   */
  complete(packets: PacketTable): void {
    for (let frame = 0; frame < this.count; frame++) {
      const state = this.#state.get(frame);
      const packet = packets.shownAs(frame, state === TIMED ? this.#pts.get(frame) : null);
      if (packet >= 0) {
        this.#bytes.set(frame, packets.bytes(packet));
        // Without times the frame and the packet may not be the same: the decoder's own word is better then.
        if (this.timed) this.#key.set(frame, packets.isKey(packet) ? 1 : 0);
      } else this.#bytes.set(frame, 0);
      if (state !== NEVER) continue;
      const time = packet >= 0 ? packets.time(packet) : NaN;
      if (frame === 0) {
        this.#pts.set(frame, Number.isNaN(time) ? 0 : time);
        continue;
      }
      const before = this.#pts.get(frame - 1);
      const duration = this.#duration.get(frame - 1);
      this.#pts.set(frame, time > before ? time : before + Math.max(1, duration));
      this.#duration.set(frame, duration);
      this.#spatial.set(frame, this.#spatial.get(frame - 1));
    }
  }

  /** Some rows of all columns, after `complete`. */
  rows(first: number, rows: number): SourceFrameColumns {
    return {
      pts: this.#pts.copy(first, rows),
      duration: this.#duration.copy(first, rows),
      key: this.#key.copy(first, rows),
      bytes: this.#bytes.copy(first, rows),
      spatial: this.#spatial.copy(first, rows),
      temporal: this.#temporal.copy(first, rows),
      histogram: this.#histogram.copy(first, rows),
    };
  }
}
