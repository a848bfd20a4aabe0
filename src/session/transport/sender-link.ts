// The sender's end of the transport: cuts frames into packets and sends them no faster than the relay (TCP: its credit) or the
// sockets (UDP: pacing) can take.

import { randomBytes } from 'node:crypto';
import type { ReceiverReport, Transport } from '#core/session';
import { monotonicUs } from '#system/clock';
import type { RelayAddress } from '../part.ts';
import { cutFrame } from './fragments.ts';
import type { MediaConfig, MediaFrame, RelayLink, SenderLinkEvents } from './media.ts';
import { MAX_FRAME_BYTES, PACKET, type Packet } from './packet.ts';
import { PacedQueue } from './paced-queue.ts';
import { parseReport } from './receiver-report.ts';
import { RelayConnection } from './relay-connection.ts';
import { encodeConfig } from './stream-config.ts';
import { StreamQueue } from './stream-queue.ts';

export interface SenderLinkOptions {
  readonly transport: Transport;
  readonly relay: RelayAddress;
  readonly token: string;
  /** Name of the stream, told to relay and receiver: `video`, `video 2` … */
  readonly stream: string;
}

/** Bytes that may wait here: far above the bound at which a sender drops frames before it encodes them. */
const MAX_QUEUED_BYTES = 2 * MAX_FRAME_BYTES;

/** What waits to be sent; one for each transport. */
export interface SendQueue {
  readonly bytes: number;
  /** @param raw packets in their raw form, each but the last of `packetBytes` */
  push(raw: Buffer, packetBytes: number, onSent?: () => void): void;
  /** TCP: what the relay lets us send. */
  credit(packet: Packet): void;
  /** Bits a second that are to be sent; null where that is not known. */
  bitrate(bitsPerSecond: number | null): void;
  /** The receiver lacks something. */
  lost(): void;
  clear(): void;
}

/** Connects, and stays connected, to a relay. */
export function connectSender(options: SenderLinkOptions, events: SenderLinkEvents): RelayLink {
  const { transport } = options;
  const stream = randomBytes(4).readUInt32LE();
  let sequence = 0;
  let config: MediaConfig | null = null;
  let configSent = false;
  let lastFrame = -1;
  let sentBefore = 0;
  let lastWish: number | null = null;

  const connection = new RelayConnection(
    { ...options, side: 'sender' },
    {
      onConnection(connected, why) {
        queue.clear();
        events.onConnection(connected, why);
        // Whoever listens there can't decode what comes before the next keyframe.
        if (connected) events.onKeyframeWanted();
      },
      onPacket(packet) {
        if (packet.kind === PACKET.credit) queue.credit(packet);
        else if (packet.kind === PACKET.keyframe) {
          if (packet.sequence === lastWish) return;
          lastWish = packet.sequence;
          queue.lost();
          events.onKeyframeWanted();
        } else if (packet.kind === PACKET.report) {
          const report: ReceiverReport | null = parseReport(packet);
          if (report !== null) events.onReport(report);
        }
      },
    },
  );
  const queue: SendQueue = transport === 'tcp' ? new StreamQueue(connection) : new PacedQueue(connection);

  const sendConfig = () => {
    if (config === null) return;
    connection.send(encodeConfig({ stream: options.stream, media: config }, { stream, sequence }));
    sequence = (sequence + 1) >>> 0;
    configSent = true;
  };
  return {
    get connected() {
      return connection.connected;
    },
    get queuedBytes() {
      return queue.bytes + connection.queuedBytes;
    },
    config(next) {
      config = next;
      configSent = false;
    },
    bitrate: (bitsPerSecond) => queue.bitrate(bitsPerSecond),
    frame(frame: MediaFrame) {
      if (!connection.connected || frame.data.length === 0 || frame.data.length > MAX_FRAME_BYTES) return false;
      if (queue.bytes + frame.data.length > MAX_QUEUED_BYTES) return false;
      if (frame.key || !configSent) sendConfig();
      sentBefore = shiftSent(sentBefore, frame.frame - lastFrame, lastFrame >= 0);
      lastFrame = frame.frame;
      const { raw, count, packetBytes } = cutFrame(transport, frame, { stream, sequence, sentBefore });
      sequence = (sequence + count) >>> 0;
      queue.push(raw, packetBytes, () => events.onSent(frame.frame, monotonicUs()));
      return true;
    },
    connect: (relay) => connection.connect(relay),
    close() {
      queue.clear();
      connection.close();
    },
  };
}

/** The mask of sent frames as seen from a frame that is `by` further on. */
export function shiftSent(sent: number, by: number, any: boolean): number {
  if (!any || by < 1 || by > 32) return 0;
  return ((by === 32 ? 0 : sent << by) | (1 << (by - 1))) >>> 0;
}
