// Stacks that were kept as bytes (--stacks dwarf): perf itself unwinds them, and what it writes is read.

import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Profile } from '#core/profile';
import { readProfileText } from '#profile/formats/read-profile';
import { runChild } from '#system/child-process';

/** Unwinding takes milliseconds a sample where a program has much debug information. */
const TIMEOUT_MS = 900_000;
/** The fixed text of a shell: its first parameter is the file that the others' output goes to. */
const INTO_FILE = 'exec perf script "$@" > "$0"';
const FIELDS = 'comm,pid,tid,cpu,time,event,period,ip,sym,dso,trace';

/**
 * Only those of our processes are asked for: unwinding everybody's takes its time. Perf 6.1 was seen to follow the stacks of some recordings of
 * all CPUs hardly a step, and why is not known.
 * @param data path of perf's file; a text beside it is written and taken away again
 * @param processes whose samples are unwound
 * @returns a profile of their samples, or why perf could not unwind them
 */
export async function unwoundProfile(
  data: string,
  processes: readonly number[],
): Promise<Profile | { readonly reason: string }> {
  const text = `${data}.txt`;
  // Functions that were inlined would be looked up by a program of their own for each library: hours.
  const args = ['--input', data, '--pid', processes.join(','), '--header', '--ns', '--no-inline', '--fields', FIELDS];
  try {
    const { code, end, stderr } = await runChild('sh', ['-c', INTO_FILE, text, ...args], { timeoutMs: TIMEOUT_MS });
    if (code !== 0) return { reason: `${end}: ${stderr.trim().split('\n').at(-1) ?? ''}` };
    return await readProfileText(createReadStream(text, { encoding: 'utf8' }), 'perf script');
  } finally {
    await rm(text, { force: true });
  }
}
