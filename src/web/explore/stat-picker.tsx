// Which numbers are drawn: up to three of all metrics, found by typing.

import { useMemo, useRef, useState } from 'preact/hooks';
import type { MetricColumn } from '#explore/data/dataset';
import { MAX_STATS } from '#explore/view';
import { useDismiss } from '../shell/menu.ts';
import type { ExploreStore } from './explore-store.ts';
import { OwnStats } from './own-stats.tsx';

export function StatPicker({ store }: { store: ExploreStore }) {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  useDismiss(isOpen, [button, list], () => setOpen(false));
  const stats = store.stats.value;
  const chosen = stats.map(({ name }) => name);
  const set = (names: readonly string[]) => store.change({ stats: names, brushes: store.view.peek().brushes });
  const toggle = (name: string) => {
    if (!chosen.includes(name)) return set([...chosen, name].slice(-MAX_STATS));
    if (chosen.length > 1) set(chosen.filter((one) => one !== name));
  };
  return (
    <div class="explore-stats" role="group" aria-label="Stats">
      <span class="muted">Stats</span>
      {stats.map((metric) => (
        <span key={metric.name} class="explore-tag" title={metric.about}>
          {metric.name} <span class="muted">{statWords(metric)}</span>
          {stats.length > 1 && (
            <button
              type="button"
              class="quiet"
              aria-label={`Take ${metric.name} away`}
              onClick={() => toggle(metric.name)}
            >
              ✕
            </button>
          )}
        </span>
      ))}
      <span class="picker">
        <button
          ref={button}
          type="button"
          class="opener"
          aria-expanded={isOpen}
          data-shortcut="stats"
          onClick={() => setOpen(!isOpen)}
        >
          {chosen.length < MAX_STATS ? 'Add' : 'Change'}
        </button>
        {isOpen && (
          <div ref={list} class="picker-list explore-stat-list">
            <StatList
              metrics={store.metrics.value}
              own={store.customStats.columns.value}
              chosen={chosen}
              onToggle={toggle}
            />
          </div>
        )}
      </span>
      <OwnStats store={store} />
    </div>
  );
}

interface StatListProps {
  readonly metrics: readonly MetricColumn[];
  /** Those of them that people made themselves. */
  readonly own: readonly MetricColumn[];
  readonly chosen: readonly string[];
  readonly onToggle: (name: string) => void;
}

/** A field and what matches it: arrows move, Enter chooses. */
function StatList({ metrics, own, chosen, onToggle }: StatListProps) {
  const [wanted, setWanted] = useState('');
  const [active, setActive] = useState(0);
  const groupOf = (metric: MetricColumn | undefined) =>
    metric !== undefined && own.includes(metric) ? 'your own' : familyOf(metric);
  const found = useMemo(
    () => sorted(metrics, groupOf).filter((metric) => matches(metric, wanted)),
    [metrics, own, wanted],
  );
  const at = Math.min(active, found.length - 1);
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const next = Math.max(0, Math.min(found.length - 1, at + (event.key === 'ArrowDown' ? 1 : -1)));
      setActive(next);
      document.getElementById(`explore-stat-${next}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter' && found[at] !== undefined) {
      event.preventDefault();
      onToggle(found[at].name);
    }
  };
  return (
    <>
      <input
        type="search"
        role="combobox"
        list={undefined}
        aria-label="Search stats"
        aria-expanded="true"
        aria-controls="explore-stat-options"
        aria-activedescendant={found.length === 0 ? undefined : `explore-stat-${at}`}
        placeholder="name or unit"
        value={wanted}
        onInput={(event) => {
          setWanted(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={onKey}
        ref={(field) => {
          if (field !== null && document.activeElement !== field && wanted === '') field.focus();
        }}
      />
      <ul id="explore-stat-options" role="listbox" aria-label="Stats" aria-multiselectable="true">
        {found.map((metric, position) => (
          <li key={metric.name} role="presentation">
            {groupOf(metric) !== groupOf(found[position - 1]) && (
              <span class="explore-stat-group muted small">{groupOf(metric)}</span>
            )}
            <div
              id={`explore-stat-${position}`}
              role="option"
              aria-selected={chosen.includes(metric.name)}
              data-active={position === at ? '' : undefined}
              title={metric.about}
              onClick={() => onToggle(metric.name)}
            >
              <span aria-hidden="true">{chosen.includes(metric.name) ? '✓' : ''}</span>
              {metric.name}
              <span class="muted">{statWords(metric)}</span>
            </div>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p class="muted">No stat is called so.</p>}
    </>
  );
}

/** Its unit, and which way is better. */
export function statWords(metric: MetricColumn): string {
  return [metric.unit === '1' ? '' : metric.unit, betterWords(metric)].filter((part) => part !== '').join(' ');
}

/** Which way is better: beside a plot, whose axis has the unit that fits its numbers. */
export function betterWords({ better }: MetricColumn): string {
  return better === 'higher' ? '↑ better' : better === 'lower' ? '↓ better' : '';
}

/** `encode` of `encode.fps p5`: what stands before the first dot, a role where agents are told apart. */
function familyOf(metric: MetricColumn | undefined): string | null {
  return metric === undefined ? null : metric.name.split(/[.[ ]/, 1)[0]!;
}

function sorted(
  metrics: readonly MetricColumn[],
  groupOf: (metric: MetricColumn) => string | null,
): readonly MetricColumn[] {
  const groups = [...new Set(metrics.map(groupOf))];
  return metrics.toSorted((a, b) => groups.indexOf(groupOf(a)) - groups.indexOf(groupOf(b)));
}

function matches({ name, unit, about }: MetricColumn, wanted: string): boolean {
  const text = `${name} ${unit} ${about ?? ''}`.toLowerCase();
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
