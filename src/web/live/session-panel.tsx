// The session: start it with its settings, change them while it streams, stop it.

import { useMemo, useState } from 'preact/hooks';
import type { EncoderParameter } from '#core/encoder';
import type { AgentState, LiveState, SessionState } from '#core/live';
import { formatDuration } from '#core/format-quantity';
import { formatSettingValue, type Settings } from '#core/settings';
import { api } from '../shell/api.ts';
import { resource } from '../shell/resource.ts';
import { ChangeList } from './change-list.tsx';
import { liveApi } from './live-api.ts';
import { SettingField } from './setting-field.tsx';
import {
  FIRST_SETTINGS,
  KIND_SETTING,
  SESSION_SETTINGS,
  actualValue,
  changesOf,
  parseAssignment,
  requestedText,
  valueProblem,
  wayOf,
  type Draft,
} from './session-settings.ts';
import { hasTap, partWord, sessionWay, spiceWay, spiceWords, type SessionWay } from './session-way.ts';
import { useAsking, useAskingOften } from './use-asking.ts';

const ENCODERS = 'live-encoders';

export function SessionPanel({ state }: { state: LiveState }) {
  const { session } = state;
  const encoders = useMemo(() => resource(() => api.encoders('bundled')), []);
  const list = encoders.value.value;
  return (
    <section class="panel session" aria-label="Session">
      {session?.running === true ? (
        <Running key={session.id} session={session} way={sessionWay(state)} nowS={state.nowS} />
      ) : (
        <Start state={state} />
      )}
      <datalist id={ENCODERS}>
        {list.state === 'ready' &&
          list.data.encoders
            .filter(({ available }) => available)
            .map(({ name, description }) => (
              <option key={name} value={name}>
                {description}
              </option>
            ))}
      </datalist>
    </section>
  );
}

function Start({ state }: { state: LiveState }) {
  const { session, agents } = state;
  const before = sessionWay(state);
  const [isSpice, setSpice] = useState(before !== 'loopback');
  const [drafts, setDrafts] = useState<Readonly<Record<SessionWay, Draft>>>(() =>
    session === null ? FIRST_SETTINGS : { ...FIRST_SETTINGS, [before]: withoutKind(textsOf(session.settings)) },
  );
  const { isBusy, problem, ask } = useAsking();
  const way = isSpice ? spiceWay(agents) : 'loopback';
  const draft = drafts[way];
  const set = (name: string, text: string) => setDrafts((all) => ({ ...all, [way]: { ...all[way], [name]: text } }));
  const named = SESSION_SETTINGS[way].map(({ name }) => name);
  const asked = Object.entries(draft).filter(([, text]) => text.trim() !== '');
  const start = () => ask(() => liveApi.start({ ...Object.fromEntries(asked), ...(isSpice && { session: 'spice' }) }));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        start();
      }}
    >
      <header class="panel-head">
        <h2>Session</h2>
        <span class="muted">none runs</span>
        <span class="page-actions">
          <button type="submit" class="primary" disabled={isBusy || agents.every(({ connected }) => !connected)}>
            {isBusy ? 'Starting …' : 'Start'}
          </button>
        </span>
      </header>
      <Problem text={problem} />
      {isSpice && <SpiceWords agents={agents} way={way} />}
      <table class="data plain settings">
        <tbody>
          {(isSpice || hasTap(agents)) && (
            <SettingField
              {...KIND_SETTING}
              text={isSpice ? 'spice' : ''}
              placeholder="loopback"
              state={null}
              problem={null}
              onText={(text) => setSpice(text === 'spice')}
            />
          )}
          {[...SESSION_SETTINGS[way], ...others(draft, named)].map((one) => (
            <SettingField
              key={one.name}
              {...one}
              text={draft[one.name] ?? ''}
              placeholder=""
              list={one.name === 'encoder' ? ENCODERS : undefined}
              state={null}
              problem={null}
              onText={(text) => set(one.name, text)}
            />
          ))}
        </tbody>
      </table>
      <Custom onAdd={set} />
    </form>
  );
}

