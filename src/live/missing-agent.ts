// What is said of an agent that something needs and that is not connected.

import type { AgentState } from '#core/live';
import type { Problem } from '#core/user-error';
import { standsBeside, type WantedAgent } from './session-runner.ts';

export function isWanted(agent: AgentState, { role, beside }: WantedAgent): boolean {
  return agent.role === role && (beside === undefined || standsBeside(agent, beside));
}

/** @param url of the collector */
export function missingAgent({ role, beside, why = [] }: WantedAgent, url: string): Problem {
  const start = (options: string) => `encodelab agent --role ${role}${options} --collector ${url} --token …`;
  switch (beside) {
    case 'tap':
      return {
        what: `no agent of the role ${role} stands before a SPICE server`,
        where: url,
        todo: `on its machine: ${start(' --spice-server HOST:PORT --spice-listen PORT')}`,
      };
    case 'device':
      return {
        what: `no agent of the role ${role} has a SPICE stream device, and a stock server can't be asked for ${why.join(', ')}`,
        where: url,
        todo: `in the guest: ${start(' --stream-device')}; or leave out what a stock server has no option for`,
      };
    case undefined:
      return { what: `no agent of the role ${role} is connected`, where: url, todo: `on its machine: ${start('')}` };
  }
}
