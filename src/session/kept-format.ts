// What is kept of a stream while it is recorded: the received bitstream, or every Nth source picture. One format for both:
// records of a length (u32, little-endian, of what follows), a kind (u8) and a body.

/** In the first record, a JSON object. */
export const KEPT_VERSION = 1;
/** JSON {version, what: 'bitstream' | 'pictures', stream}. */
export const KEPT_HEADER = 1;
/** JSON: a MediaConfig with `extraData` in base64, or {pixelFormat, width, height} of the pictures that follow. */
export const KEPT_CONFIG = 2;
/**
 * i32 frame, i32 source frame, f64 capture time (sender's monotonic microseconds), u8 key, then the bytes: an encoded frame, or
 * a picture's planes without padding.
 */
export const KEPT_FRAME = 3;

/** No record is longer: a picture of 8K in 16 bits. */
export const MAX_KEPT_RECORD_BYTES = 256 * 1024 * 1024;

/** Length and kind before each body; fields before the bytes of a frame. */
export const KEPT_PREFIX_BYTES = 5;
export const KEPT_FRAME_BYTES = 17;

export interface KeptHeader {
  readonly what: 'bitstream' | 'pictures';
  readonly stream: string;
}

/** How pictures that follow lie in memory. */
export interface KeptPictures {
  /** FFmpeg's name. */
  readonly pixelFormat: string;
  readonly width: number;
  readonly height: number;
}
