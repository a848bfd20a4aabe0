// A way in which joining or checking ends badly: a reason for people, not a bug.

import { constants } from 'node:os';
import { FFmpegError } from 'node-av/lib';
import { isSystemError } from '../cache-file.ts';
import type { Blame } from './assemble-job.ts';

export class AssembleFailure extends Error {
  readonly blame: Blame;

  constructor(blame: Blame, message: string, options?: ErrorOptions) {
    super(message, options);
    this.blame = blame;
  }
}

/** The failure of something FFmpeg was asked to do with the output, by its error code. */
export function outputFailure(what: string, code: number): AssembleFailure {
  const full = code === -constants.errno.ENOSPC || code === -constants.errno.EDQUOT;
  return new AssembleFailure('system', `${what}: ${full ? 'the disk is full' : FFmpegError.strerror(code)}`);
}

/**
 * Runs a piece of work on a file.
 * @throws AssembleFailure in place of the system's errors; a file that is not there is the chunks' fault
 */
export function blamed<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (error.code === 'ENOENT') throw new AssembleFailure('chunks', `${what}: the file is gone`, { cause: error });
    throw new AssembleFailure('system', `${what}: ${error.message}`, { cause: error });
  }
}
