// What went wrong with a recording's files, said to the person who can mend it.

import { UserError } from '#core/user-error';

const REMEDIES: readonly (readonly [pattern: RegExp, what: string, todo: string])[] = [
  [
    /No space left on device|ENOSPC|EDQUOT|Disk quota exceeded/i,
    'the disk is full',
    'Free some space there, or use another place.',
  ],
  [/Read-only file system|EROFS/i, 'the file system is read-only', 'Use a place that can be written.'],
  [/Permission denied|EACCES|EPERM/i, 'permission denied', 'Mend the permissions, or use another place.'],
  [/Could not set lock|Conflicting lock/i, 'another process has it open', 'Wait until that process has ended.'],
  [/File too large|EFBIG/i, 'a limit on the size of files was reached', 'Raise the limit (ulimit -f).'],
  [/ENOTDIR|EEXIST|Not a directory/i, 'a file stands where a folder is needed', 'Move it away, or use another place.'],
  [/EISDIR|Is a directory/i, 'a folder stands where a file is needed', 'Name a file.'],
  [/ENOENT|No such file/i, 'a file or folder is missing', 'Look whether it was moved or deleted.'],
  [/EMFILE|Too many open files/i, 'too many files are open', 'Raise the limit (ulimit -n).'],
  [/Input\/output error|EIO/i, 'the disk reports an error', 'Look at the kernel log (dmesg).'],
];

/**
 * A failure of disk or file system as a UserError, with its cause; anything else is returned as it came, for that is a
 * bug of ours.
 * @param doing what was being done: `the recording can't be written`
 */
export function recordingError(doing: string, where: string, error: unknown): Error {
  if (error instanceof UserError || !(error instanceof Error)) return error as Error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  for (const [pattern, what, todo] of REMEDIES)
    if (pattern.test(`${code} ${error.message}`))
      return new UserError({ what: `${doing}: ${what}`, where, todo }, { cause: error });
  if (!/^(IO|Out of Memory|FATAL|Serialization|Invalid Input) Error/.test(error.message)) return error;
  return new UserError({ what: `${doing}: ${error.message.split('\n')[0]}`, where }, { cause: error });
}
