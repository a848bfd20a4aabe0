// The profile that is being taken, as far as it has come to this page: slices are asked for as the state tells of them.

import { signal } from '@preact/signals';
import { unpackProfile } from '#profile/pack';
import { ProfileSlices } from '#profile/profile-slices';
import { answered } from '../shell/api.ts';

/** Kept for what is in view: as long as the longest window. */
const KEPT_NS = 300e9;
/** Of a machine with very many CPUs less is kept. */
const MAX_SAMPLES = 2_000_000;
const HEAD_BYTES = 8;

export class SliceStore {
  /** Counts what has come: whoever draws looks at it. */
  readonly version = signal(0);
  readonly problem = signal<string | null>(null);
  slices = new ProfileSlices();
  #of = '';
  #last = 0;
  #wanted = 0;
  #isAsking = false;
  #isClosed = false;

  /**
   * @param of which profile: another one begins anew
   * @param last number of the newest slice
   */
  follow(of: string, last: number): void {
    if (of !== this.#of) {
      this.#of = of;
      this.slices = new ProfileSlices();
      this.#last = 0;
      this.version.value++;
    }
    this.#wanted = last;
    if (this.#isAsking || this.#isClosed || this.#last >= last) return;
    this.#isAsking = true;
    this.#ask()
      .then(
        () => (this.problem.value = null),
        (error: unknown) => (this.problem.value = error instanceof Error ? error.message : String(error)),
      )
      .finally(() => (this.#isAsking = false));
  }

  close(): void {
    this.#isClosed = true;
  }

  async #ask(): Promise<void> {
    while (this.#last < this.#wanted && !this.#isClosed) {
      const of = this.#of;
      const response = await answered(fetch(`/api/v1/live/profile/slices?after=${this.#last}`));
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (of !== this.#of) continue;
      const head = new DataView(bytes.buffer);
      for (let at = 0; at + HEAD_BYTES <= bytes.length;) {
        this.#last = head.getUint32(at, true);
        const end = at + HEAD_BYTES + head.getUint32(at + 4, true);
        this.#add(bytes.subarray(at + HEAD_BYTES, end));
        at = end;
      }
      // What the server has dropped does not come any more.
      if (bytes.length === 0) this.#last = this.#wanted;
      this.version.value++;
    }
  }

  #add(packed: Uint8Array): void {
    const slice = unpackProfile(packed);
    this.slices.add(slice);
    this.slices.dropBefore(slice.header.endNs - KEPT_NS);
    this.slices.dropBeyond(MAX_SAMPLES);
  }
}
