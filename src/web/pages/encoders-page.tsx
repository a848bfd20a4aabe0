// Engines and their encoders: what there is, and what works on this machine.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { EncoderSummary, EngineState } from '#server/encoders-wire';
import { codecsOf, filterEncoders, sortEncoders, type EncoderFilter } from '../encoders/encoder-filter.ts';
import { EngineCards, engineName } from '../encoders/engine-cards.tsx';
import { api } from '../shell/api.ts';
import { useShortcuts } from '../shell/keyboard.ts';
import { Empty, Failed, Show } from '../shell/messages.tsx';
import { resource } from '../shell/resource.ts';
import { encoderPath, navigate, query, setQuery } from '../shell/route.ts';
import { VirtualTable, type TableColumn } from '../shell/virtual-table.tsx';

const FIRST_ENGINE = 'bundled';

export function EncodersPage() {
  const engines = useMemo(() => resource(api.engines), []);
  useEffect(() => {
    document.title = 'Encoders · encodelab';
  }, []);
  const engine = query.value.get('engine') ?? FIRST_ENGINE;
  return (
    <article class="encoders">
      <header class="page-head">
        <h1>Encoders</h1>
        <p class="muted">found by asking each engine, and tried on this machine</p>
      </header>
      <Show of={engines}>
        {(list) => {
          const chosen = list.find(({ setting }) => setting === engine);
          return (
            <>
              <EngineCards
                engines={list}
                chosen={engine}
                onChoose={(setting) => setQuery({ engine: setting === FIRST_ENGINE ? null : setting, codec: null })}
              />
              {chosen === undefined ? <Unknown engine={engine} /> : <Chosen key={engine} engine={chosen} />}
            </>
          );
        }}
      </Show>
    </article>
  );
}

function Unknown({ engine }: { engine: string }) {
  return (
    <Empty title="No benchmark of this lab names that engine">
      <p>
        <code>{engine}</code> is not started from here. Run a benchmark with <code>engine: {engine}</code> first, or
        look at one of the engines above.
      </p>
    </Empty>
  );
}

function Chosen({ engine }: { engine: EngineState }) {
  if (engine.info === null)
    return (
      <Empty title={`${engineName(engine.setting)} can’t be used`}>
        <p>{engine.problem?.what}</p>
        {engine.problem?.todo !== null && <p class="muted">{engine.problem?.todo}</p>}
      </Empty>
    );
  return <Discovered engine={engine.setting} />;
}

function Discovered({ engine }: { engine: string }) {
  const list = useMemo(() => resource(() => api.encoders(engine)), [engine]);
  const loaded = list.value.value;
  switch (loaded.state) {
    case 'loading':
      return <Trying />;
    case 'failed':
      return <Failed error={loaded.error} onRetry={() => void list.reload()} />;
    case 'ready':
      return <Encoders engine={engine} encoders={loaded.data.encoders} />;
  }
}

/** The first time takes seconds: each encoder is given two frames. */
function Trying() {
  return (
    <section class="panel trying" role="status">
      <b aria-hidden="true">◐</b>
      <p>
        Trying each encoder on this machine
        <span class="muted">two small frames each; the first time takes some seconds, then it is kept</span>
      </p>
    </section>
  );
}

