// Reads the lines of -stats_enc_pre and -stats_enc_post: when each frame went in and each packet came out.

import { CallTimes } from './call-times.ts';
import { FRAME_IN, PACKET_OUT } from './command-line.ts';

const IN = FRAME_IN.charCodeAt(0);
const OUT = PACKET_OUT.charCodeAt(0);

export class FrameStats {
  /** Frames in the order of presentation. */
  readonly in = new CallTimes();
  /** Packets in the order of coding. */
  readonly out = new CallTimes();

  /** @param nowUs when it came, microseconds, monotonic */
  push(chunk: Uint8Array, nowUs: number): void {
    for (const byte of chunk)
      if (byte === IN) this.in.add(nowUs, -1, true);
      else if (byte === OUT) this.out.add(nowUs, -1, true);
  }
}
