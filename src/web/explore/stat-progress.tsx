// How far the values of stats of people's own have come, what stopped them, and why runs have none.

import type { ExploreStore } from './explore-store.ts';
import type { StatProgress } from './custom-stats.ts';

export function StatProgressLines({ store }: { store: ExploreStore }) {
  const { progress, problems } = store.customStats;
  const told = progress.value.filter(({ state, absent }) => state !== 'ready' || absent.length > 0);
  if (told.length === 0 && problems.value.length === 0) return null;
  return (
    <ul class="stat-progress" role="status" aria-label="Stats of your own">
      {problems.value.map((problem) => (
        <li key={problem} class="bad">
          {problem}
        </li>
      ))}
      {told.map((one) => (
        <Line key={one.stat.name} store={store} progress={one} />
      ))}
    </ul>
  );
}

function Line({ store, progress }: { store: ExploreStore; progress: StatProgress }) {
  const { stat, done, total, state, why, absent } = progress;
  return (
    <li>
      <b>{stat.name}</b>
      {state !== 'ready' && (
        <>
          <progress max={total} value={done} aria-label={`${stat.name}: runs computed`} />
          <span>
            {done} of {total} runs{state === 'stopped' && ', stopped: the others have no value'}
          </span>
          {why !== null && <span class="bad">{why}</span>}
          {state === 'computing' ? (
            <button type="button" onClick={() => store.customStats.stop(stat)}>
              Cancel
            </button>
          ) : (
            <button type="button" onClick={() => store.customStats.resume(stat)}>
              {state === 'stopped' ? 'Go on' : 'Try again'}
            </button>
          )}
        </>
      )}
      {absent.map((one) => (
        <span key={one.why} class="muted">
          {one.runs} {one.runs === 1 ? 'run has' : 'runs have'} no value: {one.why}
        </span>
      ))}
    </li>
  );
}
