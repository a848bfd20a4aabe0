// The agents: who is there, who is lost and for how long, how well their clocks are known, and the line that starts another.

import { useEffect, useMemo, useState } from 'preact/hooks';
import type { AgentState, LiveState } from '#core/live';
import { formatDuration, formatQuantity } from '#core/format-quantity';
import { resource } from '../shell/resource.ts';
import { CopyLine } from '../encoders/copy-line.tsx';
import type { Live } from './live.ts';
import { liveApi } from './live-api.ts';
import { partWord, sessionWay, spiceWords } from './session-way.ts';

/** Roles that a line is offered for. */
const ROLES = ['client', 'guest', 'server'];
const TICK_MS = 500;

export function AgentsPanel({ live, state }: { live: Live; state: LiveState }) {
  const [isAdding, setAdding] = useState(state.agents.length === 0);
  return (
    <section class="panel agents" aria-label="Agents">
      <header class="panel-head">
        <h2>Agents</h2>
        <span class="muted">{countWords(state.agents)}</span>
        <span class="page-actions">
          <button type="button" aria-expanded={isAdding} onClick={() => setAdding(!isAdding)}>
            Another machine …
          </button>
        </span>
      </header>
      {state.agents.length === 0 && (
        <p class="pad muted">
          No agent has come yet. Start one on this machine or another with the line below: as guest it encodes, as
          server it relays, as client it shows.
        </p>
      )}
      <ul>
        {state.agents.map((agent) => (
          <Agent key={agent.name} live={live} agent={agent} runs={partsAtWork(state, agent.name)} />
        ))}
      </ul>
      {isAdding && <AnotherMachine />}
      <Refused refused={state.refused} />
    </section>
  );
}

function Agent({ live, agent, runs }: { live: Live; agent: AgentState; runs: readonly string[] }) {
  const age = useAge(live, agent);
  const rows = agent.spooled > 0 || agent.lostRows > 0;
  return (
    <li data-state={agent.connected ? 'there' : 'lost'}>
      <b class="sign" aria-hidden="true">
        {agent.connected ? '●' : '✕'}
      </b>
      <span class="name">{agent.name}</span>
      <span class="muted" title={partWords(agent)}>
        {agent.role === agent.name ? '' : `${agent.role} · `}
        {agent.host}
        {runs.length > 0 && ` · runs the ${runs.join(' and the ')}`}
      </span>
      <span class="how">
        {agent.connected ? (
          <ClockWords agent={agent} />
        ) : (
          <strong class="bad" role="alert">
            lost for {formatDuration(age)}
          </strong>
        )}
        {rows && (
          <span class="warn">
            {' '}
            · {agent.spooled > 0 && `${agent.spooled} batches wait`}
            {agent.lostRows > 0 && ` ${formatQuantity(agent.lostRows, '1')} rows lost`}
          </span>
        )}
      </span>
      {spiceWords(agent).map((words) => (
        <code key={words} class="agent-beside">
          {words}
        </code>
      ))}
    </li>
  );
}

/** Parts of the session that an agent runs now. */
function partsAtWork(live: LiveState, agent: string): string[] {
  const { session } = live;
  if (session?.running !== true) return [];
  const way = sessionWay(live);
  const own = session.parts.filter((part) => part.agent === agent);
  return own.filter(({ state }) => state === 'running' || state === 'starting').map(({ part }) => partWord(part, way));
}

function partWords({ parts }: AgentState): string {
  return parts.length === 0 ? 'it can run no part of a session' : `it can run: ${parts.join(', ')}`;
}

/** Seconds since it was heard of, while it is lost. */
function useAge(live: Live, { connected, lastSeenS }: AgentState): number {
  const age = () => Math.max(0, live.view.nowAt(performance.now() / 1e3) - lastSeenS);
  const [seconds, setSeconds] = useState(age);
  useEffect(() => {
    if (connected) return;
    setSeconds(age());
    const timer = setInterval(() => setSeconds(age()), TICK_MS);
    return () => clearInterval(timer);
  }, [connected, lastSeenS]);
  return seconds;
}

export function ClockWords({ agent: { clock } }: { agent: AgentState }) {
  if (clock === null) return <span class="warn">clock not known yet</span>;
  return (
    <span class="muted" title="how far its clock is ahead of the collector's, and the bound of the error">
      clock {formatQuantity(clock.offsetUs, 'us')} ± {formatQuantity(clock.errorUs, 'us')}
    </span>
  );
}

function AnotherMachine() {
  const [role, setRole] = useState(ROLES[0]!);
  const line = useMemo(() => resource(() => liveApi.agentLine(role)), [role]);
  const loaded = line.value.value;
  return (
    <div class="another">
      <label>
        Start an agent as{' '}
        <select value={role} onChange={(event) => setRole(event.currentTarget.value)}>
          {ROLES.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      {loaded.state === 'ready' && (
        <>
          <CopyLine text={loaded.data.line} title="On that machine">
            {loaded.data.others.length > 0 && (
              <details>
                <summary class="muted">by another address of this machine</summary>
                {loaded.data.others.map((other) => (
                  <code key={other}>{other}</code>
                ))}
              </details>
            )}
          </CopyLine>
          {loaded.data.note !== null && <p class="warn">! {loaded.data.note}</p>}
        </>
      )}
      {loaded.state === 'failed' && <p class="bad">✕ {loaded.error.message}</p>}
    </div>
  );
}

function Refused({ refused }: { refused: LiveState['refused'] }) {
  const reasons = Object.entries(refused).filter(([, count]) => count > 0);
  if (reasons.length === 0) return null;
  return <p class="part-note warn">! Refused: {reasons.map(([reason, count]) => `${count} × ${reason}`).join(', ')}</p>;
}

function countWords(agents: readonly AgentState[]): string {
  const lost = agents.filter(({ connected }) => !connected).length;
  return `${agents.length - lost} there${lost > 0 ? `, ${lost} lost` : ''}`;
}
