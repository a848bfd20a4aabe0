// The titles of a lab: what was made of sources, or is being made.

import { useEffect, useState } from 'preact/hooks';
import { formatDuration, formatNumber } from '#core/format-quantity';
import type { TitleLine } from '#server/titles-wire';
import { formatTime } from '../benchmark/results-table.tsx';
import { CopyLine } from '../encoders/copy-line.tsx';
import { useShortcuts } from '../shell/keyboard.ts';
import { Empty, Show } from '../shell/messages.tsx';
import { navigate, query, setQuery, titlePath } from '../shell/route.ts';
import { TITLES_A_PAGE, titlesApi } from '../titles/title-requests.ts';
import { itemTotal, publishedAfterS, sourceMinutesAnHour, TITLE_SIGNS } from '../titles/title-words.ts';
import { usePolled } from '../titles/use-polled.ts';

export function TitlesPage() {
  const offset = Math.max(0, Math.floor(Number(query.value.get('from') ?? 0)) || 0);
  const list = usePolled((since) => titlesApi.list(offset, since), String(offset));
  useEffect(() => {
    document.title = 'Titles · encodelab';
  }, []);
  const goTo = (from: number) => setQuery({ from: from <= 0 ? null : String(from) }, 'push');
  return (
    <Show of={list}>
      {({ titles, more }) =>
        titles.length === 0 && offset === 0 ? (
          <NothingYet />
        ) : (
          <article class="titles">
            <header class="page-head">
              <h1>Titles</h1>
              {(offset > 0 || more) && (
                <span class="page-actions">
                  <button type="button" disabled={offset === 0} onClick={() => goTo(offset - TITLES_A_PAGE)}>
                    Newer
                  </button>
                  <button type="button" disabled={!more} onClick={() => goTo(offset + TITLES_A_PAGE)}>
                    Older
                  </button>
                </span>
              )}
            </header>
            <TitleTable titles={titles} />
          </article>
        )
      }
    </Show>
  );
}

function NothingYet() {
  return (
    <Empty title="No title was made in this lab yet">
      <p>
        A title is what a source becomes: every rung of a ladder, encoded in parallel chunks, joined, packaged and
        published. This page shows it while it is made.
      </p>
      <CopyLine text="encodelab encode film.mp4" title="In a terminal" />
    </Empty>
  );
}

function TitleTable({ titles }: { titles: readonly TitleLine[] }) {
  const [active, setActive] = useState(-1);
  const step = (by: number) => setActive((at) => Math.max(0, Math.min(titles.length - 1, at + by)));
  useShortcuts('Titles', [
    { keys: ['j', 'ArrowDown'], does: 'next title', run: () => step(1) },
    { keys: ['k', 'ArrowUp'], does: 'title before', run: () => step(-1) },
    {
      keys: ['Enter'],
      does: 'open it',
      run: () => titles[active] !== undefined && navigate(titlePath(titles[active].id)),
    },
  ]);
  return (
    <section class="panel">
      <table class="data plain title-table">
        <thead>
          <tr>
            <th scope="col">title</th>
            <th scope="col">state</th>
            <th scope="col" colSpan={2}>
              items
            </th>
            <th scope="col">arrived</th>
            <th scope="col" class="number" title="from its arrival until it was published">
              published after
            </th>
            <th scope="col" class="number" title="minutes of source for each hour until it was published">
              source min/h
            </th>
          </tr>
        </thead>
        <tbody>
          {titles.map((title, position) => (
            <TitleRow key={title.id} title={title} isActive={position === active} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function TitleRow({ title, isActive }: { title: TitleLine; isActive: boolean }) {
  const { id, name, state, items, createdAt, reason, campaign } = title;
  const total = itemTotal(items);
  const share = (count: number) => `${total === 0 ? 0 : (100 * count) / total}%`;
  return (
    <tr class={isActive ? 'active' : undefined}>
      <td class="grow">
        <a href={titlePath(id)}>{name}</a>
        {campaign !== null && <span class="tag">{campaign}</span>}
      </td>
      <td title={reason ?? undefined}>
        <span class="outcome title-state" data-state={state}>
          <b aria-hidden="true">{TITLE_SIGNS[state]}</b> {state}
        </span>
      </td>
      <td>
        <span class="small-track title-track" aria-hidden="true">
          <i style={{ width: share(items.done) }} />
          <i class="failed" style={{ width: share(items.failed) }} />
        </span>
      </td>
      <td class="number">
        {items.done} <span class="muted">of {total}</span>
        {items.failed > 0 && <span class="bad"> ✕ {items.failed}</span>}
      </td>
      <td>
        <time dateTime={createdAt}>{formatTime(Date.parse(createdAt))}</time>
      </td>
      <td class="number">{formatDuration(publishedAfterS(title))}</td>
      <td class="number">{formatNumber(sourceMinutesAnHour(title))}</td>
    </tr>
  );
}
