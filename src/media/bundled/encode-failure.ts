// A way in which an encode ends badly: an outcome with a reason, not a bug.

import { constants } from 'node:os';
import { FFmpegError } from 'node-av/lib';
import { AVERROR_ENOSPC } from 'node-av/constants';

export class EncodeFailure extends Error {
  /** True where the system did not let the output be written: the encoder is not to blame, and tomorrow it may work. */
  readonly unwritable: boolean;

  constructor(message: string, options: ErrorOptions & { readonly unwritable?: boolean } = {}) {
    super(message, options);
    this.unwritable = options.unwritable ?? false;
  }
}

/** The failure of something FFmpeg was asked to do, by its error code. */
export function failureOf(what: string, code: number): EncodeFailure {
  return new EncodeFailure(withCause(what, code));
}

/** The same of the output: what the system refuses is told apart from what the format can't hold. */
export function outputFailure(what: string, code: number): EncodeFailure {
  return new EncodeFailure(withCause(what, code), { unwritable: STORAGE_ERRORS.has(-code) });
}

function withCause(what: string, code: number): string {
  return code === AVERROR_ENOSPC ? `${what}: the disk is full` : `${what}: ${FFmpegError.strerror(code)}`;
}

const errors = constants.errno;
/** Numbers of the system's errors, which FFmpeg hands on with a minus. EINVAL is none: muxers refuse packets with it. */
const STORAGE_ERRORS: ReadonlySet<number> = new Set([
  errors.ENOSPC,
  errors.EDQUOT,
  errors.EFBIG,
  errors.EROFS,
  errors.EIO,
  errors.EACCES,
  errors.EPERM,
  errors.ENOENT,
  errors.ENOTDIR,
  errors.EISDIR,
  errors.ENAMETOOLONG,
  errors.ELOOP,
  errors.ENXIO,
  errors.ENODEV,
  errors.ESTALE,
  errors.EBUSY,
  errors.ETXTBSY,
  errors.EMFILE,
  errors.ENFILE,
]);
