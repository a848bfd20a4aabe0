// Reads an encoded file again: is everything in it that was written? Exit codes and return values have lied before.

import { Packet } from 'node-av/lib';
import { AVERROR_EOF, AV_NOPTS_VALUE } from 'node-av/constants';
import { openInput } from '../open-input.ts';
import { EncodeFailure, outputFailure } from './encode-failure.ts';

export interface Written {
  readonly packets: number;
  /** Seconds from the first packet's time to the last one's. */
  readonly span: number;
}

/** Matroska keeps milliseconds: both ends may be rounded. */
const SPAN_TOLERANCE_S = 0.0021;

/** @throws EncodeFailure where the file does not hold what was written */
export function checkOutput(path: string, written: Written): void {
  const input = openInput(path);
  try {
    const packet = new Packet();
    packet.alloc();
    let packets = 0;
    let first = Infinity;
    let last = -Infinity;
    let code = 0;
    while ((code = input.format.readFrameSync(packet)) >= 0) {
      packets++;
      const time = packet.pts === AV_NOPTS_VALUE ? packet.dts : packet.pts;
      first = Math.min(first, Number(time));
      last = Math.max(last, Number(time));
      packet.unref();
    }
    packet.free();
    if (code !== AVERROR_EOF) throw outputFailure("the written file can't be read again", code);
    if (packets !== written.packets)
      throw new EncodeFailure(`the written file holds ${packets} of ${written.packets} packets`);
    const timeBase = input.format.streams[0]!.timeBase;
    const span = packets > 0 ? ((last - first) * timeBase.num) / timeBase.den : 0;
    if (Math.abs(span - written.span) > SPAN_TOLERANCE_S)
      throw new EncodeFailure(
        `the written file lasts ${span.toFixed(3)} s where ${written.span.toFixed(3)} s were written`,
      );
  } finally {
    input.close();
  }
}