/** Who encodes, and where clients connect. */
function SpiceWords({ agents, way }: { agents: readonly AgentState[]; way: SessionWay }) {
  const taps = agents.filter(({ connected, spice }) => connected && spice !== null && spice.tap !== null);
  return (
    <p class="pad muted">
      {way === 'guest'
        ? 'Our encoder in the guest feeds the SPICE server.'
        : 'The stock SPICE server encodes: no guest has a stream device.'}{' '}
      {taps.length === 0
        ? 'No agent with a tap is here: clients have nowhere to connect.'
        : `Clients connect to the ${taps.map((agent) => spiceWords(agent)[0]).join(', ')}.`}
    </p>
  );
}

function Running({ session, way, nowS }: { session: SessionState; way: SessionWay; nowS: number }) {
  const [draft, setDraft] = useState<Draft>({});
  const [filter, setFilter] = useState('');
  // A change may take long, and is no reason not to ask for another one, or to stop.
  const asking = useAskingOften();
  const stopping = useAsking();
  const set = (name: string, text: string) => setDraft((before) => ({ ...before, [name]: text }));
  const { settings, parameters } = session;
  const textOf = (name: string) => draft[name] ?? requestedText(name, settings);
  const stateOf = (name: string) => ({
    requested: requestedText(name, settings),
    actual: actualValue(name, session),
    way: wayOf(name, session),
  });
  const changes = changesOf(draft, settings);
  const count = Object.keys(changes).length;
  const own = SESSION_SETTINGS[way];
  // Another kind is another session.
  const named = [KIND_SETTING, ...own, ...parameters].map(({ name }) => name);
  const askFor = (request: () => Promise<unknown>) => {
    setDraft({});
    asking.ask(() =>
      request().catch((error: unknown) => {
        setDraft((since) => ({ ...draft, ...since }));
        throw error;
      }),
    );
  };
  const go = () => askFor(() => liveApi.control(changes));
  const shown = parameters.filter(
    ({ name, description }) =>
      filter === '' ||
      `${name} ${description}`.toLowerCase().includes(filter.toLowerCase()) ||
      draft[name] !== undefined,
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (count > 0) go();
      }}
    >
      <header class="panel-head">
        <h2>Session</h2>
        <PartStates session={session} way={way} />
        <span class="page-actions">
          <button type="submit" class="primary" disabled={count === 0} title="asks for what is marked">
            Go{count > 0 && ` (${count})`}
          </button>
          <button
            type="button"
            title="all settings as the session was started"
            onClick={() => askFor(() => liveApi.reset())}
          >
            Reset
          </button>
          <button type="button" disabled={stopping.isBusy} onClick={() => stopping.ask(() => liveApi.stop())}>
            Stop
          </button>
        </span>
      </header>
      <Problem text={asking.problem ?? stopping.problem} />
      <Waiting waiting={session.waiting} nowS={nowS} />
      {session.parts.map(
        ({ part, agent, state, note }) =>
          note !== null && (
            <p key={part} class={`part-note ${state === 'failed' ? 'bad' : 'warn'}`}>
              {state === 'failed' ? '✕' : '!'} {partWord(part, way)} on {agent}: {note}
            </p>
          ),
      )}
      <div class="settings-scroll" tabIndex={0} role="region" aria-label="Settings and parameters">
        <table class="data plain settings">
          <thead>
            <tr>
              <th scope="col">setting</th>
              <th scope="col">new value</th>
              <th scope="col" class="number">
                asked for
              </th>
              <th scope="col" class="number">
                in force
              </th>
              <th scope="col">a change</th>
            </tr>
          </thead>
          <tbody>
            {[...own, ...others({ ...textsOf(settings), ...draft }, named)].map((one) => (
              <SettingField
                key={one.name}
                {...one}
                text={textOf(one.name)}
                placeholder={actualValue(one.name, session) ?? ''}
                list={one.name === 'encoder' ? ENCODERS : undefined}
                state={stateOf(one.name)}
                problem={null}
                onText={(text) => set(one.name, text)}
              />
            ))}
          </tbody>
          {parameters.length > 0 && (
            <tbody>
              <tr class="group">
                <th scope="rowgroup" colSpan={5}>
                  Parameters of {actualValue('encoder', session) ?? requestedText('encoder', settings)}{' '}
                  <input
                    type="search"
                    placeholder="filter"
                    aria-label="Filter of parameters"
                    value={filter}
                    onInput={(event) => setFilter(event.currentTarget.value)}
                  />{' '}
                  <span class="muted">
                    {shown.length} of {parameters.length}
                  </span>
                </th>
              </tr>
              {shown.map((parameter) => (
                <SettingField
                  key={parameter.name}
                  name={parameter.name}
                  description={<Description parameter={parameter} />}
                  text={textOf(parameter.name)}
                  placeholder={actualValue(parameter.name, session) ?? ''}
                  values={parameter.type === 'enum' ? parameter.values.map(({ name }) => name) : []}
                  isBool={parameter.type === 'bool'}
                  state={stateOf(parameter.name)}
                  problem={valueProblem(textOf(parameter.name), parameter)}
                  onText={(text) => set(parameter.name, text)}
                />
              ))}
            </tbody>
          )}
        </table>
      </div>
      <Custom onAdd={set} />
      <ChangeList changes={session.changes} nowS={nowS} />
    </form>
  );
}

