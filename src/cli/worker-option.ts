// Options of every command that does items: how much of this machine it may use.

import type { Command } from 'commander';
import { UserError } from '#core/user-error';
import { parseBytes } from '#farm/simulate/quantity';

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
  if (Number.isFinite(cores) && cores > 0) return cores;
  throw new UserError({ what: `"${text}" is no number of cores`, where: '--cpus', todo: 'as in --cpus 6' });
}

function parseMemory(text: string): number {
  const bytes = parseBytes(text);
  if (bytes !== null && bytes > 0) return bytes;
  throw new UserError({ what: `"${text}" is no size of memory`, where: '--memory', todo: 'as in --memory 8GB' });
}

export function parseWhole(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0) return number;
  throw new UserError({ what: `"${text}" is no whole number`, todo: 'as in 2' });
}
