// What stands behind the numbers: machines, versions, clocks, and what could not be measured with the reason.

import type { AgentState, LiveState } from '#core/live';
import { formatQuantity } from '#core/format-quantity';

export function ConfigurationTab({ state }: { state: LiveState }) {
  return (
    <div class="configuration">
      <section class="panel">
        <header class="panel-head">
          <h2>Clocks</h2>
          <span class="muted">how far each agent’s clock is ahead of the collector’s, with the bound of the error</span>
        </header>
        <table class="data plain">
          <thead>
            <tr>
              {['agent', 'offset', '± error', 'drift', 'batches that wait', 'rows lost', 'process'].map(
                (title, position) => (
                  <th key={title} scope="col" class={position === 0 ? '' : 'number'}>
                    {title}
                  </th>
                ),
              )}
            </tr>
          </thead>
          <tbody>
            {state.agents.map((agent) => (
              <tr key={agent.name}>
                <th scope="row">
                  {agent.name}
                  {!agent.connected && <span class="bad"> ✕ lost</span>}
                </th>
                <td class="number">
                  {agent.clock === null ? 'not known' : formatQuantity(agent.clock.offsetUs, 'us')}
                </td>
                <td class="number">{formatQuantity(agent.clock?.errorUs, 'us')}</td>
                <td class="number">{drift(agent)}</td>
                <td class="number">{agent.spooled}</td>
                <td class="number">{agent.lostRows}</td>
                <td class="number">{agent.pid}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <div class="machines">
        {state.agents.map((agent) => (
          <Machine key={agent.name} agent={agent} />
        ))}
      </div>
      <p class="muted">
        Second 0 of this collector: {state.epoch} · {state.agents.length} agents ·{' '}
        {state.agents.reduce((sum, { indicators }) => sum + indicators.length, 0)} indicators
      </p>
    </div>
  );
}

function drift({ clock }: AgentState): string {
  return clock === null || clock.driftPpm === null ? '–' : `${clock.driftPpm.toFixed(2).replace('-', '−')} ppm`;
}

function Machine({ agent }: { agent: AgentState }) {
  const { environment: machine, absent } = agent;
  const { cpu, container } = machine;
  const facts: [string, string][] = [
    ['role', agent.role],
    ['host', `${machine.host} · ${machine.os}`],
    ['kernel', `${machine.kernel} · ${machine.arch}`],
    ['CPU', `${cpu.model} · ${cpu.cores} cores${cpu.hypervisor ? ' · virtual' : ''}`],
    [
      'frequency',
      [cpu.maxFrequency === null ? null : `up to ${formatQuantity(cpu.maxFrequency, 'Hz')}`, cpu.governor]
        .filter(Boolean)
        .join(' · ') || 'not told',
    ],
    ['memory', formatQuantity(machine.memory, 'byte')],
    [
      'limits',
      [
        container.cpuQuota === null ? null : `${container.cpuQuota} cores`,
        container.memoryLimit === null ? null : formatQuantity(container.memoryLimit, 'byte'),
      ]
        .filter(Boolean)
        .join(' · ') || 'none',
    ],
    [
      'versions',
      [['agent', agent.version], ...Object.entries(machine.versions)]
        .map(([name, version]) => `${name} ${version}`)
        .join(' · '),
    ],
    ['can run', agent.parts.join(', ') || 'no part of a session'],
    ['hooks', agent.allowsHooks ? 'allowed' : 'not allowed'],
    ['measures', `${agent.indicators.length} indicators`],
  ];
  return (
    <section class="panel machine" aria-label={agent.name}>
      <header class="panel-head">
        <h2>
          <b aria-hidden="true" class={agent.connected ? 'good' : 'bad'}>
            {agent.connected ? '●' : '✕'}
          </b>{' '}
          {agent.name}
        </h2>
        {!agent.connected && <span class="bad">lost</span>}
      </header>
      <dl>
        {facts.map(([term, value]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {absent.length > 0 && (
        <details class="absent">
          <summary>{absent.length} things that can’t be measured here</summary>
          <ul>
            {absent.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}
