// What an expression gives for a few of the runs that are shown, while one writes it.

import { useEffect, useState } from 'preact/hooks';
import { ABSENT, formatQuantity } from '#core/format-quantity';
import { propertyTitle, valueTitle } from '#explore/data/dataset';
import type { StatValues } from '#server/explore-wire';
import type { ExploreStore } from './explore-store.ts';
import { statApi } from './stat-api.ts';

const MOST_TRIED = 5;
/** A person who types is not asked about every letter. */
const WAIT_MS = 300;

/** Runs that are tried: some of those that the filters leave, from the first to the last. */
export function triedRows(store: ExploreStore): number[] {
  const { rows } = store.filtered.peek();
  const count = Math.min(MOST_TRIED, rows.length);
  return Array.from({ length: count }, (_, i) => rows[Math.floor((i * (rows.length - 1)) / Math.max(1, count - 1))]!);
}

export interface StatTrialProps {
  readonly store: ExploreStore;
  readonly rows: readonly number[];
  readonly expression: string;
  /** Whether the expression means something. */
  readonly isMeant: boolean;
  /** Null where it follows from the expression. */
  readonly unit: string | null;
}

type Tried = { readonly expression: string; readonly answer: StatValues | string } | null;

export function StatTrial({ store, rows, expression, isMeant, unit }: StatTrialProps) {
  const [tried, setTried] = useState<Tried>(null);
  const dataset = store.dataset.value;
  useEffect(() => {
    if (!isMeant || rows.length === 0) return;
    const asked = new AbortController();
    const ids = rows.map((row) => dataset.ids[row]!);
    const timer = setTimeout(() => {
      statApi.values(expression, ids, true, asked.signal).then(
        (answer) => asked.signal.aborted || setTried({ expression, answer }),
        (error: unknown) =>
          asked.signal.aborted ||
          setTried({ expression, answer: error instanceof Error ? error.message : String(error) }),
      );
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      asked.abort();
    };
  }, [expression, isMeant]);
  const isCurrent = isMeant && tried?.expression === expression;
  const answer = tried?.answer ?? null;
  const values = answer === null || typeof answer === 'string' ? null : answer;
  return (
    <section class="stat-trial" aria-label="Tried on a few runs" aria-busy={isMeant && !isCurrent}>
      <table class="data plain" data-old={isCurrent ? undefined : ''}>
        <thead>
          <tr>
            <th scope="col" class="grow">
              tried on {rows.length} of {store.filtered.value.rows.length} runs
            </th>
            <th scope="col" class="number">
              value
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, position) => (
            <tr key={row}>
              <td class="grow">{runWords(store, row)}</td>
              <td class="number">
                {values === null ? ABSENT : formatQuantity(values.values[position], unit ?? values.unit)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="stat-expression-said" role="status">
        {typeof answer === 'string' && <span class="bad">{answer}</span>}
        {isCurrent &&
          values?.absent.map(({ why, runs }) => (
            <span key={why} class="warn">
              {runs} without a value: {why}{' '}
            </span>
          ))}
      </p>
    </section>
  );
}

/** Its settings that vary, and which repeat it is. */
function runWords(store: ExploreStore, row: number): string {
  const dataset = store.dataset.peek();
  const names = store.names.peek();
  const varying = store.varying.peek();
  const settings = dataset.properties.flatMap(({ name, origin, values, codes }) => {
    const value = values[codes[row]!];
    return origin === 'setting' && varying.has(name) && value !== undefined
      ? [`${propertyTitle(names, name)} ${valueTitle(names, name, value)}`]
      : [];
  });
  return settings.length > 0
    ? `${settings.join(' · ')} (${dataset.repeats[row]})`
    : `run ${dataset.ids[row]!.slice(0, 8)}`;
}
