// What a property and its values are called, edited in place and kept in the lab. The files keep their own names.

import { useRef, useState } from 'preact/hooks';
import { propertyTitle, type DisplayNames, type Property } from '#explore/data/dataset';
import { sharedTitle } from '#explore/data/told-apart';
import { fieldText } from './field-text.ts';
import type { ExploreStore } from './explore-store.ts';

/** A property with more values has names of its own making: a person renames the first. */
const MAX_NAMED = 40;

export interface NameEditorProps {
  readonly store: ExploreStore;
  readonly property: Property;
  readonly onClose: () => void;
}

export function NameEditor({ store, property, onClose }: NameEditorProps) {
  const form = useRef<HTMLFormElement>(null);
  const names = store.savedNames.value;
  const [problem, setProblem] = useState<string | null>(null);
  const save = (event: Event) => {
    event.preventDefault();
    const entered = new FormData(form.current!);
    const wanted = renamed(names, property, (field) => fieldText(entered, field));
    const properties = store.dataset.peek().properties.map(({ name }) => name);
    const shared = sharedProblem(wanted, property, properties);
    setProblem(shared);
    if (shared !== null) return;
    void store.saveNames(wanted);
    onClose();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    onClose();
  };
  return (
    <form ref={form} class="explore-names" onSubmit={save} onKeyDown={onKey}>
      <label>
        <code>{property.name}</code>
        <input
          name="property"
          type="text"
          defaultValue={names.properties[property.name] ?? ''}
          placeholder={property.name}
          aria-label={`Name of ${property.name}`}
          ref={(field) => field?.focus()}
        />
      </label>
      {property.values.slice(0, MAX_NAMED).map((value, position) => (
        <label key={value}>
          <code>{value}</code>
          <input
            name={`value-${position}`}
            type="text"
            defaultValue={names.values[property.name]?.[value] ?? ''}
            placeholder={value}
            aria-label={`Name of ${property.name} ${value}`}
          />
        </label>
      ))}
      <span class="explore-form-actions">
        <button type="submit" class="primary">
          Save
        </button>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </span>
      {problem !== null && (
        <p class="bad" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}

/** Whether the property is called as another one, or two of its values alike: nothing could tell them apart. */
function sharedProblem(names: DisplayNames, property: Property, properties: readonly string[]): string | null {
  const title = propertyTitle(names, property.name);
  if (properties.some((name) => name !== property.name && propertyTitle(names, name) === title))
    return `Another property is called ${title} already: take another name`;
  const shared = sharedTitle(names.values[property.name] ?? {}, property.values);
  return shared === null ? null : `Two values would be called ${shared}: give each a name of its own`;
}

/** An empty field gives the file's own name back. */
function renamed(names: DisplayNames, property: Property, entered: (field: string) => string): DisplayNames {
  const properties: Record<string, string> = { ...names.properties };
  const values: Record<string, string> = { ...names.values[property.name] };
  const set = (record: Record<string, string>, key: string, title: string) => {
    if (title === '' || title === key) delete record[key];
    else record[key] = title;
  };
  set(properties, property.name, entered('property'));
  for (const [position, value] of property.values.slice(0, MAX_NAMED).entries())
    set(values, value, entered(`value-${position}`));
  return { properties, values: { ...names.values, [property.name]: values } };
}
