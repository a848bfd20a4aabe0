// Which runs are looked at: a control for each property. Those that tell runs apart come first, the others behind "more".

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { ExploreStore } from './explore-store.ts';
import { PropertyControl } from './property-control.tsx';

export function FilterPanel({ store }: { store: ExploreStore }) {
  const { properties } = store.dataset.value;
  const varying = store.varying.value;
  const filters = store.filters.value;
  const filteredNames = new Set(filters.map(({ property }) => property));
  const isOffered = (name: string) => varying.has(name) || filteredNames.has(name);
  const offered = properties.filter(({ name }) => isOffered(name));
  const settings = offered.filter(({ origin, name }) => origin === 'setting' || filteredNames.has(name));
  const facts = offered.filter((property) => !settings.includes(property));
  const others = properties.filter(({ name }) => !isOffered(name));
  return (
    <section class="panel explore-filters" aria-label="Filters">
      <header class="panel-head">
        <h2>Filters</h2>
        <button
          type="button"
          class="quiet"
          disabled={filters.length === 0}
          onClick={() => store.change({ filters: [] })}
        >
          Take all away
        </button>
      </header>
      {settings.map((property) => (
        <PropertyControl key={property.name} store={store} property={property} />
      ))}
      {facts.length > 0 && (
        <Folded title={`Where and when (${facts.length})`} isOpenFirst={settings.length === 0}>
          {() => facts.map((property) => <PropertyControl key={property.name} store={store} property={property} />)}
        </Folded>
      )}
      {others.length > 0 && (
        <Folded title={`More: the same in all runs (${others.length})`}>
          {() => others.map((property) => <PropertyControl key={property.name} store={store} property={property} />)}
        </Folded>
      )}
    </section>
  );
}

interface FoldedProps {
  readonly title: string;
  readonly isOpenFirst?: boolean;
  readonly children: () => ComponentChildren;
}

/** What is folded is not counted at every filter. */
function Folded({ title, isOpenFirst = false, children }: FoldedProps) {
  const [isOpen, setOpen] = useState(isOpenFirst);
  return (
    <details class="explore-more" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{title}</summary>
      {isOpen && children()}
    </details>
  );
}
