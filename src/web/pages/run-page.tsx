// A run: what it was, how it ended, and what happened in it.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { formatQuantity } from '#core/format-quantity';
import { RECORDING_TABLES } from '#core/recording';
import type { RunRecord } from '#core/run';
import type { RunPage } from '#server/wire';
import { outcomeWord } from '../benchmark/outcome-words.ts';
import { formatTime } from '../benchmark/results-table.tsx';
import { RunCharts } from '../run/run-charts.tsx';
import { RunBackground, RunSummary } from '../run/run-summary.tsx';
import { api, exportPath } from '../shell/api.ts';
import { useShortcuts } from '../shell/keyboard.ts';
import { watchLive } from '../shell/live.ts';
import { useDismiss } from '../shell/menu.ts';
import { Empty, Show } from '../shell/messages.tsx';
import { resource } from '../shell/resource.ts';
import { benchmarkPath, navigate, profilePath, replayPath, runPath } from '../shell/route.ts';

export function RunPageView({ id }: { id: string }) {
  const page = useMemo(() => resource(() => api.run(id)), [id]);
  useEffect(() => {
    document.title = `run ${id.slice(0, 8)} · encodelab`;
    return watchLive(
      { run: id },
      (message) => message.type === 'stale' && void page.reload(),
      () => void page.reload(),
    );
  }, [page]);
  return <Show of={page}>{(data) => <Run page={data} />}</Show>;
}

function Run({ page }: { page: RunPage }) {
  const { run, siblings } = page;
  const at = siblings.findIndex((sibling) => sibling.id === run.id);
  const go = (position: number) =>
    siblings[position] !== undefined && navigate(runPath(siblings[position].id) + location.search);
  const up = run.benchmark === null ? '/' : benchmarkPath(run.benchmark);
  useShortcuts('This run', [
    { keys: ['['], does: 'the repeat before', run: () => go(at - 1) },
    { keys: [']'], does: 'the next repeat', run: () => go(at + 1) },
    { keys: ['u'], does: 'up to the benchmark', run: () => navigate(up) },
  ]);
  return (
    <article class="run">
      <header class="page-head">
        <h1>
          <Outcome run={run} />
          {run.cell ?? 'run by hand'}
        </h1>
        <p class="muted">
          <a href={up}>{run.benchmark ?? 'Benchmarks'}</a> · {repeatWords(run)} · started{' '}
          {formatTime(Date.parse(run.startedAt))} · took {formatQuantity(run.durationS, 's')} · <code>{run.id}</code>
          {run.kind === 'stream' && page.header !== null && (
            <>
              {' '}
              · <a href={replayPath(run.id)}>replay</a>
            </>
          )}
          {page.header?.profile !== undefined && (
            <>
              {' '}
              · <a href={profilePath(run.id)}>profile</a>
            </>
          )}
        </p>
        {siblings.length > 1 && (
          <nav class="siblings" aria-label="Repeats of this cell">
            {siblings.map((sibling) => (
              <a
                key={sibling.id}
                href={runPath(sibling.id)}
                data-outcome={sibling.outcome ?? 'running'}
                aria-current={sibling.id === run.id ? 'page' : undefined}
              >
                {sibling.repeat}
              </a>
            ))}
          </nav>
        )}
        {page.header !== null && <Exports page={page} />}
      </header>
      {run.reason !== null && <Reason run={run} />}
      <div class="run-columns">
        <RunSummary page={page} />
        {page.header === null ? (
          <Empty title={run.outcome === null ? 'This run is at work' : 'There are no charts'}>
            <p>{page.noRecording}.</p>
          </Empty>
        ) : (
          <RunCharts page={page} />
        )}
        <RunBackground page={page} />
      </div>
    </article>
  );
}

function Outcome({ run }: { run: RunRecord }) {
  const state = run.outcome === null ? 'running' : run.outcome === 'ok' ? 'done' : 'failed';
  const sign = { running: '◐', done: '✓', failed: '✕' }[state];
  return (
    <span class="outcome badge" data-state={state}>
      <b aria-hidden="true">{sign}</b> {outcomeWord(run.outcome)}
      {run.interrupted && ', interrupted'}
    </span>
  );
}

function repeatWords(run: RunRecord): string {
  if (run.repeat > 0) return `repeat ${run.repeat}`;
  return run.repeat === 0 ? 'warm-up' : 'check for drift';
}

/** The first line says why; the tail of the log stands below. */
function Reason({ run }: { run: RunRecord }) {
  const [first, ...rest] = run.reason!.split('\n');
  const log = rest.join('\n').trim();
  return (
    <section class="panel reason" data-outcome={run.outcome ?? ''} aria-label="Why">
      <p>{first}</p>
      {log !== '' && <pre tabIndex={0}>{log}</pre>}
    </section>
  );
}

function Exports({ page }: { page: RunPage }) {
  const tables = RECORDING_TABLES.filter((table) => table !== 'steps' && (page.header?.rows[table] ?? 0) > 0);
  const opener = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);
  useDismiss(isOpen, [opener, list], () => setOpen(false));
  return (
    <div class="picker page-actions">
      <button ref={opener} type="button" class="opener" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        Export
      </button>
      {isOpen && (
        <div ref={list} class="picker-list exports" role="group" aria-label="Export">
          {tables.map((table) => (
            <p key={table}>
              {table}
              {['csv', 'json', 'parquet'].map((format) => (
                <a key={format} href={exportPath.run(page.run.id, table, format)} download>
                  {format}
                </a>
              ))}
            </p>
          ))}
        </div>
      )}
    </div>
  );
}
