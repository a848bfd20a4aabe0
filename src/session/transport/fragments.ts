// Cuts a frame into packets, ready to be sent: one piece of memory for the whole frame.

import type { Transport } from '#core/session';
import type { MediaFrame } from './media.ts';
import { HEADER_BYTES, MAX_DATAGRAM_BYTES, PACKET, STREAM_PACKET_BYTES, writeHeader } from './packet.ts';
import { LENGTH_BYTES } from './tcp-wire.ts';

/** Bytes of a frame that one packet carries. */
const FRAGMENT_BYTES: Readonly<Record<Transport, number>> = {
  tcp: STREAM_PACKET_BYTES - HEADER_BYTES,
  udp: MAX_DATAGRAM_BYTES - HEADER_BYTES,
};

export interface FrameStamp {
  readonly stream: number;
  /** Of the first packet. */
  readonly sequence: number;
  readonly sentBefore: number;
}

export interface Fragments {
  /** All packets in their raw form, one behind the other. */
  readonly raw: Buffer;
  readonly count: number;
  /** Bytes of each but the last. */
  readonly packetBytes: number;
}

export function cutFrame(transport: Transport, frame: MediaFrame, stamp: FrameStamp): Fragments {
  const before = (transport === 'tcp' ? LENGTH_BYTES : 0) + HEADER_BYTES;
  const piece = FRAGMENT_BYTES[transport];
  const { data } = frame;
  const count = Math.ceil(data.length / piece);
  const raw = Buffer.allocUnsafe(data.length + count * before);
  let at = 0;
  for (let fragment = 0; fragment < count; fragment++) {
    const body = data.subarray(fragment * piece, (fragment + 1) * piece);
    if (transport === 'tcp') at = raw.writeUInt32LE(HEADER_BYTES + body.length, at);
    writeHeader(raw, at, {
      kind: PACKET.frame,
      stream: stamp.stream,
      sequence: (stamp.sequence + fragment) >>> 0,
      frame: frame.frame,
      captureUs: frame.captureUs,
      fragment,
      fragments: count,
      key: frame.key,
      config: frame.config,
      sourceFrame: frame.sourceFrame,
      sentBefore: stamp.sentBefore,
      body,
    });
    raw.set(body, at + HEADER_BYTES);
    at += HEADER_BYTES + body.length;
  }
  return { raw, count, packetBytes: before + piece };
}
