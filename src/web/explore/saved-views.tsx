// Views kept in the lab by name: saved, opened again, deleted.

import { useMemo, useRef, useState } from 'preact/hooks';
import { formatTime } from '../benchmark/results-table.tsx';
import { useDismiss } from '../shell/menu.ts';
import { problemWords } from '../shell/api.ts';
import { Show } from '../shell/messages.tsx';
import { resource } from '../shell/resource.ts';
import { exploreApi } from './explore-api.ts';
import { explorePath, showView } from './explore-path.ts';
import { fieldText } from './field-text.ts';
import type { ExploreStore } from './explore-store.ts';

export function SavedViews({ store }: { store: ExploreStore }) {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  useDismiss(isOpen, [button, panel], () => setOpen(false));
  return (
    <span class="picker">
      <button
        ref={button}
        type="button"
        class="opener"
        data-shortcut="views"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        Views
      </button>
      {isOpen && (
        <div ref={panel} class="picker-list explore-views">
          <ViewList store={store} onClose={() => setOpen(false)} />
        </div>
      )}
    </span>
  );
}

function ViewList({ store, onClose }: { store: ExploreStore; onClose: () => void }) {
  const list = useMemo(() => resource(exploreApi.views), []);
  const [problem, setProblem] = useState<string | null>(null);
  const [asked, setAsked] = useState<string | null>(null);
  /** Whether it went well. */
  const attempt = async (what: () => Promise<unknown>): Promise<boolean> => {
    try {
      await what();
      setProblem(null);
      await list.reload();
      return true;
    } catch (error) {
      setProblem(problemWords(error));
      return false;
    }
  };
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const name = fieldText(new FormData(form), 'name');
    if (name === '') return;
    void attempt(() => exploreApi.saveView(name, store.view.peek())).then((isSaved) => isSaved && form.reset());
  };
  const remove = (name: string) => {
    if (asked !== name) return setAsked(name);
    setAsked(null);
    void attempt(() => exploreApi.deleteView(name));
  };
  return (
    <>
      <form class="explore-save" onSubmit={save}>
        <input
          type="text"
          name="name"
          aria-label="Name of the view"
          placeholder="name of this view"
          required
          ref={(field) => {
            if (field !== null && !document.activeElement?.closest('.explore-views')) field.focus();
          }}
        />
        <button type="submit" class="primary">
          Save
        </button>
      </form>
      {problem !== null && (
        <p class="bad" role="alert">
          {problem}
        </p>
      )}
      <Show of={list}>
        {({ views, problems }) => (
          <>
            {problems.map((text) => (
              <p key={text} class="bad" role="alert">
                {text}
              </p>
            ))}
            {views.length === 0 ? (
              <p class="muted">No view is saved yet. A saved view is a name for what you see.</p>
            ) : (
              <ul>
                {views.map(({ name, savedAt, view }) => (
                  <li key={name}>
                    <a
                      href={explorePath(view)}
                      onClick={(event) => {
                        event.preventDefault();
                        showView(view);
                        onClose();
                      }}
                    >
                      {name}
                    </a>
                    <span class="muted small">{formatTime(Date.parse(savedAt))}</span>
                    <button
                      type="button"
                      class="quiet"
                      aria-label={asked === name ? `Really delete the view ${name}` : `Delete the view ${name}`}
                      onBlur={() => setAsked(null)}
                      onClick={() => remove(name)}
                    >
                      {asked === name ? 'really?' : '✕'}
                    </button>
                  </li>
                ))}
              </ul>
            )}
          </>
        )}
      </Show>
    </>
  );
}
