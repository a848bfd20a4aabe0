// The parameters of an encoder: what each takes, and whether it can be changed while the encoder works.

import type { EncoderParameter, LiveChange } from '#core/encoder';

export interface ParameterTableProps {
  readonly parameters: readonly EncoderParameter[];
  /** Names in the line for a benchmark file. */
  readonly chosen: readonly string[];
  readonly onChoose: (name: string) => void;
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
            isChosen={chosen.includes(parameter.name)}
            onChoose={onChoose}
          />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  readonly parameter: EncoderParameter;
  readonly isChosen: boolean;
  readonly onChoose: (name: string) => void;
}

function Row({ parameter, isChosen, onChoose }: RowProps) {
  const { name, type, description, values } = parameter;
  return (
    <tr class={isChosen ? 'marked' : ''} data-parameter={name}>
      <td>
        <input type="checkbox" checked={isChosen} aria-label={`use ${name}`} onChange={() => onChoose(name)} />
      </td>
      <td>
        <code>{name}</code>
      </td>
      <td class="muted">{type}</td>
      <td>{rangeWords(parameter)}</td>
      <td>{defaultWords(parameter)}</td>
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

/** Null is a bound that was not told. */
export function rangeWords({ min, max, values }: EncoderParameter): string {
  if (values.length > 0) return `${values.length} ${values.length === 1 ? 'value' : 'values'}`;
  if (min === null && max === null) return '';
  return `${min ?? '…'} to ${max ?? '…'}`;
}

function defaultWords({ default: usual, values }: EncoderParameter) {
  if (usual === null || usual === '') return <span class="muted">–</span>;
  const named = values.find(({ value, name }) => value === usual && name !== String(usual))?.name;
  return <code>{named === undefined ? String(usual) : `${String(usual)} (${named})`}</code>;
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
  unknown: ['?', 'warn', 'unclear'],
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
