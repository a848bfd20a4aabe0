// The parameters of an encoder: what each takes, and whether it can be changed while the encoder works.

import type { EncoderParameter, LiveChange } from '#core/encoder';
import { firstValue } from './settings-line.ts';

export interface ParameterTableProps {
  readonly parameters: readonly EncoderParameter[];
  /** Values in the line for a benchmark file, by name. */
  readonly chosen: ReadonlyMap<string, string>;
  /** Null takes it out. */
  readonly onChoose: (name: string, value: string | null) => void;
}

/** More values than these are folded away. */
const FEW_VALUES = 6;

export function ParameterTable({ parameters, chosen, onChoose }: ParameterTableProps) {
  return (
    <table class="data plain parameters">
      <thead>
        <tr>
          <th scope="col" title="puts it into the line for a benchmark file">
            use
          </th>
          <th scope="col">parameter</th>
          <th scope="col">type</th>
          <th scope="col">range</th>
          <th scope="col">default</th>
          <th scope="col" title="whether a working encoder takes a new value">
            live
          </th>
          <th scope="col">what it does</th>
        </tr>
      </thead>
      <tbody>
        {parameters.map((parameter) => (
          <Row
            key={parameter.name}
            parameter={parameter}
            value={chosen.get(parameter.name) ?? null}
            onChoose={onChoose}
          />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  readonly parameter: EncoderParameter;
  readonly value: string | null;
  readonly onChoose: ParameterTableProps['onChoose'];
}

function Row({ parameter, value, onChoose }: RowProps) {
  const { name, type, description, values } = parameter;
  const isChosen = value !== null;
  return (
    <tr class={isChosen ? 'marked' : ''} data-parameter={name}>
      <td>
        <input
          type="checkbox"
          checked={isChosen}
          aria-label={`use ${name}`}
          onChange={() => onChoose(name, isChosen ? null : firstValue(parameter))}
        />
      </td>
      <td>
        <code>{name}</code>
      </td>
      <td class="muted">{type}</td>
      <td>{rangeWords(parameter)}</td>
      <td>
        {isChosen ? (
          <ValueField parameter={parameter} value={value} onChange={(next) => onChoose(name, next)} />
        ) : (
          defaultWords(parameter)
        )}
      </td>
      <td>
        <Live live={parameter.live} />
      </td>
      <td class="what">
        {description}
        {values.length > 0 && <Values parameter={parameter} />}
      </td>
    </tr>
  );
}

interface ValueFieldProps {
  readonly parameter: EncoderParameter;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function ValueField({ parameter: { name, type, values }, value, onChange }: ValueFieldProps) {
  const label = `value of ${name}`;
  if (type !== 'enum' || values.length === 0)
    return (
      <input
        type="text"
        class="value"
        aria-label={label}
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    );
  const isKnown = values.some((one) => one.name === value);
  return (
    <select class="value" aria-label={label} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
      {!isKnown && <option>{value}</option>}
      {values.map((one) => (
        <option key={one.name}>{one.name}</option>
      ))}
    </select>
  );
}

function rangeWords({ min, max, type, values }: EncoderParameter): string {
  if (values.length > 0) return `${values.length} ${values.length === 1 ? 'value' : 'values'}`;
  if (type === 'bool' || (min === null && max === null)) return '';
  if (max === null) return `from ${signed(min!)}`;
  return min === null ? `up to ${signed(max)}` : `${signed(min)} to ${signed(max)}`;
}

/** With the minus that people read. */
function signed(value: number): string {
  return String(value).replace('-', '−');
}

function defaultWords({ default: usual, values }: EncoderParameter) {
  if (usual === null || usual === '') return <span class="muted">–</span>;
  const named = values.find(({ value, name }) => value === usual && name !== String(usual))?.name;
  return <code>{named === undefined ? String(usual) : named}</code>;
}

function Values({ parameter: { values, type } }: { parameter: EncoderParameter }) {
  const list = (
    <ul class="values">
      {values.map(({ name, description }) => (
        <li key={name}>
          <code>{name}</code> <span class="muted">{description}</span>
        </li>
      ))}
    </ul>
  );
  if (values.length <= FEW_VALUES) return list;
  return (
    <details>
      <summary>
        {values.length} {type === 'flags' ? 'flags' : 'values'}:{' '}
        <span class="muted">
          {values
            .slice(0, FEW_VALUES)
            .map(({ name }) => name)
            .join(', ')}{' '}
          …
        </span>
      </summary>
      {list}
    </details>
  );
}

const LIVE: Readonly<Record<LiveChange['state'], readonly [sign: string, look: string, words: string]>> = {
  yes: ['✓', 'good', 'yes'],
  no: ['✕', 'muted', 'no'],
  unknown: ['?', 'muted', 'unclear'],
};

function Live({ live }: { live: LiveChange | null }) {
  if (live === null)
    return (
      <span class="muted" title="not tried yet">
        –
      </span>
    );
  const [sign, look, words] = LIVE[live.state];
  return (
    <details class="live">
      <summary class={look} title={live.how}>
        {sign} {words}
      </summary>
      <p>{live.how}</p>
    </details>
  );
}
