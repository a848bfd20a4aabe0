// One encoder: what it takes, and the line for a benchmark file.

import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { EncoderInfo } from '#core/encoder';
import type { EncoderPage } from '#server/encoders-wire';
import { CopyLine } from '../encoders/copy-line.tsx';
import { engineName } from '../encoders/engine-cards.tsx';
import { LiveProof } from '../encoders/live-proof.tsx';
import { ParameterTable } from '../encoders/parameter-table.tsx';
import { formatValues, parseValues, settingsLine } from '../encoders/settings-line.ts';
import { api } from '../shell/api.ts';
import { useShortcuts } from '../shell/keyboard.ts';
import { Empty, Show } from '../shell/messages.tsx';
import { resource } from '../shell/resource.ts';
import { navigate, query, setQuery } from '../shell/route.ts';
import { kindWords } from './encoders-page.tsx';

export function EncoderPageView({ engine, name }: { engine: string; name: string }) {
  const page = useMemo(() => resource(() => api.encoder(engine, name)), [engine, name]);
  const up = engine === 'bundled' ? '/encoders' : `/encoders?${new URLSearchParams({ engine })}`;
  useEffect(() => {
    document.title = `${name} · encodelab`;
  }, [name]);
  useShortcuts('This encoder', [{ keys: ['u'], does: 'up to the encoders', run: () => navigate(up) }]);
  return (
    <Show of={page}>
      {(data) => (
        <article class="encoder">
          <Head encoder={data.encoder} up={up} />
          {!data.encoder.available && (
            <section class="panel reason" aria-label="Why it does not work here">
              <p>{data.encoder.reason ?? 'It does not work on this machine, and does not tell why.'}</p>
            </section>
          )}
          <Parameters page={data} onChange={() => void page.reload()} />
        </article>
      )}
    </Show>
  );
}

function Head({ encoder, up }: { encoder: EncoderInfo; up: string }) {
  return (
    <header class="page-head">
      <h1>
        <span class="outcome badge" data-state={encoder.available ? 'done' : 'failed'}>
          <b aria-hidden="true">{encoder.available ? '✓' : '✕'}</b> {encoder.available ? 'works here' : 'not here'}
        </span>
        {encoder.name}
      </h1>
      <p class="muted">
        <a href={up}>{engineName(encoder.engine)}</a> · {encoder.codec} · {kindWords(encoder)} · {encoder.description}
      </p>
    </header>
  );
}

const SCOPES = {
  private: 'its own',
  generic: 'of every encoder',
  sub: 'inside of parameters',
} as const;
type Scope = keyof typeof SCOPES;

function Parameters({ page, onChange }: { page: EncoderPage; onChange: () => void }) {
  const { encoder } = page;
  const search = useRef<HTMLInputElement>(null);
  const text = (query.value.get('filter') ?? '').toLowerCase();
  const scope = (Object.keys(SCOPES) as Scope[]).find((one) => one === query.value.get('scope')) ?? 'private';
  const chosen = parseValues(query.value.get('use'));
  useShortcuts('Parameters', [{ keys: ['/'], does: 'filter', run: () => search.current?.focus() }]);
  const count: Record<Scope, number> = {
    private: encoder.parameters.filter((one) => one.scope === 'private').length,
    generic: encoder.parameters.filter((one) => one.scope === 'generic').length,
    sub: encoder.subOptions.length,
  };
  const holds = (...texts: string[]) => texts.some((one) => one.toLowerCase().includes(text));
  const onlyLive = query.value.get('live') === 'yes';
  const parameters = encoder.parameters.filter(
    (one) =>
      one.scope === scope &&
      (!onlyLive || one.live?.state === 'yes') &&
      holds(one.name, one.description, one.type, ...one.values.flatMap((value) => [value.name, value.description])),
  );
  const subOptions = encoder.subOptions.filter((one) => holds(one.name, one.description, one.parameter));
  const shown = scope === 'sub' ? subOptions.length : parameters.length;
  const choose = (name: string, value: string | null) => {
    const next = new Map(chosen);
    if (value === null) next.delete(name);
    else next.set(name, value);
    setQuery({ use: formatValues(next) });
  };
  return (
    <>
      <div class="encoder-tools">
        <CopyLine text={settingsLine(encoder, chosen)}>
          {chosen.size === 0 && <span class="muted">tick parameters below to have them in it</span>}
        </CopyLine>
        {page.provable && <LiveProof encoder={encoder} first={page.proof} onEnd={onChange} />}
      </div>
      <section class="panel">
        <header class="panel-head">
          <input
            ref={search}
            type="search"
            placeholder="filter parameters"
            aria-label="Filter parameters"
            value={query.value.get('filter') ?? ''}
            onInput={(event) => setQuery({ filter: event.currentTarget.value })}
          />
          <fieldset class="segments">
            {(Object.keys(SCOPES) as Scope[])
              .filter((one) => one !== 'sub' || count.sub > 0)
              .map((one) => (
                <button
                  key={one}
                  type="button"
                  aria-pressed={one === scope}
                  onClick={() => setQuery({ scope: one === 'private' ? null : one })}
                >
                  {SCOPES[one]} <span class="muted">{count[one]}</span>
                </button>
              ))}
          </fieldset>
          {(onlyLive || encoder.parameters.some(({ live }) => live?.state === 'yes')) && scope !== 'sub' && (
            <fieldset class="segments">
              <button
                type="button"
                aria-pressed={onlyLive}
                title="only those that a working encoder takes anew"
                onClick={() => setQuery({ live: onlyLive ? null : 'yes' })}
              >
                ✓ live
              </button>
            </fieldset>
          )}
          <PixelFormats formats={encoder.pixelFormats} />
        </header>
        {shown === 0 ? (
          <Empty title={count[scope] === 0 ? 'It has none' : 'No parameter is left'}>
            {count[scope] > 0 && (
              <button type="button" onClick={() => setQuery({ filter: null, live: null })}>
                Show all
              </button>
            )}
          </Empty>
        ) : scope === 'sub' ? (
          <SubOptions options={subOptions} />
        ) : (
          <ParameterTable parameters={parameters} chosen={chosen} onChoose={choose} />
        )}
      </section>
    </>
  );
}

function PixelFormats({ formats }: { formats: readonly string[] }) {
  if (formats.length === 0) return null;
  return (
    <p class="formats" title={formats.join(' ')}>
      <span class="muted">pixels </span>
      {formats.map((format) => (
        <code key={format}>{format}</code>
      ))}
    </p>
  );
}

function SubOptions({ options }: { options: EncoderInfo['subOptions'] }) {
  return (
    <table class="data plain parameters">
      <thead>
        <tr>
          <th scope="col">name</th>
          <th scope="col">inside of</th>
          <th scope="col">default</th>
          <th scope="col">what it does</th>
        </tr>
      </thead>
      <tbody>
        {options.map((option) => (
          <tr key={`${option.parameter} ${option.name}`}>
            <td>
              <code>{option.name}</code>
            </td>
            <td class="muted">{option.parameter}</td>
            <td>{option.default === null ? <span class="muted">–</span> : <code>{option.default}</code>}</td>
            <td class="what">{option.description || <span class="muted">its library does not say</span>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
