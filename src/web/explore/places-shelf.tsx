// Where each property stands in the picture: chips on a shelf, moved by pointer or by arrow keys.

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { SLOTS, moveProperty, slotOf, stepProperty, type Slot } from '#explore/arrange';
import { propertyTitle } from '#explore/data/dataset';
import type { Placed } from '#explore/view';
import { useChipDrag } from './chip-drag.ts';
import type { ExploreStore } from './explore-store.ts';

const SLOT_TITLES: Readonly<Record<Slot, string>> = {
  column: 'Facet columns',
  row: 'Facet rows',
  x: 'x axis',
  color: 'Colour',
  shape: 'Shape',
  legend: 'Legend',
  pooled: 'Pooled',
};

export function PlacesShelf({ store }: { store: ExploreStore }) {
  const placed = store.placed.value;
  const names = store.names.value;
  const shelf = useRef<HTMLElement>(null);
  const [said, setSaid] = useState('');
  /** The chip that has the focus, and how things stood when it got it: Escape goes back there. */
  const held = useRef<{ property: string; before: Placed; view: Placed | null } | null>(null);
  const isMoving = useRef(false);

  const place = (next: Placed, property: string) => {
    isMoving.current = true;
    store.change({ placed: next });
    setSaid(`${propertyTitle(names, property)}: ${whereWords(next, property)}`);
  };
  const drag = useChipDrag(shelf, (property, slot, position) =>
    place(moveProperty(store.placed.peek(), property, slot as Slot, position), property),
  );
  // A chip that moved is a new element in another list: it keeps the focus.
  useLayoutEffect(() => {
    if (!isMoving.current) return;
    isMoving.current = false;
    const property = held.current?.property;
    if (property === undefined) return;
    shelf.current?.querySelector<HTMLElement>(`[data-property="${CSS.escape(property)}"]`)?.focus();
  }, [placed]);

  const onKey = (event: KeyboardEvent, property: string) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    switch (event.key) {
      case 'ArrowLeft':
      case 'ArrowRight':
      case 'ArrowUp':
      case 'ArrowDown': {
        event.preventDefault();
        const next = stepProperty(placed, property, event.key);
        if (next === null) setSaid(`${propertyTitle(names, property)} stays: ${whereWords(placed, property)}`);
        else place(next, property);
        return;
      }
      case 'Delete':
      case 'Backspace':
        event.preventDefault();
        place(moveProperty(placed, property, 'pooled'), property);
        return;
      case 'Escape': {
        const start = held.current;
        if (start === null || start.before === placed) return;
        event.preventDefault();
        isMoving.current = true;
        store.change({ placed: start.view }, 'replace');
        setSaid(`Taken back. ${propertyTitle(names, property)}: ${whereWords(start.before, property)}`);
        return;
      }
      default:
    }
  };
  const onFocus = (property: string) => {
    if (held.current?.property !== property)
      held.current = { property, before: placed, view: store.view.peek().placed };
  };
  const onBlur = () => {
    if (!isMoving.current) held.current = null;
  };
  return (
    <section ref={shelf} class="panel explore-shelf" aria-label="Arrangement">
      {SLOTS.map((slot) => (
        <div key={slot} class="explore-slot" data-slot={slot} role="group" aria-label={SLOT_TITLES[slot]}>
          <span class="muted small">{SLOT_TITLES[slot]}</span>
          <span class="explore-slot-chips">
            {propertiesIn(store, placed, slot).map((property) => (
              <button
                key={property}
                type="button"
                class="explore-chip"
                data-property={property}
                aria-describedby="explore-chip-help"
                onKeyDown={(event) => onKey(event, property)}
                onFocus={() => onFocus(property)}
                onBlur={onBlur}
                onPointerDown={(event) => drag(event, property)}
              >
                {propertyTitle(names, property)}
              </button>
            ))}
          </span>
        </div>
      ))}
      <button
        type="button"
        class="quiet"
        disabled={store.view.value.placed === null}
        onClick={() => store.change({ placed: null })}
      >
        By itself
      </button>
      <p id="explore-chip-help" hidden>
        Arrow keys move it to another place, Delete pools it, Escape takes the moves back
      </p>
      <p class="explore-said" role="status" aria-live="polite">
        {said || 'Drag a property to another place, or focus it and press the arrow keys.'}
      </p>
    </section>
  );
}

/** What is pooled and does not vary need not be there. */
function propertiesIn(store: ExploreStore, placed: Placed, slot: Slot): readonly string[] {
  if (slot === 'legend') return placed.legend;
  if (slot === 'pooled') {
    const varying = store.varying.value;
    return (
      store.dataset.value.properties
        // What did not end well counts nowhere: there is nothing to tell apart by it.
        .filter(({ name }) => varying.has(name) && name !== 'outcome' && slotOf(placed, name) === 'pooled')
        .map(({ name }) => name)
    );
  }
  const name = placed[slot];
  return name === null ? [] : [name];
}

function whereWords(placed: Placed, property: string): string {
  const slot = slotOf(placed, property);
  if (slot !== 'legend') return SLOT_TITLES[slot].toLowerCase();
  return `legend, ${placed.legend.indexOf(property) + 1} of ${placed.legend.length}`;
}
