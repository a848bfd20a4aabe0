// What a stat of one's own is called, its unit, which way is better; and the buttons that save and delete it.

import { useState } from 'preact/hooks';
import type { SavedStat } from '#server/explore-wire';
import { problemWords } from '../shell/api.ts';

export interface StatNamingProps {
  readonly draft: SavedStat;
  /** That of the expression; null where it is not known. */
  readonly unit: string | null;
  /** Whether the expression means something. */
  readonly isMeant: boolean;
  /** Names that it can't have: those of metrics. */
  readonly taken: readonly string[];
  /** Whether another saved one has its name. */
  readonly replaces: boolean;
  readonly onChange: (draft: SavedStat) => void;
  /** Both throw RequestFailed. */
  readonly onSave: () => Promise<void>;
  readonly onDelete: (() => Promise<void>) | null;
}

export function StatNaming(props: StatNamingProps) {
  const { draft, unit, isMeant, taken, replaces, onChange, onSave, onDelete } = props;
  const [problem, setProblem] = useState<string | null>(null);
  const [isAsked, setAsked] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const isTaken = draft.name === 'duration' || taken.includes(draft.name);
  const attempt = async (what: () => Promise<void>) => {
    setBusy(true);
    setProblem(null);
    try {
      await what();
    } catch (error) {
      setProblem(problemWords(error));
    }
    setBusy(false);
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (isMeant && !isTaken && draft.name !== '') void attempt(onSave);
  };
  return (
    <form class="stat-naming" onSubmit={submit}>
      <label>
        Name
        <input
          type="text"
          required
          maxLength={64}
          value={draft.name}
          aria-invalid={isTaken}
          onInput={(event) => onChange({ ...draft, name: event.currentTarget.value })}
        />
      </label>
      <label>
        Unit
        <input
          type="text"
          maxLength={32}
          value={draft.unit ?? ''}
          placeholder={unit === null || unit === '1' ? 'none' : unit}
          onInput={(event) => onChange({ ...draft, unit: event.currentTarget.value.trim() || null })}
        />
      </label>
      <label>
        Better
        <select
          value={draft.better ?? ''}
          onChange={(event) => {
            const { value } = event.currentTarget;
            onChange({ ...draft, better: value === 'higher' || value === 'lower' ? value : null });
          }}
        >
          <option value="">neither</option>
          <option value="higher">↑ higher</option>
          <option value="lower">↓ lower</option>
        </select>
      </label>
      <span class="explore-form-actions">
        <button type="submit" class="primary" disabled={!isMeant || isTaken || isBusy || draft.name === ''}>
          {replaces ? 'Save in its place' : 'Save'}
        </button>
        {onDelete !== null && (
          <button
            type="button"
            class={isAsked ? 'explore-danger' : undefined}
            disabled={isBusy}
            onBlur={() => setAsked(false)}
            onClick={() => (isAsked ? void attempt(onDelete) : setAsked(true))}
          >
            {isAsked ? 'Really delete?' : 'Delete'}
          </button>
        )}
      </span>
      <p class="bad" role="alert">
        {isTaken ? `${draft.name} is measured in these runs: take another name` : problem}
      </p>
    </form>
  );
}
