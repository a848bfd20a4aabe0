// The way of GStreamer's debug log to us: a named pipe, so that a long run fills no disk.

import { closeSync, constants, createReadStream, openSync, write } from 'node:fs';
import { rm } from 'node:fs/promises';
import { runChild } from '#system/child-process';

const MKFIFO_TIMEOUT_MS = 5_000;
/** After the program's end: what lies in the pipe is read at once. */
const DRAIN_TIMEOUT_MS = 2_000;
/** What a pipe holds on Linux. */
const READ_BYTES = 64 * 1024;
/** End of transmission: no log has it. */
const END_MARK = '\x04';

export interface TracerPipe {
  readonly path: string;
  /** The program has ended: reads what is left, and takes the pipe away. */
  close(): Promise<void>;
}

/**
 * Makes the pipe and reads it, with one thread of the pool that waits in the system.
 * @returns the pipe, or why there is none
 */
export async function openTracerPipe(path: string, onData: (chunk: Buffer) => void): Promise<TracerPipe | string> {
  const made = await runChild('mkfifo', ['-m', '600', path], { timeoutMs: MKFIFO_TIMEOUT_MS });
  if (made.code !== 0) return `a pipe can't be made: ${made.stderr.trim() || (made.cause?.message ?? made.end)}`;
  const ends = openEnds(path);
  if (typeof ends === 'string') return ends;
  const { writing } = ends;
  const stream = createReadStream(path, { fd: ends.reading, highWaterMark: READ_BYTES });
  const closed = new Promise<void>((resolve) => stream.once('close', () => resolve()));
  let onEnd = (): void => {};
  stream.on('data', (chunk) => {
    onData(chunk as Buffer);
    if ((chunk as Buffer).includes(END_MARK)) onEnd();
  });
  // A pipe that breaks ends the log and nothing else: its records are then fewer.
  stream.on('error', () => stream.destroy());
  return {
    path,
    close: async () => {
      // Our own mark comes out behind all that the program wrote; a process that outlives it may hold the pipe open for ever.
      await new Promise<void>((resolve) => {
        onEnd = resolve;
        const timer = setTimeout(resolve, DRAIN_TIMEOUT_MS);
        void closed.then(resolve).finally(() => clearTimeout(timer));
        write(writing, END_MARK, () => {});
      });
      stream.destroy();
      // The thread that waits for the next byte gets one.
      write(writing, END_MARK, () => {});
      await closed;
      closeSync(writing);
      await rm(path, { force: true });
    },
  };
}

/** Opening one end waits for the other: an end for both comes first. Our own writing end keeps the pipe open between writers. */
function openEnds(path: string): { reading: number; writing: number } | string {
  try {
    const both = openSync(path, constants.O_RDWR);
    const reading = openSync(path, constants.O_RDONLY);
    const writing = openSync(path, constants.O_WRONLY);
    closeSync(both);
    return { reading, writing };
  } catch (error) {
    return `its pipe can't be opened: ${(error as Error).message}`;
  }
}
