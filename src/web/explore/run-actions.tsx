// What can be done with marked runs: left out of every statistic with a reason, taken in again, deleted for good.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { Dataset } from '#explore/data/dataset';
import { exploreApi } from './explore-api.ts';
import { fieldText } from './field-text.ts';
import type { ExploreStore } from './explore-store.ts';

export interface RunActionsProps {
  readonly store: ExploreStore;
  readonly dataset: Dataset;
  /** Marked rows of the dataset. */
  readonly rows: Uint32Array;
  /** After something was done. */
  readonly onDone: () => void;
  /** Marks all that are listed, or none; null where nothing is listed. */
  readonly onAll: (() => void) | null;
}

type Asking = 'exclude' | 'delete' | null;

export function RunActions({ store, dataset, rows, onDone, onAll }: RunActionsProps) {
  const [asking, setAsking] = useState<Asking>(null);
  const ids = () => [...rows].map((row) => dataset.ids[row]!);
  const [left, taken] = [
    rows.filter((row) => dataset.excluded.has(row)),
    rows.filter((row) => !dataset.excluded.has(row)),
  ];
  const act = async (what: () => Promise<unknown>, done: string) => {
    setAsking(null);
    try {
      await what();
      store.message.value = done;
      onDone();
      await store.loaded.reload();
    } catch (error) {
      store.message.value = `That did not work: ${error instanceof Error ? error.message : String(error)}`;
    }
  };
  const many = (count: number) => (count === 1 ? 'one run' : `${count} runs`);
  return (
    <span class="explore-run-actions" role="group" aria-label="What to do with marked runs">
      <span class="muted">{rows.length === 0 ? 'mark runs to act on them' : `${many(rows.length)} marked`}</span>
      {onAll !== null && (
        <button type="button" class="quiet" onClick={onAll}>
          all or none
        </button>
      )}
      <button type="button" disabled={taken.length === 0} onClick={() => setAsking('exclude')}>
        Leave out …
      </button>
      <button
        type="button"
        disabled={left.length === 0}
        onClick={() =>
          void act(
            () =>
              exploreApi.exclude(
                [...left].map((row) => dataset.ids[row]!),
                null,
              ),
            `${many(left.length)} counted again`,
          )
        }
      >
        Take in
      </button>
      <button type="button" disabled={rows.length === 0} onClick={() => setAsking('delete')}>
        Delete …
      </button>
      {asking === 'exclude' && (
        <ReasonDialog
          title={`Leave ${many(taken.length)} out`}
          onClose={() => setAsking(null)}
          onReason={(reason) =>
            void act(
              () =>
                exploreApi.exclude(
                  [...taken].map((row) => dataset.ids[row]!),
                  reason,
                ),
              `${many(taken.length)} left out: ${reason}`,
            )
          }
        />
      )}
      {asking === 'delete' && (
        <DeleteDialog
          words={many(rows.length)}
          onClose={() => setAsking(null)}
          onDelete={() => void act(() => exploreApi.deleteRuns(ids()), `${many(rows.length)} deleted`)}
        />
      )}
    </span>
  );
}

function ReasonDialog(props: { title: string; onClose: () => void; onReason: (reason: string) => void }) {
  const dialog = useOpenDialog();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const reason = fieldText(new FormData(event.currentTarget as HTMLFormElement), 'reason');
    if (reason !== '') props.onReason(reason);
  };
  return (
    <dialog ref={dialog} class="sheet explore-dialog" aria-labelledby="explore-reason-title" onClose={props.onClose}>
      <form onSubmit={submit}>
        <h2 id="explore-reason-title">{props.title}</h2>
        <p class="muted">They stay in the lab, are listed with their reason, and count in no statistic.</p>
        <label>
          Reason
          <input type="text" name="reason" required maxLength={200} placeholder="a neighbour was loud" />
        </label>
        <span class="explore-form-actions">
          <button type="submit" class="primary">
            Leave out
          </button>
          <button type="button" onClick={props.onClose}>
            Cancel
          </button>
        </span>
      </form>
    </dialog>
  );
}

/** Asked twice: the second button is another one, so that no double click deletes. */
function DeleteDialog({ words, onClose, onDelete }: { words: string; onClose: () => void; onDelete: () => void }) {
  const dialog = useOpenDialog();
  const [isSure, setSure] = useState(false);
  const last = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (isSure) last.current?.focus();
  }, [isSure]);
  return (
    <dialog ref={dialog} class="sheet explore-dialog" aria-labelledby="explore-delete-title" onClose={onClose}>
      <h2 id="explore-delete-title">{isSure ? `Really delete ${words}?` : `Delete ${words}`}</h2>
      <p class="muted">
        {isSure
          ? 'Their recordings go too. Nothing brings them back.'
          : 'A run that is left out with a reason counts in no statistic either, and can be taken in again.'}
      </p>
      <span class="explore-form-actions">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        {isSure ? (
          <button key="sure" ref={last} type="button" class="explore-danger" onClick={onDelete}>
            Delete for good
          </button>
        ) : (
          <button key="ask" type="button" onClick={() => setSure(true)}>
            Delete …
          </button>
        )}
      </span>
    </dialog>
  );
}

/** Modal: the rest of the page takes no keys, Escape closes it, and the focus goes back to the button. */
export function useOpenDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const opener = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  return dialog;
}
