// The receiver's end of the transport: whole frames in order, what was lost, and wishes and reports on their way back.

import { randomBytes } from 'node:crypto';
import type { Transport } from '#core/session';
import { monotonicUs } from '#system/clock';
import type { RelayAddress } from '../part.ts';
import { FrameAssembler } from './frame-assembler.ts';
import { KeyframeWish, WISH_REPEAT_MS } from './keyframe-wish.ts';
import type { MediaConfig, MediaFrame, ReceiverLink, ReceiverLinkEvents } from './media.ts';
import { encodePacket, PACKET } from './packet.ts';
import { encodeReport } from './receiver-report.ts';
import { RelayConnection } from './relay-connection.ts';
import { parseConfig, type StreamConfig } from './stream-config.ts';

export interface ReceiverLinkOptions {
  readonly transport: Transport;
  readonly relay: RelayAddress;
  readonly token: string;
}

/** How often overdue frames are looked for, milliseconds. */
const EXPIRE_INTERVAL_MS = 10;
/** Configs whose frames may still be on their way. */
const MAX_CONFIGS = 8;

/** Connects, and stays connected, to a relay. */
export function connectReceiver(options: ReceiverLinkOptions, events: ReceiverLinkEvents): ReceiverLink {
  const configs = new Map<string, StreamConfig>();
  let current: StreamConfig | null = null;
  /** Number of the stream that comes, and of the one that was told. */
  let stream = 0;
  let told: number | null = null;
  let reports = 0;
  let expiry: NodeJS.Timeout | null = null;

  const connection = new RelayConnection(
    { ...options, side: 'receiver', stream: null },
    {
      onConnection(connected, why) {
        assembler.reset();
        events.onConnection(connected, why);
        if (connected) wantKeyframe();
      },
      onPacket(packet) {
        if (packet.kind === PACKET.config) {
          const config = parseConfig(packet);
          if (config !== null) keepConfig(packet.stream, config);
        } else if (packet.kind === PACKET.frame) {
          ({ stream } = packet);
          assembler.push(packet, monotonicUs());
          if (assembler.waiting) expiry ??= setTimeout(expire, EXPIRE_INTERVAL_MS);
        }
      },
    },
  );
  const assembler = new FrameAssembler({
    onFrame(frame, firstUs, lastUs) {
      if (!useConfig(frame)) {
        // Its config was lost, or is not sent any more: as good as never received.
        events.onLost(frame.frame, 1);
        wantKeyframe();
        return;
      }
      if (frame.key) wish.granted();
      events.onFrame(frame, firstUs, lastUs);
    },
    onLost(firstFrame, count, key) {
      if (key) wish.lost(performance.now());
      events.onLost(firstFrame, count);
    },
  });

  const keepConfig = (number: number, config: StreamConfig) => {
    const key = `${number} ${config.media.config}`;
    configs.delete(key);
    configs.set(key, config);
    for (const old of configs.keys()) if (configs.size > MAX_CONFIGS) configs.delete(old);
  };
  const useConfig = (frame: MediaFrame): boolean => {
    const config = configs.get(`${stream} ${frame.config}`);
    if (config === undefined) return false;
    const other = stream !== told;
    if (other || current === null || !sameConfig(config.media, current.media)) {
      if (other) events.onStream(config.stream);
      told = stream;
      current = config;
      events.onConfig(config.media);
    }
    return true;
  };
  const expire = () => {
    expiry = null;
    assembler.expire(monotonicUs());
    if (assembler.waiting) expiry = setTimeout(expire, EXPIRE_INTERVAL_MS);
  };

  const wish = new KeyframeWish(randomBytes(4).readUInt32LE(), (sequence) =>
    connection.send(encodePacket(PACKET.keyframe, { sequence })),
  );
  const wantKeyframe = () => wish.want(performance.now());
  const repeat = setInterval(() => wish.tick(performance.now()), WISH_REPEAT_MS);

  return {
    get connected() {
      return connection.connected;
    },
    wantKeyframe,
    report(report) {
      connection.send(encodeReport(report, reports++ >>> 0));
    },
    connect(relay: RelayAddress) {
      connection.connect(relay);
    },
    close() {
      clearInterval(repeat);
      if (expiry !== null) clearTimeout(expiry);
      connection.close();
    },
  };
}

function sameConfig(a: MediaConfig, b: MediaConfig): boolean {
  return (
    a.config === b.config &&
    a.codec === b.codec &&
    a.width === b.width &&
    a.height === b.height &&
    a.frameRate === b.frameRate &&
    Buffer.compare(a.extraData ?? NOTHING, b.extraData ?? NOTHING) === 0
  );
}

const NOTHING = new Uint8Array(0);