/** Most changes are there before anybody could read it. */
const SHORT_WAIT_S = 1;

function Waiting({ waiting, nowS }: { waiting: SessionState['waiting']; nowS: number }) {
  if (waiting === null || nowS - waiting.sinceS < SHORT_WAIT_S) return null;
  const { name, requested, text, sinceS } = waiting;
  return (
    <p class="part-note warn" role="status">
      ◐{' '}
      <code>
        {name}={formatSettingValue(requested)}
      </code>{' '}
      has waited for {formatDuration(nowS - sinceS)} {text}. Another change, or Reset, ends the wait.
    </p>
  );
}

/** The processes of the session, each with its state told by a sign too. */
function PartStates({ session, way }: { session: SessionState; way: SessionWay }) {
  const signs = { starting: '◐', running: '●', failed: '✕', stopped: '○' };
  return (
    <ul class="parts">
      {way !== 'loopback' && <li>SPICE</li>}
      {session.parts.map(({ part, agent, state, pid, stream }) => (
        <li
          key={part}
          data-state={state}
          title={`${partWord(part, way)} on ${agent}${pid === null ? '' : `, process ${pid}`}, ${stream}`}
        >
          <b aria-hidden="true">{signs[state]}</b> {partWord(part, way)}{' '}
          <span class="muted">{state === 'running' ? agent : state}</span>
        </li>
      ))}
    </ul>
  );
}

function Description({ parameter: { type, min, max, description } }: { parameter: EncoderParameter }) {
  const range = min === null && max === null ? '' : ` ${min ?? '…'} to ${max ?? '…'}`;
  return (
    <>
      <span class="type">
        {type}
        {type === 'bool' ? '' : range}
      </span>{' '}
      {description}
    </>
  );
}

/** Any other setting, as `x264-params=scenecut=0`. */
function Custom({ onAdd }: { onAdd: (name: string, value: string) => void }) {
  const [line, setLine] = useState('');
  const assignment = parseAssignment(line);
  const add = () => {
    if (assignment === null) return;
    onAdd(assignment.name, assignment.value);
    setLine('');
  };
  return (
    <p class="custom">
      <label>
        Another setting{' '}
        <input
          type="text"
          class="value"
          placeholder="name=value"
          value={line}
          onInput={(event) => setLine(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            add();
          }}
        />
      </label>
      <button type="button" disabled={assignment === null} onClick={add}>
        Add
      </button>
    </p>
  );
}

function Problem({ text }: { text: string | null }) {
  return text === null ? null : (
    <p class="part-note bad" role="alert">
      ✕ {text}
    </p>
  );
}

/** Settings that have no line of their own. */
function others(texts: Draft, named: readonly string[]) {
  return Object.keys(texts)
    .filter((name) => !named.includes(name))
    .map((name) => ({ name, description: '', values: [] }));
}

function withoutKind(draft: Draft): Draft {
  const { session: _, ...others } = draft;
  return others;
}

function textsOf(settings: Settings): Draft {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, formatSettingValue(value)]));
}
