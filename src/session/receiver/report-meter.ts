// Adds up what the receiver reports to the sender in each interval.

import type { ReceiverReport } from '#core/session';

export class ReportMeter {
  #sinceUs: number;
  #frame = -1;
  #received = 0;
  #lost = 0;
  #presented = 0;
  #bytes = 0;
  #minDelayUs = Infinity;
  #delayUs = 0;
  #decoded = 0;
  #decodeUs = 0;

  constructor(nowUs: number) {
    this.#sinceUs = nowUs;
  }

  /** @param arrivedUs on our clock; @param captureUs on the sender's */
  received(frame: number, bytes: number, captureUs: number, arrivedUs: number): void {
    this.#frame = frame;
    this.#received++;
    this.#bytes += bytes;
    this.#delayUs += arrivedUs - captureUs;
    this.#minDelayUs = Math.min(this.#minDelayUs, arrivedUs - captureUs);
  }

  lost(count: number): void {
    this.#lost += count;
  }

  decoded(busyUs: number): void {
    this.#decoded++;
    this.#decodeUs += busyUs;
  }

  presented(): void {
    this.#presented++;
  }

  /** The interval up to now; delays and times of which there were none are NaN. */
  take(nowUs: number): ReceiverReport {
    const any = this.#received > 0;
    const report: ReceiverReport = {
      intervalUs: nowUs - this.#sinceUs,
      frame: this.#frame,
      framesReceived: this.#received,
      framesLost: this.#lost,
      framesPresented: this.#presented,
      bytes: this.#bytes,
      minDelayUs: any ? this.#minDelayUs : NaN,
      meanDelayUs: any ? Math.round(this.#delayUs / this.#received) : NaN,
      decodeUs: this.#decoded > 0 ? Math.round(this.#decodeUs / this.#decoded) : NaN,
    };
    this.#sinceUs = nowUs;
    this.#received = this.#lost = this.#presented = this.#bytes = this.#delayUs = this.#decoded = this.#decodeUs = 0;
    this.#minDelayUs = Infinity;
    return report;
  }
}
