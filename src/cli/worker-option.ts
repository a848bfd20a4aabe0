// Options of every command that does items: how much of this machine it may use.

import { availableParallelism, totalmem } from 'node:os';
import type { Command } from 'commander';
import { formatQuantity } from '#core/format-quantity';
import { UserError } from '#core/user-error';
import { parseBytes } from '#core/parse-quantity';
import { parseWhole } from './parse-whole.ts';

/** Bytes that the least of items takes, a process of ours. */
const LEAST_MEMORY = 64e6;

export interface WorkerOptions {
  readonly slots?: number | undefined;
  /** Cores. */
  readonly cpus?: number | undefined;
  /** Bytes. */
  readonly memory?: number | undefined;
}

export function addWorkerOptions(command: Command): Command {
  return command
    .option('--slots <n>', 'so many items at once, whatever they need; as many as fit by default', parseSlots)
    .option('--cpus <n>', 'cores that items may keep busy together; all by default', parseCores)
    .option(
      '--memory <size>',
      'memory that items may take together: 8GB; 90 % of what is free by default',
      parseMemory,
    );
}

function parseSlots(text: string): number {
  const slots = parseWhole(text);
  if (slots > 0) return slots;
  throw new UserError({ what: 'without a slot nothing is ever done', where: '--slots', todo: 'as in --slots 2' });
}

function parseCores(text: string): number {
  const cores = Number(text);
  const most = availableParallelism();
  if (text.trim() !== '' && cores > 0 && cores <= most) return cores;
  throw new UserError({
    what: `"${text}" is no number of cores of this machine`,
    where: '--cpus',
    todo: `it has ${most}: more items at once than fit are asked for by --slots`,
  });
}

function parseMemory(text: string): number {
  const bytes = parseBytes(text);
  if (bytes === null)
    throw new UserError({
      what: `"${text}" is no size of memory`,
      where: '--memory',
      todo: 'write a number with B, kB, MB, GB, TB, KiB, MiB, GiB or TiB: --memory 8GB',
    });
  if (bytes >= LEAST_MEMORY && bytes <= totalmem()) return bytes;
  throw new UserError({
    what: `no work can be done in ${text} of memory on this machine`,
    where: '--memory',
    todo: `from ${formatQuantity(LEAST_MEMORY, 'byte')} to the ${formatQuantity(totalmem(), 'byte')} that it has`,
  });
}
