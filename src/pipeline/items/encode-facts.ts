// What an item that encodes a chunk tells of each of its renditions.

import type { SeenPictures } from '#media/chunk/check-chunk';

export interface EncodeFacts {
  readonly encoderBuild: string;
  /** CPU seconds; null where the engine does not tell. */
  readonly cpuS: number | null;
  /** Ticks below 0 at which decoding begins. */
  readonly decodesFrom: number;
  /** What was seen when the chunk was decoded: assembling is held against it. */
  readonly pictures: SeenPictures | null;
}
