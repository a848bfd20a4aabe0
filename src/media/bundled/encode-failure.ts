// A way in which an encode ends badly: an outcome with a reason, not a bug.

import { FFmpegError } from 'node-av/lib';
import { AVERROR_ENOSPC } from 'node-av/constants';

export class EncodeFailure extends Error {}

/** The failure of something FFmpeg was asked to do, by its error code. */
export function failureOf(what: string, code: number): EncodeFailure {
  return new EncodeFailure(
    code === AVERROR_ENOSPC ? `${what}: the disk is full` : `${what}: ${FFmpegError.strerror(code)}`,
  );
}
