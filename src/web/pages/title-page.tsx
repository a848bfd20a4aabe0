// One title: its pipeline, who did what when, what came of it, and the player.

import { useEffect } from 'preact/hooks';
import { formatDuration, formatNumber } from '#core/format-quantity';
import type { TitleAction, TitleView } from '#server/titles-wire';
import { formatTime } from '../benchmark/results-table.tsx';
import { useAsking } from '../live/use-asking.ts';
import { useShortcuts } from '../shell/keyboard.ts';
import { Show } from '../shell/messages.tsx';
import { navigate, runPath } from '../shell/route.ts';
import { ItemTable } from '../titles/item-table.tsx';
import { PipelineGraph } from '../titles/pipeline-graph.tsx';
import { TitlePlayer } from '../titles/title-player.tsx';
import { titlesApi } from '../titles/title-requests.ts';
import { FailedItems, RenditionTable, WayTable } from '../titles/title-tables.tsx';
import { itemTotal, publishedAfterS, sourceMinutesAnHour, TITLE_SIGNS } from '../titles/title-words.ts';
import { usePolled } from '../titles/use-polled.ts';
import { WorkerTimeline } from '../titles/worker-timeline.tsx';

const CHUNK_DIGITS = 5;

export function TitlePageView({ id }: { id: string }) {
  const page = usePolled((since) => titlesApi.title(id, since), id);
  useShortcuts('This title', [{ keys: ['u'], does: 'up to the titles', run: () => navigate('/titles') }]);
  return <Show of={page}>{(view) => <Shown view={view} onChange={() => void page.reload()} />}</Show>;
}

function Shown({ view, onChange }: { view: TitleView; onChange: () => void }) {
  const { title, counter } = view;
  const asking = useAsking();
  useEffect(() => {
    document.title = `${title.name} · encodelab`;
  }, [title.name]);
  const act = (action: TitleAction) => asking.ask(() => titlesApi.act(title.id, action).then(onChange));
  const remove = () => {
    if (!confirm(`Delete ${title.name} with all that was made for it? What was published stays.`)) return;
    asking.ask(() => titlesApi.delete(title.id).then(() => navigate('/titles')));
  };
  const open = (kind: string, group: string, chunk: number) => {
    if (kind !== 'encode') return;
    asking.ask(async () => {
      const key = `${kind}/${String(chunk).padStart(CHUNK_DIGITS, '0')}/${group}`;
      const { runs, state } = await titlesApi.item(title.id, key);
      if (runs[0] === undefined) throw new Error(`${key} is ${state}: it has no run yet`);
      navigate(runPath(runs[0]));
    });
  };
  return (
    <article class="title-page">
      <header class="page-head">
        <h1>
          <span class="outcome title-state badge" data-state={title.state}>
            <b aria-hidden="true">{TITLE_SIGNS[title.state]}</b> {title.state}
          </span>{' '}
          {title.name}
        </h1>
        <p class="muted" title={view.source ?? undefined}>
          <a href="/titles">Titles</a>
          {view.ladder !== null && ` · ladder ${view.ladder}`}
          {title.sourceS !== null && ` · ${formatDuration(title.sourceS)} of source`} · arrived{' '}
          {formatTime(Date.parse(title.createdAt))}
        </p>
        <span class="page-actions">
          {title.state === 'running' && <Action name="Pause" onClick={() => act('pause')} isBusy={asking.isBusy} />}
          {title.state === 'paused' && <Action name="Resume" onClick={() => act('resume')} isBusy={asking.isBusy} />}
          {['running', 'paused', 'failed'].includes(title.state) && (
            <Action name="Cancel" onClick={() => act('cancel')} isBusy={asking.isBusy} />
          )}
          {title.state !== 'running' && <Action name="Delete" onClick={remove} isBusy={asking.isBusy} />}
        </span>
      </header>
      {asking.problem !== null && (
        <p class="banner inline" role="alert">
          {asking.problem}
        </p>
      )}
      {title.reason !== null && <p class="title-reason bad">{title.reason}</p>}
      <Figures view={view} />
      <FailedItems view={view} isBusy={asking.isBusy} onRetry={() => act('retry')} />
      <PipelineGraph lanes={view.lanes} onOpen={({ kind, group }, chunk) => open(kind, group, chunk)} />
      <WorkerTimeline id={title.id} counter={counter} onOpen={open} />
      <div class="title-columns">
        <div>
          {view.playable.length > 0 ? (
            <TitlePlayer playable={view.playable} seamsS={view.seamsS} />
          ) : (
            <NotPlayable view={view} />
          )}
        </div>
        <div>
          <RenditionTable renditions={view.renditions} />
          <WayTable way={view.way} />
          {view.notes.length > 0 && (
            <section class="panel" aria-label="Notes">
              <header class="panel-head">
                <h2>Notes of the plan</h2>
              </header>
              <ul class="pad">
                {view.notes.map((note) => (
                  <li key={note}>{note}</li>
                ))}
              </ul>
            </section>
          )}
        </div>
      </div>
      <ItemTable id={title.id} counter={counter} counts={title.items} />
    </article>
  );
}

function Action({ name, isBusy, onClick }: { name: string; isBusy: boolean; onClick: () => void }) {
  return (
    <button type="button" disabled={isBusy} onClick={onClick}>
      {name}
    </button>
  );
}

function NotPlayable({ view: { manifests, title } }: { view: TitleView }) {
  return (
    <section class="panel" aria-label="Player">
      <header class="panel-head">
        <h2>What was published</h2>
      </header>
      {manifests === null ? (
        <p class="muted pad">{title.state === 'done' ? 'Nothing.' : 'Nothing yet: the player stands here then.'}</p>
      ) : (
        <p class="pad">
          It is published outside of this lab, so this page can't play it: <code>{manifests.dash}</code>
        </p>
      )}
    </section>
  );
}

function Figures({ view: { title, leftS, running } }: { view: TitleView }) {
  const total = itemTotal(title.items);
  const share = (count: number) => `${total === 0 ? 0 : (100 * count) / total}%`;
  return (
    <section class="panel title-figures" aria-label="Progress">
      <div
        class="progress-track"
        role="progressbar"
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={title.items.done}
        aria-valuetext={`${title.items.done} of ${total} items`}
      >
        <i class="done" style={{ width: share(title.items.done) }} />
        <i class="failed" style={{ width: share(title.items.failed) }} />
        <i class="now" style={{ width: share(title.items.running) }} />
      </div>
      <dl>
        <Figure term="items done">
          {title.items.done} <span class="muted">of {total}</span>
        </Figure>
        <Figure term="at work">{running.length}</Figure>
        {title.state === 'running' && (
          <Figure term="time left" title="8 times in 10 it lies in this range">
            {leftS === null ? (
              <span class="muted">known after the first items</span>
            ) : (
              <>
                {formatDuration(leftS.middle)}{' '}
                <span class="muted">
                  {formatDuration(leftS.low)} – {formatDuration(leftS.high)}
                </span>
              </>
            )}
          </Figure>
        )}
        <Figure term="published after" title="from its arrival, waiting and pauses included">
          {formatDuration(publishedAfterS(title))}
        </Figure>
        <Figure term="source minutes an hour">{formatNumber(sourceMinutesAnHour(title))}</Figure>
      </dl>
    </section>
  );
}

interface FigureProps {
  readonly term: string;
  readonly title?: string;
  readonly children: preact.ComponentChildren;
}

function Figure({ term, title, children }: FigureProps) {
  return (
    <div title={title}>
      <dt class="muted">{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}
