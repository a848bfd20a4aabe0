// The button beside the metrics that opens the editor of stats of people's own; with one of them chosen, it opens that.

import { useState } from 'preact/hooks';
import { StatEditor } from './stat-editor.tsx';
import type { ExploreStore } from './explore-store.ts';

export function OwnStats({ store }: { store: ExploreStore }) {
  const [isOpen, setOpen] = useState(false);
  const chosen = store.stats.value.map(({ name }) => name);
  const first = store.customStats.saved.value.find(({ name }) => chosen.includes(name)) ?? null;
  return (
    <>
      <button type="button" data-shortcut="own-stat" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        {first === null ? 'New stat …' : 'Edit stat …'}
      </button>
      {isOpen && <StatEditor store={store} first={first} onClose={() => setOpen(false)} />}
    </>
  );
}
