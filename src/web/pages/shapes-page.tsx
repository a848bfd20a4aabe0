// The shape of the work: what pieces of it took, by codec and size, phase by phase, and against what was predicted.

import { useEffect, useMemo } from 'preact/hooks';
import { wordParts } from '#core/shape';
import type { ShapesPage } from '#server/shapes-wire';
import { CopyLine } from '../encoders/copy-line.tsx';
import { GroupTable, PhaseBars } from '../shapes/group-table.tsx';
import { PredictionPanel } from '../shapes/prediction-panel.tsx';
import { read } from '../shell/api.ts';
import { Empty, Show } from '../shell/messages.tsx';
import { resource } from '../shell/resource.ts';
import { query, setQuery } from '../shell/route.ts';

export function ShapesPageView() {
  const codec = query.value.get('codec');
  const shapes = useMemo(() => resource(() => read<ShapesPage>(fetch('/api/v1/shapes'))), []);
  useEffect(() => {
    document.title = 'Shapes · encodelab';
  }, []);
  return (
    <Show of={shapes}>
      {({ groups, predicted, model, leftOut }) => {
        if (groups.length === 0 && leftOut.length === 0) return <NothingYet />;
        const codecs = [...new Set(groups.flatMap((group) => wordParts(group.codec)))].toSorted();
        const shown = groups.filter((group) => codec === null || wordParts(group.codec).includes(codec));
        return (
          <article class="shapes">
            <header class="page-head">
              <h1>Shapes</h1>
              <fieldset class="segments">
                <legend>Codec</legend>
                {[null, ...codecs].map((each) => (
                  <button
                    type="button"
                    key={each}
                    aria-pressed={each === codec}
                    onClick={() => setQuery({ codec: each })}
                  >
                    {each ?? 'all'}
                  </button>
                ))}
              </fieldset>
            </header>
            {leftOut.map((why) => (
              <p key={why} class="muted" role="status">
                Left out: {why}
              </p>
            ))}
            <GroupTable groups={shown} />
            <PhaseBars groups={shown} />
            <PredictionPanel predicted={predicted} model={model} />
          </article>
        );
      }}
    </Show>
  );
}

function NothingYet() {
  return (
    <Empty title="No work was measured in this lab yet">
      <p>
        Every item of a title and every encode of a benchmark leaves its shape: time, CPU, memory and disk, phase by
        phase. It comes here when its worker ends, or within minutes.
      </p>
      <CopyLine text="encodelab encode film.mp4" title="In a terminal" />
    </Empty>
  );
}
