// What a profile is compared with: nothing, all that is not chosen, or the profile of another run.

import { useEffect, useState } from 'preact/hooks';
import type { RunRecord } from '#core/run';
import { shownId } from '#core/shown-id';
import type { RunPage } from '#server/wire';
import { api } from '../shell/api.ts';
import { query, setQuery } from '../shell/route.ts';
import { cellWords, keptText, shortened } from './profile-against.ts';

/** Runs that are offered beside the repeats; any other one can be named in the address. */
const LATEST_RUNS = 50;

export function ProfileCompare({ page }: { page: RunPage }) {
  const [latest, setLatest] = useState<readonly RunRecord[]>([]);
  const against = query.value.get('vs') ?? '';
  useEffect(() => {
    let isWanted = true;
    void api.latestRuns(LATEST_RUNS).then(
      (runs) => isWanted && setLatest(runs),
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [page.run.id]);
  const others = latest.filter((run) => run.id !== page.run.id && run.outcome !== null);
  const kept = keptText(against);
  const isListed =
    kept !== null || against === '' || against === 'rest' || others.some(({ id }) => `run:${id}` === against);
  return (
    <label class="profile-against">
      <span class="muted">difference from</span>
      <select value={against} onChange={(event) => setQuery({ vs: event.currentTarget.value }, 'push')}>
        <option value="">nothing</option>
        <option value="rest">the rest of this profile</option>
        {kept !== null && <option value={against}>{shortened(kept)}</option>}
        {!isListed && <option value={against}>run {shownId(against.slice('run:'.length))}</option>}
        {others.length > 0 && (
          <optgroup label="Another run">
            {others.map((run) => (
              <option key={run.id} value={`run:${run.id}`}>
                {shownId(run.id)} {cellWords(run)}
              </option>
            ))}
          </optgroup>
        )}
      </select>
    </label>
  );
}
