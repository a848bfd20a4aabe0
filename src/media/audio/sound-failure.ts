// A way in which a track can't be made: its source is to blame, or the system.

import { FFmpegError } from 'node-av/lib';

export class SoundFailure extends Error {
  readonly blame: 'source' | 'system';

  constructor(message: string, blame: 'source' | 'system', options?: ErrorOptions) {
    super(message, options);
    this.blame = blame;
  }
}

/** The result of something that FFmpeg was asked to do, where it did it. */
export function done(code: number, what: string, blame: 'source' | 'system'): number {
  if (code < 0) throw new SoundFailure(`${what}: ${FFmpegError.strerror(code)}`, blame);
  return code;
}
