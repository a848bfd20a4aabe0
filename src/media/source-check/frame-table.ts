// What is known of each frame while a source is decoded: columns that grow by doubling, so that memory follows the frames.

import type { SourceFrameColumns } from '#core/source-check';
import type { SceneSignals } from '#analysis/scene-cuts';
import { COLUMNS, emptyColumns } from './frame-columns.ts';
import type { PacketTable } from './packet-table.ts';
import type { PictureActivity } from './picture-activity.ts';

const FIRST_CAPACITY = 4096;

export class FrameTable {
  #columns: SourceFrameColumns = emptyColumns(FIRST_CAPACITY);
  #change = [0, 1, 2].map(() => new Float32Array(FIRST_CAPACITY));
  /** 1 for a frame that came out with a time of its own, 2 for one without, 0 for one that never came out. */
  #state = new Uint8Array(FIRST_CAPACITY);
  /** Frames up to the last that came out. */
  count = 0;
  /** Frames that came out. */
  decoded = 0;
  /** False as soon as a frame came out without a time of its own. */
  timed = true;

  /** @param frame its number, larger than those before; the ones left out never came out */
  add(frame: number, pts: number, timed: boolean, duration: number, key: boolean, activity: PictureActivity): void {
    while (frame >= this.#state.length) this.#grow();
    const columns = this.#columns;
    columns.pts[frame] = pts;
    columns.duration[frame] = duration;
    columns.key[frame] = key ? 1 : 0;
    columns.spatial[frame] = activity.spatial;
    columns.temporal[frame] = activity.temporal;
    columns.histogram[frame] = activity.histogram;
    for (let back = 0; back < 3; back++) this.#change[back]![frame] = activity.change[back]!;
    this.#state[frame] = timed ? 1 : 2;
    if (!timed) this.timed = false;
    this.count = frame + 1;
    this.decoded++;
  }

  get signals(): SceneSignals {
    const [change, change2, change3] = this.#change;
    return {
      frames: this.count,
      change: change!,
      change2: change2!,
      change3: change3!,
      histogram: this.#columns.histogram,
    };
  }

  /** First frame that never came out; null where all did. */
  get firstLost(): number | null {
    const lost = this.#state.subarray(0, this.count).indexOf(0);
    return lost < 0 ? null : lost;
  }

  /**
   * The columns, with what only packets tell: sizes and keyframes, and the times of frames that never came out. For those
   * a player goes on showing the frame before: they have its detail, and no change.
   */
  finish(packets: PacketTable): SourceFrameColumns {
    const columns = this.#columns;
    for (let frame = 0; frame < this.count; frame++) {
      const state = this.#state[frame]!;
      const packet = packets.shownAs(frame, state === 1 ? columns.pts[frame]! : null);
      if (packet >= 0) {
        columns.bytes[frame] = packets.bytes(packet);
        // Without times the frame and the packet may not be the same: the decoder's own word is better then.
        if (this.timed) columns.key[frame] = packets.isKey(packet) ? 1 : 0;
      }
      if (state !== 0) continue;
      const before = frame === 0 ? -Infinity : columns.pts[frame - 1]!;
      const time = packet >= 0 ? packets.time(packet) : NaN;
      columns.pts[frame] = time > before ? time : frame === 0 ? 0 : before + Math.max(1, columns.duration[frame - 1]!);
      columns.duration[frame] = frame === 0 ? 0 : columns.duration[frame - 1]!;
      columns.spatial[frame] = frame === 0 ? 0 : columns.spatial[frame - 1]!;
    }
    return Object.fromEntries(
      COLUMNS.map((name) => [name, columns[name].subarray(0, this.count)]),
    ) as unknown as SourceFrameColumns;
  }

  #grow(): void {
    const capacity = 2 * this.#state.length;
    const larger = emptyColumns(capacity);
    for (const name of COLUMNS) larger[name].set(this.#columns[name]);
    this.#columns = larger;
    this.#change = this.#change.map((column) => grown(column, new Float32Array(capacity)));
    this.#state = grown(this.#state, new Uint8Array(capacity));
  }
}

function grown<T extends Float32Array | Uint8Array>(column: T, larger: T): T {
  larger.set(column);
  return larger;
}
