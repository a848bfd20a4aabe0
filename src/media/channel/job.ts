// The child's standard input: lines of JSON, read synchronously.

import { readSync } from 'node:fs';

/** A job is settings and names: more than this is a mistake. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;
let pending = Buffer.alloc(0);

/** The next line of standard input; null at its end, which means that the parent is gone. */
export function readLine(): string | null {
  for (;;) {
    const end = pending.indexOf(10);
    if (end >= 0) {
      const line = pending.subarray(0, end).toString('utf8');
      pending = pending.subarray(end + 1);
      return line;
    }
    if (pending.length > MAX_LINE_BYTES) throw new Error(`a line of more than ${MAX_LINE_BYTES} bytes`);
    const chunk = Buffer.alloc(CHUNK_BYTES);
    const read = readSync(0, chunk, 0, CHUNK_BYTES, null);
    if (read === 0) return null;
    pending = Buffer.concat([pending, chunk.subarray(0, read)]);
  }
}

/** The job that the parent wrote as the first line; ends the child where there is none. */
export function readJob<Job>(): Job {
  const line = readLine();
  if (line === null) process.exit(0);
  return JSON.parse(line) as Job;
}
