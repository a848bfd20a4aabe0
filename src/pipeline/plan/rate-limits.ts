// What a rung's settings say about its rate, in numbers.

import type { Settings } from '#core/settings';
import { parseNumber } from '#media/setting-value';

export interface RateLimits {
  /** Bits a second that it is asked for or capped to; null where quality alone decides. */
  readonly maxBitrate: number | null;
  /** Bits of the buffer that the cap is held over; null where there is no cap. */
  readonly bufferBits: number | null;
}

/** `maxrate` over `bufsize` is a cap; a `bitrate` alone is a mean that may be passed at times. */
export function rateLimits(rung: Settings): RateLimits {
  const number = (name: string) => {
    const value = rung[name];
    const parsed = value === undefined ? null : parseNumber(value);
    return parsed !== null && parsed > 0 ? parsed : null;
  };
  const cap = number('maxrate');
  const buffer = number('bufsize');
  return cap === null ? { maxBitrate: number('bitrate'), bufferBits: null } : { maxBitrate: cap, bufferBits: buffer };
}
