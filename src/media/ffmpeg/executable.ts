// The user's own ffmpeg: where it stands, and what it answers when it is asked.

import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { PATH_ENGINE, type EngineSetting } from '#core/engine';
import { UserError } from '#core/user-error';
import { runChild } from '#system/child-process';

/** An ffmpeg answers within a tenth of a second; on a machine that is loaded heavily within some. */
const ANSWER_TIMEOUT_MS = 20_000;
/** The help in full takes a megabyte; more than this nobody prints. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/**
 * The absolute path of the executable that a setting names.
 * @throws UserError where there is none, or it may not be run
 */
export function findExecutable(setting: EngineSetting): string {
  if (setting === PATH_ENGINE) {
    const folders = (process.env['PATH'] ?? '').split(':').filter(isAbsolute);
    const found = folders.map((folder) => join(folder, PATH_ENGINE)).find((path) => faultOf(path) === null);
    if (found !== undefined) return realpathSync(found);
    throw new UserError({
      what: 'there is no ffmpeg on the PATH',
      where: 'engine',
      todo: 'Install it (Debian: apt-get install ffmpeg), or name one: engine: {path: /opt/ffmpeg/bin/ffmpeg}',
    });
  }
  const fault = faultOf(setting);
  if (fault === null) return realpathSync(setting);
  throw new UserError({
    what: fault,
    where: setting,
    todo: 'Name the ffmpeg executable itself by its absolute path.',
  });
}

function faultOf(path: string): string | null {
  try {
    if (!statSync(path).isFile()) return 'it is no file and so no ffmpeg';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? 'it may not be read' : 'there is no such file';
  }
  try {
    accessSync(path, constants.X_OK);
    return null;
  } catch {
    return 'it is not executable';
  }
}

/**
 * Asks an ffmpeg something that it answers at once: `-version`, `-encoders`, `-h encoder=NAME`.
 * @returns what it printed on standard output
 * @throws UserError where it does not run, fails or hangs
 */
export async function askFfmpeg(path: string, args: readonly string[], signal?: AbortSignal): Promise<string> {
  const result = await runChild(path, ['-hide_banner', ...args], {
    timeoutMs: ANSWER_TIMEOUT_MS,
    tailBytes: MAX_ANSWER_BYTES,
    graceMs: 0,
    signal,
  });
  signal?.throwIfAborted();
  if (result.code === 0) return result.stdout;
  const said = result.stderr.trim().split('\n').at(-1) ?? '';
  const what =
    result.end === 'timeout'
      ? `it does not answer within ${ANSWER_TIMEOUT_MS / 1000} s`
      : result.end === 'not-started'
        ? `it can't be started: ${result.cause?.message ?? 'no reason is known'}`
        : `it ends with ${result.signal ?? `status ${result.code}`}${said === '' ? '' : `: ${said}`}`;
  throw new UserError({ what, where: `${path} ${args.join(' ')}`, todo: 'Try this command by hand.' });
}
