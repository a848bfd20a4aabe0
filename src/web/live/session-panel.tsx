// The session: start it with its settings, change them while it streams, stop it.

import { useMemo, useState } from 'preact/hooks';
import type { EncoderParameter } from '#core/encoder';
import type { LiveState, SessionState } from '#core/live';
import { formatSettingValue, type Settings } from '#core/settings';
import { api } from '../shell/api.ts';
import { resource } from '../shell/resource.ts';
import { ChangeList } from './change-list.tsx';
import { liveApi } from './live-api.ts';
import { SettingField } from './setting-field.tsx';
import {
  SESSION_SETTINGS,
  actualValue,
  changesOf,
  parseAssignment,
  requestedText,
  valueProblem,
  wayOf,
  type Draft,
} from './session-settings.ts';
import { useAsking } from './use-asking.ts';

const ENCODERS = 'live-encoders';
/** What a session is begun with where nobody has begun one yet. */
const FIRST_SETTINGS: Draft = {
  source: 'lavfi:testsrc2=s=1280x720:r=60',
  encoder: 'libx264',
  framerate: '60',
  bitrate: '4M',
  transport: 'tcp',
};

export function SessionPanel({ state }: { state: LiveState }) {
  const { session } = state;
  const encoders = useMemo(() => resource(() => api.encoders('bundled')), []);
  const list = encoders.value.value;
  return (
    <section class="panel session" aria-label="Session">
      {session?.running === true ? (
        <Running key={session.id} session={session} nowS={state.nowS} />
      ) : (
        <Start settings={session?.settings ?? null} agents={state.agents.filter(({ connected }) => connected).length} />
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

function Start({ settings, agents }: { settings: Settings | null; agents: number }) {
  const [draft, setDraft] = useState<Draft>(() => (settings === null ? FIRST_SETTINGS : textsOf(settings)));
  const { isBusy, problem, ask } = useAsking();
  const set = (name: string, text: string) => setDraft((before) => ({ ...before, [name]: text }));
  const named = SESSION_SETTINGS.map(({ name }) => name);
  const start = () =>
    ask(() => liveApi.start(Object.fromEntries(Object.entries(draft).filter(([, text]) => text.trim() !== ''))));
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
          <button type="submit" class="primary" disabled={isBusy || agents === 0}>
            {isBusy ? 'Starting …' : 'Start'}
          </button>
        </span>
      </header>
      <Problem text={problem} />
      <table class="data plain settings">
        <tbody>
          {[...SESSION_SETTINGS, ...others(draft, named)].map((one) => (
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

function Running({ session, nowS }: { session: SessionState; nowS: number }) {
  const [draft, setDraft] = useState<Draft>({});
  const [filter, setFilter] = useState('');
  const { isBusy, problem, ask } = useAsking();
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
  const named = [...SESSION_SETTINGS.map(({ name }) => name), ...parameters.map(({ name }) => name)];
  const go = () =>
    ask(async () => {
      await liveApi.control(changes);
      setDraft({});
    });
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
        <PartStates session={session} />
        <span class="page-actions">
          <button type="submit" class="primary" disabled={count === 0 || isBusy} title="asks for what is marked">
            Go{count > 0 && ` (${count})`}
          </button>
          <button
            type="button"
            disabled={isBusy}
            title="all settings as the session was started"
            onClick={() =>
              ask(async () => {
                await liveApi.reset();
                setDraft({});
              })
            }
          >
            Reset
          </button>
          <button type="button" disabled={isBusy} onClick={() => ask(() => liveApi.stop())}>
            Stop
          </button>
        </span>
      </header>
      <Problem text={problem} />
      {session.parts.map(
        ({ part, agent, state, note }) =>
          note !== null && (
            <p key={part} class={`part-note ${state === 'failed' ? 'bad' : 'warn'}`}>
              {state === 'failed' ? '✕' : '!'} {part} on {agent}: {note}
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
            {[...SESSION_SETTINGS, ...others({ ...textsOf(settings), ...draft }, named)].map((one) => (
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

/** The processes of the session, each with its state told by a sign too. */
function PartStates({ session }: { session: SessionState }) {
  const signs = { starting: '◐', running: '●', failed: '✕', stopped: '○' };
  return (
    <ul class="parts">
      {session.parts.map(({ part, agent, state, pid, stream }) => (
        <li
          key={part}
          data-state={state}
          title={`${part} on ${agent}${pid === null ? '' : `, process ${pid}`}, ${stream}`}
        >
          <b aria-hidden="true">{signs[state]}</b> {part}{' '}
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

function textsOf(settings: Settings): Draft {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, formatSettingValue(value)]));
}
