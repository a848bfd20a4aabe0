// A stat of one's own: a recorded column and what to make of it, or an expression; tried on a few runs while one writes, saved by name.

import { useMemo, useState } from 'preact/hooks';
import { checkStat } from '#explore/stats/check-stat';
import { MAX_STATS } from '#explore/view';
import type { SavedStat } from '#server/explore-wire';
import { resource } from '../shell/resource.ts';
import { ExpressionField } from './expression-field.tsx';
import type { ExploreStore } from './explore-store.ts';
import { useOpenDialog } from './run-actions.tsx';
import { readOffered, StatColumnChoice } from './stat-columns.tsx';
import { StatFunctions } from './stat-functions.tsx';
import { StatNaming } from './stat-naming.tsx';
import { StatTrial, triedRows } from './stat-trial.tsx';

export interface StatEditorProps {
  readonly store: ExploreStore;
  /** What is edited first; null for a new one. */
  readonly first: SavedStat | null;
  readonly onClose: () => void;
}

const NEW: SavedStat = { name: '', expression: '', unit: null, better: null };

export function StatEditor({ store, first, onClose }: StatEditorProps) {
  const dialog = useOpenDialog();
  const saved = store.customStats.saved.value;
  const [edited, setEdited] = useState(first);
  const [draft, setDraft] = useState<SavedStat>(first ?? NEW);
  /** The name that followed from a preset: it follows the next one too. */
  const [madeName, setMadeName] = useState('');
  const rows = useMemo(() => triedRows(store), []);
  const offered = useMemo(() => resource(() => readOffered(rows.map((row) => store.dataset.peek().ids[row]!))), []);
  const loaded = offered.value.value;
  const metrics = store.dataset.value.metrics;
  const known = loaded.state === 'ready' ? { columns: loaded.data, metrics } : null;
  const checked = useMemo(() => checkStat(draft.expression, known), [draft.expression, loaded]);
  const open = (stat: SavedStat | null) => {
    setEdited(stat);
    setDraft(stat ?? NEW);
    setMadeName('');
  };
  const setExpression = (expression: string) => setDraft({ ...draft, expression });
  const take = (expression: string, name: string) => {
    const follows = draft.name === '' || draft.name === madeName;
    setDraft({ ...draft, expression, name: follows ? name : draft.name });
    if (follows) setMadeName(name);
  };
  const save = async () => {
    await store.customStats.save(draft);
    const chosen = store.stats.peek().map(({ name }) => name);
    if (!chosen.includes(draft.name)) store.change({ stats: [...chosen, draft.name].slice(-MAX_STATS) });
    onClose();
  };
  const remove = async () => {
    if (edited === null) return;
    // Once it is gone the view no longer tells that it was drawn.
    const { stats } = store.view.peek();
    await store.customStats.delete(edited.name);
    if (stats.includes(edited.name)) store.change({ stats: stats.filter((name) => name !== edited.name) });
    open(null);
  };
  return (
    <dialog ref={dialog} class="sheet stat-editor" aria-labelledby="stat-editor-title" onClose={onClose}>
      <header>
        <h2 id="stat-editor-title">{edited === null ? 'A stat of your own' : `The stat ${edited.name}`}</h2>
        {saved.length > 0 && (
          <label class="stat-editor-open">
            Edit{' '}
            <select
              value={edited?.name ?? ''}
              onChange={(event) => open(saved.find(({ name }) => name === event.currentTarget.value) ?? null)}
            >
              <option value="">a new one</option>
              {saved.map(({ name }) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        )}
        <button type="button" class="quiet" onClick={onClose}>
          Close
        </button>
      </header>
      <div class="stat-editor-parts">
        <StatColumnChoice offered={offered} onTake={take} />
        <div class="stat-editor-side">
          <ExpressionField
            expression={draft.expression}
            checked={checked}
            isNew={draft.expression.trim() === ''}
            onChange={setExpression}
          />
          <StatFunctions />
          <StatTrial store={store} rows={rows} expression={draft.expression} isMeant={checked.ok} unit={draft.unit} />
          <StatNaming
            key={edited?.name ?? ''}
            draft={draft}
            unit={checked.ok ? checked.unit : null}
            isMeant={checked.ok}
            taken={metrics.map(({ name }) => name)}
            replaces={draft.name !== edited?.name && saved.some(({ name }) => name === draft.name)}
            onChange={setDraft}
            onSave={save}
            onDelete={edited === null ? null : remove}
          />
        </div>
      </div>
    </dialog>
  );
}