function Encoders({ engine, encoders }: { engine: string; encoders: readonly EncoderSummary[] }) {
  const search = useRef<HTMLInputElement>(null);
  const [active, setActive] = useState(0);
  const filter: EncoderFilter = {
    text: query.value.get('filter') ?? '',
    codec: query.value.get('codec'),
    kind: kindOf(query.value.get('kind')),
    available: query.value.get('here') === '1',
  };
  const sorted = useMemo(() => sortEncoders(encoders), [encoders]);
  const shown = filterEncoders(sorted, filter);
  const at = Math.min(active, shown.length - 1);
  const open = (row: number) => shown[row] !== undefined && navigate(encoderPath(engine, shown[row].name));
  const isFiltered = shown.length < encoders.length;
  const clear = () => setQuery({ filter: null, codec: null, kind: null, here: null });
  useShortcuts('Encoders', [
    { keys: ['j', 'ArrowDown'], does: 'next encoder', run: () => setActive(Math.min(shown.length - 1, at + 1)) },
    { keys: ['k', 'ArrowUp'], does: 'encoder before', run: () => setActive(Math.max(0, at - 1)) },
    { keys: ['Enter'], does: 'see its parameters', run: () => open(at) },
    { keys: ['/'], does: 'filter', run: () => search.current?.focus() },
    { keys: ['a'], does: 'only those that work here, or all', run: () => setHere(!filter.available) },
  ]);
  return (
    <section class="panel encoder-list">
      <header class="panel-head">
        <input
          ref={search}
          type="search"
          placeholder="filter: h264, vaapi, svt …"
          aria-label="Filter encoders"
          value={filter.text}
          onInput={(event) => setQuery({ filter: event.currentTarget.value })}
        />
        <label>
          <span class="muted">codec </span>
          <select value={filter.codec ?? ''} onChange={(event) => setQuery({ codec: event.currentTarget.value })}>
            <option value="">all</option>
            {codecsOf(encoders).map(({ codec, encoders: count }) => (
              <option key={codec} value={codec}>
                {codec} ({count})
              </option>
            ))}
          </select>
        </label>
        <fieldset class="segments">
          {([null, 'software', 'hardware'] as const).map((kind) => (
            <button key={kind} type="button" aria-pressed={filter.kind === kind} onClick={() => setQuery({ kind })}>
              {kind ?? 'all kinds'}
            </button>
          ))}
        </fieldset>
        <fieldset class="segments">
          <button type="button" aria-pressed={!filter.available} onClick={() => setHere(false)}>
            all
          </button>
          <button type="button" aria-pressed={filter.available} onClick={() => setHere(true)}>
            works here
          </button>
        </fieldset>
        <span class="muted counted" role="status">
          {isFiltered ? `${shown.length} of ${encoders.length}` : `${encoders.length} encoders`},{' '}
          {shown.filter(({ available }) => available).length} work here
        </span>
      </header>
      {shown.length === 0 ? (
        <Empty title={encoders.length === 0 ? 'This engine has no video encoder' : 'No encoder is left'}>
          {encoders.length > 0 && (
            <button type="button" onClick={clear}>
              Show all
            </button>
          )}
        </Empty>
      ) : (
        <VirtualTable
          label="Encoders"
          columns={columns(engine, shown)}
          rows={shown.length}
          rowKey={(row) => shown[row]!.name}
          rowClass={(row) => (shown[row]!.available ? undefined : 'unavailable')}
          active={at}
          onActivate={open}
        />
      )}
    </section>
  );
}

function setHere(only: boolean): void {
  setQuery({ here: only ? '1' : null });
}

function kindOf(text: string | null): EncoderFilter['kind'] {
  return text === 'hardware' || text === 'software' ? text : null;
}

const THREADS: Readonly<Record<EncoderSummary['threads'], string>> = {
  frame: 'by frame',
  slice: 'by slice',
  other: 'its own',
  none: 'one',
};

/** Threads of a device are its own matter. */
function threadWords({ threads, hardware }: EncoderSummary) {
  return hardware && threads === 'none' ? <span class="muted">–</span> : THREADS[threads];
}

function columns(engine: string, shown: readonly EncoderSummary[]): TableColumn[] {
  return [
    {
      key: 'name',
      title: 'encoder',
      width: 180,
      cell: (row) => <a href={encoderPath(engine, shown[row]!.name)}>{shown[row]!.name}</a>,
    },
    { key: 'codec', title: 'codec', width: 110, cell: (row) => shown[row]!.codec },
    {
      key: 'kind',
      title: 'kind',
      width: 150,
      cell: (row) => kindWords(shown[row]!),
    },
    { key: 'threads', title: 'threads', width: 90, cell: (row) => threadWords(shown[row]!) },
    {
      key: 'parameters',
      title: 'parameters',
      description: 'of its own',
      width: 96,
      align: 'right',
      cell: (row) => shown[row]!.parameters,
    },
    {
      key: 'here',
      title: 'on this machine',
      width: 430,
      cell: (row) => <Here encoder={shown[row]!} />,
    },
    {
      key: 'description',
      title: 'description',
      width: 330,
      cell: (row) => (
        <span class="muted" title={shown[row]!.description}>
          {shown[row]!.description}
        </span>
      ),
    },
  ];
}

export function kindWords({ hardware, device }: Pick<EncoderSummary, 'hardware' | 'device'>): string {
  return hardware ? `hardware${device === null ? '' : `, ${device}`}` : 'software';
}

function Here({ encoder: { name, available, reason } }: { encoder: EncoderSummary }) {
  if (available) return <span class="good">✓ works</span>;
  return (
    <span class="bad" title={reason ?? undefined}>
      ✕ {reason?.replace(`${name} can't be opened: `, '').replace(`${name} can't`, "can't") ?? 'does not work here'}
    </span>
  );
}
