// Where a source comes from: a regular file of this machine, or a picture generator written as `lavfi:GRAPH`.

import type { Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { UserError } from '#core/user-error';

const LAVFI_PREFIX = 'lavfi:';

/** The graph of `lavfi:GRAPH`, or null for a file. */
export function lavfiGraph(path: string): string | null {
  return path.startsWith(LAVFI_PREFIX) ? path.slice(LAVFI_PREFIX.length) : null;
}

/** Filters that read or write files, addresses or libraries, most of them by an option that needs no name. */
const FILE_FILTERS =
  /(?:^|[\s,;\]])(a?movie|a?metadata|a?sendcmd|a?zmq|lut[13]d|subtitles|ass|removelogo|(?:find|cover)_rect|curves|deshake|vidstab\w+|signature|fieldhint|fsync|nnedi|arnndn|psnr|ssim|ssim360|xpsnr|libvmaf|vmafmotion|frei0r\w*|ladspa|lv2|dnn_\w+|program_opencl|openclsrc|whisper)\b/;
/** Those that do without a file as well: their options must have names, and none of these. */
const UNNAMED_OPTION = /(?:^|[\s,;\]])(drawtext|life|cellauto|libplacebo|showcqt)[^=,;[]*=\s*(?!\w+\s*=)/;
const FILE_OPTIONS = /[:=]\s*(f|file|filename|textfile|axisfile|stats_file|custom_shader_(?:path|bin))\s*=/;

/** Refuses a graph that reads or writes files or addresses by itself: what it reads would not be in the source's hash. */
export function checkGraph(path: string, graph: string): void {
  if (graph.trim() === '')
    throw new UserError({ what: 'the graph after lavfi: is empty', where: path, todo: GRAPH_EXAMPLE });
  // Quotes and backslashes may stand in the middle of a name (libavutil/avstring.c, av_get_token).
  const plain = graph.replaceAll(/['\\]/g, '');
  const found = [FILE_FILTERS, UNNAMED_OPTION, FILE_OPTIONS]
    .map((pattern) => pattern.exec(plain)?.[1])
    .find((name) => name !== undefined);
  if (found !== undefined)
    throw new UserError({
      what: `a generated source may not touch another file, as ${found} does`,
      where: path,
      todo: 'Name a file itself as the source.',
    });
}

const GRAPH_EXAMPLE = 'Write for example lavfi:testsrc2=size=1280x720:rate=30:duration=5';

/**
 * Size of a regular file that can be read.
 * @throws UserError where it is none: missing, a folder, a device, a pipe, a socket, empty, not readable
 */
export async function checkSourceFile(path: string): Promise<number> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(path, error);
  });
  const kind = kindOf(found);
  if (kind !== null)
    throw new UserError({ what: `it is ${kind} and not a file`, where: path, todo: 'Name a video file.' });
  if (found.size === 0)
    throw new UserError({ what: 'the file is empty', where: path, todo: 'Copy or download it again.' });
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw unreadable(path, error);
  });
  await file.close();
  return found.size;
}

function kindOf(found: Stats): string | null {
  if (found.isFile()) return null;
  if (found.isDirectory()) return 'a folder';
  if (found.isCharacterDevice() || found.isBlockDevice()) return 'a device';
  if (found.isFIFO()) return 'a pipe';
  if (found.isSocket()) return 'a socket';
  return 'something else';
}

function unreadable(path: string, cause: NodeJS.ErrnoException): UserError {
  if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')
    return new UserError({ what: 'there is no such file', where: path, todo: 'Check the path.' }, { cause });
  if (cause.code === 'EACCES' || cause.code === 'EPERM')
    return new UserError({ what: 'it may not be read', where: path, todo: 'Check its permissions.' }, { cause });
  return new UserError({ what: `it can't be opened: ${cause.message}`, where: path }, { cause });
}
