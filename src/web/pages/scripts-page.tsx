// The benchmark files of the lab: try one (what would run, and how long), run it, stop it, read its log.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ScriptAction, ScriptFile, ScriptState } from '#server/wire';
import { formatTime } from '../benchmark/results-table.tsx';
import { formatDuration, formatQuantity } from '#core/format-quantity';
import type { Progress } from '#core/catalogue';
import { ProgressBar } from '../benchmark/progress-bar.tsx';
import { benchmarkPath } from '../shell/route.ts';
import { RequestFailed, api } from '../shell/api.ts';
import { useShortcuts } from '../shell/keyboard.ts';
import { watchLive } from '../shell/live.ts';
import { Empty, Show } from '../shell/messages.tsx';
import { resource } from '../shell/resource.ts';

export function ScriptsPage() {
  const list = useMemo(() => resource(() => api.scripts()), []);
  const [state, setState] = useState<ScriptState | null>(null);
  const [progress, setProgress] = useState<readonly Progress[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const [active, setActive] = useState(0);
  useEffect(() => {
    document.title = 'Scripts · encodelab';
    return watchLive(
      { script: true, list: true },
      (message) => {
        // Who has begun or ended may be a benchmark that was not there before.
        if (message.type === 'stale') void list.reload();
        if (message.type === 'script') setState(message.state);
        if (message.type === 'progress') setProgress(message.progress);
      },
      () => void list.reload(),
    );
  }, []);
  const act = async (name: string, action: ScriptAction) => {
    setProblem(null);
    try {
      setState(await api.actOnScript(name, action));
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      setProblem([error.message, error.todo].filter((text) => text !== null).join('; '));
    }
  };
  const reload = () => {
    setProblem(null);
    void list.reload();
  };
  const loaded = list.value.value;
  const scripts = loaded.state === 'ready' ? loaded.data.scripts : [];
  const chosen = scripts[Math.min(active, scripts.length - 1)];
  useShortcuts('Scripts', [
    { keys: ['j', 'ArrowDown'], does: 'next file', run: () => setActive(Math.min(scripts.length - 1, active + 1)) },
    { keys: ['k', 'ArrowUp'], does: 'file before', run: () => setActive(Math.max(0, active - 1)) },
    { keys: ['t'], does: 'test: what would run', run: () => chosen !== undefined && void act(chosen.name, 'test') },
    { keys: ['R'], does: 'run it', run: () => chosen !== undefined && void act(chosen.name, 'run') },
    { keys: ['S'], does: 'stop what runs', run: () => state !== null && void act(state.script, 'stop') },
    { keys: ['l'], does: 'reload the list', run: reload },
  ]);
  return (
    <article class="scripts">
      <header class="page-head">
        <h1>Scripts</h1>
        <p class="muted">benchmark files in the lab’s folder benchmarks/</p>
        <span class="page-actions">
          <button type="button" onClick={reload}>
            Reload
          </button>
        </span>
      </header>
      {problem !== null && (
        <p class="banner inline" role="alert">
          {problem}
        </p>
      )}
      <Show of={list}>
        {(data) => (
          <div class="script-columns">
            <ScriptList
              scripts={data.scripts}
              state={state ?? data.state}
              active={chosen?.name ?? null}
              onAct={act}
              onChoose={setActive}
            />
            <div class="script-now">
              {progress.map((one) => (
                <a key={one.benchmark} class="panel script-progress" href={benchmarkPath(one.benchmark)}>
                  <h2>{one.benchmark}</h2>
                  <ProgressBar progress={one} done={one} />
                </a>
              ))}
              <Log
                state={state ?? data.state}
                benchmark={data.scripts.find(({ name }) => name === (state ?? data.state)?.script)?.benchmark ?? null}
              />
            </div>
          </div>
        )}
      </Show>
    </article>
  );
}

interface ScriptListProps {
  readonly scripts: readonly ScriptFile[];
  readonly state: ScriptState | null;
  readonly active: string | null;
  readonly onAct: (name: string, action: ScriptAction) => Promise<void>;
  readonly onChoose: (position: number) => void;
}

function ScriptList({ scripts, state, active, onAct, onChoose }: ScriptListProps) {
  if (scripts.length === 0) {
    return (
      <Empty title="No benchmark files">
        <p>
          Put YAML files into the folder <code>benchmarks/</code> of the lab, then reload.
        </p>
      </Empty>
    );
  }
  const busy = state !== null && state.endedAtMs === null;
  return (
    <ul class="panel script-list">
      {scripts.map((script, position) => {
        const mine = state?.script === script.name;
        const running = busy && mine;
        return (
          <li
            key={script.name}
            data-active={script.name === active ? '' : undefined}
            onClick={() => onChoose(position)}
          >
            <span class="name">
              <b aria-hidden="true">{running ? '◐' : mine ? endSign(state) : '·'}</b>
              {script.name}
            </span>
            <span class="muted">
              {formatQuantity(script.bytes, 'byte')} · {formatTime(script.modifiedAtMs)}
              {script.benchmark !== null && (
                <>
                  {' · '}
                  <a href={benchmarkPath(script.benchmark)}>{script.benchmark}</a>
                </>
              )}
            </span>
            <span class="actions">
              <button type="button" disabled={busy} onClick={() => void onAct(script.name, 'test')}>
                Test
              </button>
              <button type="button" class="primary" disabled={busy} onClick={() => void onAct(script.name, 'run')}>
                Run
              </button>
              <button type="button" disabled={!running} onClick={() => void onAct(script.name, 'stop')}>
                {running && state.stopping ? 'Stop now' : 'Stop'}
              </button>
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function endSign(state: ScriptState): string {
  return state.code === 0 ? '✓' : '✕';
}

function Log({ state, benchmark }: { state: ScriptState | null; benchmark: string | null }) {
  const end = useRef<HTMLPreElement>(null);
  const stays = useRef(true);
  useEffect(() => {
    // Who has scrolled up to read is left there.
    if (end.current !== null && stays.current) end.current.scrollTop = end.current.scrollHeight;
  }, [state?.log]);
  if (state === null)
    return (
      <section class="panel log">
        <p class="muted pad">The log of what is tested or run stands here.</p>
      </section>
    );
  return (
    <section class="panel log" aria-label="Log">
      <header class="panel-head">
        <h2>
          {state.action === 'test' ? 'Test of' : 'Run of'} {state.script}
        </h2>
        {benchmark !== null && <a href={benchmarkPath(benchmark)}>Results of {benchmark}</a>}
        <span role="status">{endWords(state)}</span>
      </header>
      <pre
        ref={end}
        tabIndex={0}
        onScroll={(event) => {
          const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
          stays.current = scrollTop + clientHeight > scrollHeight - 30;
        }}
      >
        {state.truncated && '… (only the end is kept)\n'}
        {state.log || 'nothing yet\n'}
      </pre>
    </section>
  );
}

function endWords(state: ScriptState) {
  if (state.endedAtMs === null) return state.stopping ? <span class="warn">stopping …</span> : <span>at work …</span>;
  const took = formatDuration((state.endedAtMs - state.startedAtMs) / 1000);
  if (state.code === 0) return <span class="good">✓ done in {took}</span>;
  if (state.code === 99) return <span class="warn">▼ a threshold is not met, after {took}</span>;
  if (state.code === 130) return <span class="warn">stopped after {took}</span>;
  return (
    <span class="bad">
      ✕ {state.code === null ? `ended by ${state.signal ?? 'a signal'}` : `failed (exit ${state.code})`} after {took}
    </span>
  );
}
