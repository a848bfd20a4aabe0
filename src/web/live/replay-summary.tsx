// What was recorded, beside the charts of a replay: what it is called, what was asked for, what it came to, who measured.

import { formatDuration, formatQuantity } from '#core/format-quantity';
import { formatSettingValue } from '#core/settings';
import type { RunPage } from '#server/wire';
import type { TimeRange } from '../chart/chart-group.ts';
import { chosenColumns } from '../benchmark/metric-choice.ts';
import { outcomeWord } from '../benchmark/outcome-words.ts';
import { pictureAddress } from '../shell/api.ts';
import { runPath } from '../shell/route.ts';
import { SPICE_PICTURE } from './client-picture.tsx';
import type { Live } from './live.ts';
import { sessionWay } from './session-way.ts';

/** Of the worst frames so many are shown; the run's page has all of them. */
const SHOWN_PICTURES = 4;

export function ReplaySummary({ live, page, whole }: { live: Live; page: RunPage; whole: TimeRange }) {
  return (
    <div class="control-centre">
      <div>
        <Recorded page={page} whole={whole} />
        <Metrics page={page} />
      </div>
      <div>
        <Agents page={page} />
        <Pictures page={page} isSpice={sessionWay(live.store.state.value) !== 'loopback'} />
        <Messages live={live} />
      </div>
    </div>
  );
}

function Recorded({ page: { run, header }, whole }: { page: RunPage; whole: TimeRange }) {
  const used = header?.actual ?? {};
  const others = Object.entries(used).filter(([name]) => run.settings[name] === undefined);
  return (
    <section class="panel" aria-label="Recording">
      <header class="panel-head">
        <h2>{run.cell ?? 'recorded by hand'}</h2>
        <span class="muted">
          {formatDuration(whole.to - Math.max(0, whole.from))} · {outcomeWord(run.outcome)} · it is over: nothing can be
          changed
        </span>
      </header>
      <table class="data plain replay-settings">
        <thead>
          <tr>
            <th scope="col">setting</th>
            <th scope="col">asked for</th>
            <th scope="col">in force</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(run.settings).map(([name, value]) => (
            <tr key={name}>
              <th scope="row">
                <code>{name}</code>
              </th>
              <td>
                <code>{formatSettingValue(value)}</code>
              </td>
              <td>{used[name] === undefined ? <span class="muted">–</span> : <code>{used[name]}</code>}</td>
            </tr>
          ))}
          {others.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">
                <code>{name}</code>
              </th>
              <td class="muted">default</td>
              <td>
                <code>{value}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** What one wants to know of a stream first; the run's page has all. */
function Metrics({ page: { run } }: { page: RunPage }) {
  const known = Object.entries(run.metrics).map(([name, { unit, better }]) => ({ name, unit, better }));
  const shown = chosenColumns(null, known);
  return (
    <section class="panel" aria-label="Metrics">
      <header class="panel-head">
        <h2>Metrics</h2>
        <span class="muted">
          <a href={runPath(run.id)}>all {known.length}</a>
        </span>
      </header>
      {shown.length === 0 ? (
        <p class="muted pad">None: nothing could be computed of it.</p>
      ) : (
        <table class="data plain">
          <tbody>
            {shown.map((name) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td class="number">{formatQuantity(run.metrics[name]!.value, run.metrics[name]!.unit)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Agents({ page: { header } }: { page: RunPage }) {
  return (
    <section class="panel agents" aria-label="Agents">
      <header class="panel-head">
        <h2>Agents</h2>
        <span class="muted">that measured it</span>
      </header>
      <table class="data plain">
        <tbody>
          {header!.agents.map(({ name, role, host }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{role}</td>
              <td>{host}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Pictures({ page: { run, header }, isSpice }: { page: RunPage; isSpice: boolean }) {
  const pictures = header?.quality?.pictures.slice(0, SHOWN_PICTURES) ?? [];
  const notKept = isSpice ? SPICE_PICTURE : 'The picture is not kept in a recording.';
  return (
    <section class="panel" aria-label="Pictures">
      <header class="panel-head">
        <h2>What the client saw</h2>
      </header>
      <p class="muted pad">
        {pictures.length === 0 ? notKept : 'The picture is not kept in a recording, but that of the worst frames is:'}
      </p>
      {pictures.length > 0 && (
        <p class="replay-pictures">
          {pictures.map(({ frame, output }) => (
            <a
              key={frame}
              href={runPath(run.id)}
              title={`frame ${frame}, one of the worst: compare it on the run’s page`}
            >
              <img src={pictureAddress(run.id, output)} alt={`Frame ${frame} as the client saw it`} loading="lazy" />
            </a>
          ))}
        </p>
      )}
    </section>
  );
}

function Messages({ live }: { live: Live }) {
  const messages = live.store.feed.value;
  return (
    <section class="panel feed">
      <header class="panel-head">
        <h2>Messages</h2>
      </header>
      <ol>
        {messages.length === 0 && <li class="muted">Nothing was said in this recording.</li>}
        {messages.map(({ id, timeS, source, text }) => (
          <li key={id} data-marker={text.startsWith('!') ? '' : undefined}>
            <time class="muted">{timeS.toFixed(2)} s</time>
            <b>{source}</b>
            <span>{text.startsWith('!') ? `⚑ ${text.slice(1).trim()}` : text}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
