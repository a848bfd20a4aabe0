// What stands where there is nothing to arrange: no run at all, one run, only failed ones, or none that the filters leave.

import { formatQuantity } from '#core/format-quantity';
import { OUTCOMES } from '#core/run';
import { valueTitle } from '#explore/data/dataset';
import { outcomeWord } from '../benchmark/outcome-words.ts';
import { Empty } from '../shell/messages.tsx';
import { benchmarkPath, profilePath, runPath } from '../shell/route.ts';
import type { ExploreStore } from './explore-store.ts';
import { filterWords } from './selection-bar.tsx';
import { statWords } from './stat-picker.tsx';

/** Links to runs that failed in the same way. */
const MAX_LINKS = 5;

/** @param missing benchmarks that were asked for and are gone */
export function NoRuns({ benchmarks, missing }: { benchmarks: readonly string[]; missing: readonly string[] }) {
  const here = benchmarks.filter((name) => !missing.includes(name));
  if (missing.length > 0 && here.length === 0)
    return (
      <Empty title={missing.length === 1 ? `The benchmark ${missing[0]} is gone` : 'These benchmarks are gone'}>
        <p>
          The link asks for {missing.join(', ')}, which this lab does not have. <a href="/explore">See all runs</a> or{' '}
          <a href="/">the benchmarks</a>.
        </p>
      </Empty>
    );
  if (here.length > 0)
    return (
      <Empty title="No run has ended yet">
        <p>
          The plots come with the first result of{' '}
          {here.map((name) => (
            <a key={name} href={benchmarkPath(name)}>
              {name}
            </a>
          ))}
          ; this page shows it by itself.
        </p>
      </Empty>
    );
  return (
    <Empty title="This lab has no runs yet">
      <p>The explorer shows what a setting does, in any runs: of benchmarks, live recordings and productions.</p>
      <p>Run a benchmark:</p>
      <pre>encodelab bench run examples/bunny.yaml</pre>
      <p>or import what others have measured:</p>
      <pre>encodelab runs import results.csv</pre>
    </Empty>
  );
}

/** Nothing to compare it with: its numbers, and where to look on. */
export function OneRun({ store, row }: { store: ExploreStore; row: number }) {
  const dataset = store.dataset.value;
  const id = dataset.ids[row]!;
  const metrics = store.metrics.value.filter(({ values }) => !Number.isNaN(values[row]!));
  const settings = dataset.properties.filter(({ origin, codes }) => origin === 'setting' && codes[row]! >= 0);
  return (
    <section class="panel explore-one" aria-label="One run">
      <header class="panel-head">
        <h2>One run</h2>
        <span class="muted">there is nothing to compare it with yet; these are its numbers</span>
        <span class="page-actions">
          <a class="button" href={runPath(id)}>
            Open the run
          </a>
          <a class="button" href={profilePath(id)}>
            Profile
          </a>
        </span>
      </header>
      <p class="muted pad">
        {settings
          .map(({ name, values, codes }) => `${name} ${valueTitle(store.names.value, name, values[codes[row]!]!)}`)
          .join(' · ')}
      </p>
      <div class="table-scroll">
        <table class="data plain">
          <thead>
            <tr>
              <th scope="col">metric</th>
              <th scope="col" class="number">
                value
              </th>
              <th scope="col" class="grow">
                unit
              </th>
            </tr>
          </thead>
          <tbody>
            {metrics.map((metric) => (
              <tr key={metric.name}>
                <td>{metric.name}</td>
                <td class="number">{formatQuantity(metric.values[row], metric.unit)}</td>
                <td class="muted grow">{statWords(metric)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** None ended well, or each was left out: why, counted. */
export function AllFailed({ store }: { store: ExploreStore }) {
  const dataset = store.dataset.value;
  const groups = new Map<string, number[]>();
  for (let row = 0; row < dataset.count; row++) {
    const reason = reasonOf(store, row);
    const rows = groups.get(reason);
    if (rows === undefined) groups.set(reason, [row]);
    else rows.push(row);
  }
  const sorted = [...groups].toSorted(([, a], [, b]) => b.length - a.length);
  return (
    <section class="panel explore-failed" aria-label="All failed">
      <header class="panel-head">
        <h2>No run counts</h2>
        <span class="muted">
          {dataset.count} {dataset.count === 1 ? 'run' : 'runs'}, none of which ended well and was kept
        </span>
      </header>
      <ul>
        {sorted.map(([reason, rows]) => (
          <li key={reason}>
            <span class="outcome" data-state="failed">
              <b aria-hidden="true">✕</b> {rows.length}
            </span>
            <span>{reason}</span>
            <span class="explore-finding-links">
              {rows.slice(0, MAX_LINKS).map((row, position) => (
                <a key={row} href={runPath(dataset.ids[row]!)}>
                  run {position + 1}
                </a>
              ))}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function reasonOf({ dataset }: ExploreStore, row: number): string {
  const { excluded, reasons, outcomes } = dataset.value;
  const left = excluded.get(row);
  if (left !== undefined) return `left out: ${left}`;
  const outcome = OUTCOMES[outcomes[row]!]!;
  if (outcome === 'ok') return 'a warm-up or a visit of the drift sentinel';
  // Numbers of one message differ (a process, a frame): what is the same but for them is one reason.
  return `${outcomeWord(outcome)}: ${reasons.get(row)?.replace(/\d{2,}/g, '…') ?? 'no reason is recorded'}`;
}

/** Which filter to take away: each with the runs that it alone holds back. */
export function NothingLeft({ store }: { store: ExploreStore }) {
  const filters = store.filters.value;
  const { rejectedAlone, invalid } = store.filtered.value;
  const names = store.names.value;
  return (
    <section class="panel explore-nothing" aria-label="Nothing left">
      <h2>The filters leave no run</h2>
      {invalid.length > 0 && (
        <p>
          {invalid.length} {invalid.length === 1 ? 'run matches and failed' : 'runs match and failed'} or{' '}
          {invalid.length === 1 ? 'was' : 'were'} left out.{' '}
          {!store.view.value.showInvalid && (
            <button type="button" onClick={() => store.change({ showInvalid: true })}>
              List them
            </button>
          )}
        </p>
      )}
      <ul>
        {filters.map((filter, position) => (
          <li key={filter.property}>
            <button type="button" onClick={() => store.change({ filters: filters.filter((one) => one !== filter) })}>
              Take {filterWords(filter, names)} away
            </button>{' '}
            <span class="muted">
              {rejectedAlone[position] === 0 ? 'brings none by itself' : `brings ${rejectedAlone[position]} runs`}
            </span>
          </li>
        ))}
        {filters.length > 1 && (
          <li>
            <button type="button" onClick={() => store.change({ filters: [] })}>
              Take all filters away
            </button>
          </li>
        )}
      </ul>
    </section>
  );
}
