// A file of a recording on its way from an agent into the lab.

import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { UserError } from '#core/user-error';
import type { Agent } from './agent.ts';

/** Without a piece for so long the agent is taken for gone. */
const PIECE_MS = 15_000;

/**
 * Fetches a file of a run. What is there of it under that name is written over; a part of it is never left.
 * @returns its bytes
 * @throws UserError where the agent does not have it or goes away, the file is longer than agreed, or can't be written
 */
export async function fetchFile(
  agent: Agent,
  run: string,
  file: string,
  path: string,
  maxBytes: number,
): Promise<number> {
  const target = openSync(path, 'w');
  let written = 0;
  let whole = false;
  try {
    await agent.ask(
      { name: 'fetch', run, file },
      {
        timeoutMs: PIECE_MS,
        onPiece: ({ offset, bytes, last, problem }) => {
          if (problem !== null) throw new UserError({ what: problem, where: `${file} at ${agent.name}` });
          if (offset !== written || whole)
            throw new UserError({ what: `a piece of ${file} is missing`, where: agent.name });
          if (written + bytes.length > maxBytes)
            throw new UserError({ what: `${file} is longer than ${maxBytes} bytes` });
          // The page cache takes it at once: a promise for each piece would need a bound of its own.
          for (let done = 0; done < bytes.length;) done += writeSync(target, bytes, done, bytes.length - done);
          written += bytes.length;
          whole = last;
        },
      },
    );
    if (!whole) throw new UserError({ what: `the end of ${file} is missing`, where: agent.name });
    return written;
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(target);
  }
}
