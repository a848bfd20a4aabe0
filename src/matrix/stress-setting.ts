// The setting `stress`: what loads the machines on purpose while a cell streams, `cpu:2@guest memory:512M@client`.

import { HOOK_ROLES, type HookRole } from '#core/benchmark';
import { nearestName } from '#core/nearest-name';
import { parseNumber } from '#media/setting-value';
import type { StressLoad } from '#live/agent-wire';

export type Stress = Readonly<Record<string, StressLoad>>;

const KINDS = ['cpu', 'memory', 'gpu'] as const;
const EXAMPLE = 'write stress: none, or kinds with their amount and role: cpu:2@guest memory:512M@client';
const MAX_CORES = 1024;
const MAX_MEMORY_BYTES = 2 ** 40;

/**
 * Reads what is to be loaded, by role. Parts stand with blanks, commas or `^` between them; `*` before the role is `@`.
 * @returns the loads, or what is wrong with the text
 */
export function parseStress(
  text: string,
): { readonly loads: Stress } | { readonly wrong: string; readonly todo: string } {
  const loads: Record<string, { cpu: number; memoryBytes: number; gpu: number }> = {};
  const words = text.split(/[\s,^]+/).filter((word) => word !== '' && word !== 'none');
  for (const word of words) {
    const [, kind, amount, role] = /^(\w+):([^@*]+)[@*](\w+)$/.exec(word) ?? [];
    if (kind === undefined)
      return word.startsWith('net:')
        ? { wrong: 'limits of the network are no stress', todo: 'write network: "delay=20ms rate=4M"' }
        : { wrong: `stress does not understand "${word}"`, todo: EXAMPLE };
    if (!HOOK_ROLES.includes(role as HookRole)) {
      const near = nearestName(role!, HOOK_ROLES);
      return { wrong: `stress knows no role ${role}${near === null ? '' : `: did you mean ${near}?`}`, todo: EXAMPLE };
    }
    const load = (loads[role!] ??= { cpu: 0, memoryBytes: 0, gpu: 0 });
    const count = Number(amount);
    if (kind === 'memory') {
      const bytes = parseNumber(amount!);
      if (bytes === null || bytes <= 0 || bytes > MAX_MEMORY_BYTES)
        return { wrong: `"${amount}" is no amount of memory`, todo: EXAMPLE };
      load.memoryBytes += bytes;
    } else if (kind === 'cpu' || kind === 'gpu') {
      if (!Number.isInteger(count) || count <= 0 || count > MAX_CORES)
        return { wrong: `"${amount}" is no number of ${kind === 'cpu' ? 'cores' : 'encodes'}`, todo: EXAMPLE };
      load[kind] += count;
    } else {
      const near = nearestName(kind, KINDS);
      return { wrong: `there is no stress "${kind}"${near === null ? '' : `: did you mean ${near}?`}`, todo: EXAMPLE };
    }
  }
  return { loads };
}
