// Compares what a benchmark measured: results with facets, or rate-quality curves.

import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { query, setQuery } from '../../shell/route.ts';
import { CurvesView } from './curves-view.tsx';
import { FacetView, type FacetViewProps } from './facet-view.tsx';

export interface ComparePanelProps extends Omit<FacetViewProps, 'metric'> {
  /** Null before the first result. */
  readonly metric: FacetViewProps['metric'] | null;
  /** Given the focus by a key. */
  readonly panel: RefObject<HTMLElement | null>;
}

const VIEWS = [
  { view: 'results', title: 'Results' },
  { view: 'curves', title: 'Rate and quality' },
] as const;

export function ComparePanel({ panel, metric, ...view }: ComparePanelProps) {
  const isNear = useNear(panel);
  const chosen = query.value.get('compare') === 'curves' ? 'curves' : 'results';
  return (
    <section ref={panel} class="panel compare" aria-label="Compare" tabIndex={-1}>
      <header class="panel-head">
        <h2>Compare</h2>
        <fieldset class="segments">
          <legend>Show</legend>
          {VIEWS.map((one) => (
            <button
              key={one.view}
              type="button"
              aria-pressed={one.view === chosen}
              onClick={() => setQuery({ compare: one.view === 'results' ? null : one.view })}
            >
              {one.title}
            </button>
          ))}
        </fieldset>
      </header>
      {!isNear ? (
        <p class="muted compare-empty">…</p>
      ) : chosen === 'curves' ? (
        <CurvesView name={view.page.benchmark.name} version={view.version} />
      ) : metric === null ? (
        <p class="muted compare-empty">The comparison comes with the first result.</p>
      ) : (
        <FacetView metric={metric} {...view} />
      )}
    </section>
  );
}

/** True once it has come into view: what is far below must not hold up the table above. */
function useNear(panel: RefObject<HTMLElement | null>): boolean {
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    const views = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) setNear(true);
      },
      { rootMargin: '200px' },
    );
    views.observe(panel.current!);
    return () => views.disconnect();
  }, []);
  return isNear;
}
