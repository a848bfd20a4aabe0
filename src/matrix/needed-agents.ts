// The agents that the cells of a streaming benchmark need.

import type { Benchmark } from '#core/benchmark';
import { formatSettingValue, type Settings } from '#core/settings';
import type { WantedAgent } from '#live/session-runner';
import { stockRefuses } from '#session/live-session';
import { agentCommands } from './session-warnings.ts';
import { parseStress } from './stress-setting.ts';

/** Agents of each role that a benchmark needs, and what of a SPICE desktop they have to stand beside. */
export function neededAgents(benchmark: Benchmark): WantedAgent[] {
  const hookRoles = agentCommands(benchmark).map(({ role }) => role!);
  if (benchmark.session !== 'spice')
    return [...new Set<string>(['guest', 'client', ...hookRoles])].map((role) => ({ role }));
  const cells = benchmark.cells.map((cell) => streamSettings(benchmark, cell));
  const ours = [...new Set(cells.flatMap(({ session }) => stockRefuses(session)))];
  const loaded = cells.flatMap(({ stress }) => loadedRoles(stress));
  const wanted: WantedAgent[] = [{ role: 'server', beside: 'tap' }];
  if (ours.length > 0) wanted.push({ role: 'guest', beside: 'device', why: ours });
  for (const role of new Set<string>([...hookRoles, ...loaded]))
    if (!wanted.some((agent) => agent.role === role)) wanted.push({ role });
  return wanted;
}

/** Settings of a cell's session, without labels and without what loads machines. */
export function streamSettings(
  { session, hooks }: Pick<Benchmark, 'session' | 'hooks'>,
  { settings, labels }: Benchmark['cells'][number],
): { readonly session: Settings; readonly stress: string | null } {
  const isSpice = session === 'spice';
  // What a remote desktop shows is put in place by hooks: their word for it names no X display.
  const shown = isSpice && hooks.some(({ property }) => property === 'display') ? ['display'] : [];
  const hidden = ['stress', ...labels, ...shown];
  const { stress } = settings;
  return {
    session: {
      ...Object.fromEntries(Object.entries(settings).filter(([name]) => !hidden.includes(name))),
      ...(isSpice ? { session } : {}),
    },
    stress: stress === undefined || labels.includes('stress') ? null : formatSettingValue(stress),
  };
}

/** What is wrong with a load is told when the cells are prepared. */
function loadedRoles(stress: string | null): string[] {
  const parsed = stress === null ? { loads: {} } : parseStress(stress);
  return 'wrong' in parsed ? [] : Object.keys(parsed.loads);
}
