// The times of an audio stream's packets: where its sound begins, ends, pauses and jumps back (child only).

import type { Packet, Stream } from 'node-av/lib';
import { AV_NOPTS_VALUE, AV_PKT_FLAG_CORRUPT, AV_PKT_FLAG_DISCARD } from 'node-av/constants';
import type { AudioTimes, SoundGap, Tally } from './check-messages.ts';

/** Sound that is missing for longer is a gap, seconds: rounding and frames of all codecs lie far below. */
const MIN_GAP_S = 0.25;
/** A packet may begin this much before the end of the one before, seconds: times are rounded. */
const MIN_BACK_S = 0.002;
/** Gaps that are kept. */
const MAX_GAPS = 64;

export class AudioScan {
  readonly #index: number;
  readonly #tick: number;
  #packets = 0;
  #startS = Infinity;
  #endS = -Infinity;
  #lastS = -Infinity;
  readonly #corrupt: Tally = { count: 0, firstS: null };
  readonly #backwards: Tally = { count: 0, firstS: null };
  #furthestBackS = 0;
  readonly #gaps: SoundGap[] = [];
  #gapCount = 0;

  constructor(stream: Stream) {
    this.#index = stream.index;
    this.#tick = stream.timeBase.num / stream.timeBase.den;
  }

  add(packet: Packet): void {
    const flags = packet.flags;
    const pts = packet.pts;
    const startS = pts === AV_NOPTS_VALUE ? null : Number(pts) * this.#tick;
    if ((flags & AV_PKT_FLAG_CORRUPT) !== 0) met(this.#corrupt, startS);
    // An encoder's lead-in, and what an edit list cuts away.
    if ((flags & AV_PKT_FLAG_DISCARD) !== 0) return;
    this.#packets++;
    if (startS === null) return;
    if (startS < this.#lastS - MIN_BACK_S) {
      met(this.#backwards, startS);
      this.#furthestBackS = Math.max(this.#furthestBackS, this.#lastS - startS);
    }
    if (startS > this.#endS + MIN_GAP_S && this.#endS > -Infinity) {
      this.#gapCount++;
      if (this.#gaps.length < MAX_GAPS) this.#gaps.push({ startS: this.#endS, endS: startS });
    }
    this.#lastS = startS;
    this.#startS = Math.min(this.#startS, startS);
    this.#endS = Math.max(this.#endS, startS + Number(packet.duration) * this.#tick);
  }

  finish(): AudioTimes {
    const known = this.#endS >= this.#startS;
    return {
      index: this.#index,
      packets: this.#packets,
      startS: known ? this.#startS : null,
      endS: known ? this.#endS : null,
      corrupt: this.#corrupt,
      backwards: this.#backwards,
      furthestBackS: this.#furthestBackS,
      gaps: this.#gaps,
      gapCount: this.#gapCount,
    };
  }
}

/** Counts one more. */
export function met(tally: Tally, timeS: number | null): void {
  if (tally.count++ === 0) tally.firstS = timeS;
}
