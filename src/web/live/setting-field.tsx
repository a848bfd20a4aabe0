// One line of the control centre: a setting, its field, what is wanted, what is in force, and what a change of it costs.

import type { ComponentChildren } from 'preact';
import { isSameValue, WAY_WORDS, type ChangeWay } from './session-settings.ts';

export interface SettingFieldProps {
  readonly name: string;
  readonly description: ComponentChildren;
  readonly text: string;
  /** The value in force; empty where none is known. */
  readonly placeholder: string;
  readonly values: readonly string[];
  /** Suggestions for a free text; the id of a datalist. */
  readonly list?: string | undefined;
  /** What was asked for already and what is in force; null before a session runs. */
  readonly state: { readonly requested: string; readonly actual: string | null; readonly way: ChangeWay } | null;
  readonly problem: string | null;
  readonly isBool?: boolean;
  readonly onText: (text: string) => void;
}

export function SettingField(props: SettingFieldProps) {
  const { name, text, state, problem } = props;
  const isChanged = state !== null && text.trim() !== state.requested;
  return (
    <tr class={isChanged ? 'marked' : ''} data-setting={name}>
      <th scope="row">
        <code>{name}</code>
        <span class="what">{props.description}</span>
      </th>
      <td class="field">
        <Field {...props} />
        {problem !== null && <span class="bad small">✕ {problem}</span>}
      </td>
      {state !== null && (
        <>
          <td class="number">
            {state.requested === '' ? (
              <span class="muted">default</span>
            ) : (
              <code title={state.requested}>{state.requested}</code>
            )}
          </td>
          <td class="number">
            <Actual requested={state.requested} actual={state.actual} />
          </td>
          <td>
            <Way way={state.way} />
          </td>
        </>
      )}
    </tr>
  );
}

function Field({ name, text, placeholder, values, list, onText, isBool = false }: SettingFieldProps) {
  const label = `value of ${name}`;
  const choices = isBool && values.length === 0 ? ['1', '0'] : values;
  if (choices.length > 0)
    return (
      <select class="value" aria-label={label} value={text} onChange={(event) => onText(event.currentTarget.value)}>
        <option value="">{placeholder === '' ? 'default' : `default (now ${placeholder})`}</option>
        {text !== '' && !choices.includes(text) && <option value={text}>{text}</option>}
        {choices.map((value) => (
          <option key={value} value={value}>
            {value}
          </option>
        ))}
      </select>
    );
  return (
    <input
      type="text"
      class="value"
      aria-label={label}
      placeholder={placeholder}
      list={list}
      value={text}
      onInput={(event) => onText(event.currentTarget.value)}
    />
  );
}

/** A value that is not the one that was asked for has a sign. */
function Actual({ requested, actual }: { requested: string; actual: string | null }) {
  if (actual === null) return <span class="muted">–</span>;
  const differs = requested !== '' && !isSameValue(requested, actual);
  return (
    <code class={differs ? 'warn' : ''} title={differs ? `asked for: ${requested}` : undefined}>
      {differs && '≠ '}
      {actual}
    </code>
  );
}

const WAY_SIGNS: Readonly<Record<ChangeWay, string>> = {
  live: '● live',
  restart: '↻ restart',
};

function Way({ way }: { way: ChangeWay }) {
  return (
    <span class="way" data-way={way} title={WAY_WORDS[way]}>
      {WAY_SIGNS[way]}
    </span>
  );
}
