// Waiting for a client's stream to begin anew with the codec that it was made to prefer.

import type { NetworkConditions } from '#core/session';
import { formatNetwork } from '../../network-setting.ts';

/** A stock server takes up to some seconds; who asks gives up soon after. */
const LIMIT_MS = 8_000;
/** After another codec's stream has begun in its place: the server has chosen, but for one that was under way already. */
const OTHER_LIMIT_MS = 2_000;
/** At the most, behind a narrow line. */
export const LONGEST_SWITCH_MS = 30_000;
/**
 * What a server has sent and waits before a narrow line, behind which its next stream begins: a stock one (0.15.1) sends 80 messages that
 * are not acknowledged, a picture of mjpeg has some 25 kB.
 */
const QUEUED_BYTES = 2_000_000;

/** How long what waits before that line may take to pass it, milliseconds; of a rate over time its lowest counts. */
export function queueTimeMs({ delayMs, jitterMs, rate }: NetworkConditions): number {
  const lowest = Math.min(...rate.map(({ bitsPerSecond }) => bitsPerSecond));
  return delayMs + jitterMs + (QUEUED_BYTES * 8_000) / lowest;
}

/** What keeps a server from another codec, after `the server` or `it`. */
export function noSwitchBecause(network: NetworkConditions): string {
  const reasons = ['may have no such encoder', 'nothing moves on its screen'];
  if (network.rate.length === 0) return reasons.join(', or ');
  return `${reasons.join(', ')}, or what it sent before still waits before the network (${formatNetwork(network)})`;
}

/** What came of the wait. */
export interface SwitchEnd {
  /** How long it took; null where no stream of that codec began while somebody waited. */
  readonly switchMs: number | null;
  /** No stream at all has begun since it was asked for: one of that codec may come still. */
  readonly isOpen: boolean;
}

export class CodecSwitch {
  #waiting: {
    readonly codec: string;
    readonly sinceUs: number;
    readonly otherLimitMs: number;
    readonly limit: NodeJS.Timeout;
    otherLimit: NodeJS.Timeout | undefined;
    readonly end: () => void;
    readonly resolve: (end: SwitchEnd) => void;
    readonly reject: (why: Error) => void;
  } | null = null;

  /**
   * Resolves when a stream of that codec begins, or nobody waits for it any more.
   * @param sinceUs monotonic: when it was asked for
   * @param queueMs how much later it may come, as what was sent before is on its way still
   * @param onLate after 8 s, or 2 s after another codec's began, and that much later; 30 s at the most; before it resolves
   * @throws what `refused` was told
   */
  wait(codec: string, sinceUs: number, queueMs: number, onLate: () => void): Promise<SwitchEnd> {
    this.giveUp();
    return new Promise((resolve, reject) => {
      const end = () => {
        onLate();
        this.giveUp();
      };
      const limit = setTimeout(end, Math.min(LIMIT_MS + queueMs, LONGEST_SWITCH_MS));
      const otherLimitMs = Math.min(OTHER_LIMIT_MS + queueMs, LONGEST_SWITCH_MS);
      this.#waiting = { codec, sinceUs, otherLimitMs, limit, otherLimit: undefined, end, resolve, reject };
    });
  }

  began(codec: string, atUs: number): void {
    const waiting = this.#waiting;
    if (waiting === null) return;
    if (waiting.codec === codec) {
      this.#take()!.resolve({ switchMs: (atUs - waiting.sinceUs) / 1_000, isOpen: false });
      return;
    }
    clearTimeout(waiting.otherLimit);
    waiting.otherLimit = setTimeout(waiting.end, waiting.otherLimitMs);
  }

  /** @returns whether somebody waited, and has been told */
  refused(why: Error): boolean {
    const waiting = this.#take();
    waiting?.reject(why);
    return waiting !== null;
  }

  giveUp(): void {
    const waiting = this.#take();
    waiting?.resolve({ switchMs: null, isOpen: waiting.otherLimit === undefined });
  }

  #take() {
    const waiting = this.#waiting;
    this.#waiting = null;
    clearTimeout(waiting?.limit);
    clearTimeout(waiting?.otherLimit);
    return waiting;
  }
}
