// A click on what stands for several runs lists them: one click further opens one.

import { ABSENT, formatQuantity } from '#core/format-quantity';
import { distinctValues } from '#explore/arrange';
import { propertyTitle, valueTitle } from '#explore/data/dataset';
import { runPath } from '../shell/route.ts';
import type { ExploreStore } from './explore-store.ts';
import { useOpenDialog } from './run-actions.tsx';

/** Of a group that is larger the list of runs below the plots is the better place. */
const MAX_LISTED = 200;

export interface GroupSheetProps {
  readonly store: ExploreStore;
  readonly rows: Uint32Array;
  readonly onClose: () => void;
}

export function GroupSheet({ store, rows, onClose }: GroupSheetProps) {
  const dialog = useOpenDialog();
  const dataset = store.dataset.value;
  const names = store.names.value;
  const stats = store.stats.value;
  const properties = dataset.properties.filter((property) => distinctValues(property, rows) > 1);
  const common = dataset.properties.filter(
    ({ name, codes, origin }) =>
      origin === 'setting' && store.varying.value.has(name) && rows.every((row) => codes[row] === codes[rows[0]!]),
  );
  const words = common.flatMap(({ name, values, codes }) => {
    const value = values[codes[rows[0]!]!];
    return value === undefined ? [] : `${propertyTitle(names, name)} ${valueTitle(names, name, value)}`;
  });
  return (
    <dialog
      ref={dialog}
      class="sheet explore-group"
      aria-labelledby="explore-group-title"
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <header>
        <h2 id="explore-group-title">{rows.length} runs</h2>
        <button type="button" class="quiet" onClick={onClose}>
          Close
        </button>
      </header>
      {words.length > 0 && <p class="muted">{words.join(' · ')}</p>}
      <div class="table-scroll">
        <table class="data plain">
          <thead>
            <tr>
              <th scope="col">run</th>
              {properties.map(({ name }) => (
                <th key={name} scope="col">
                  {propertyTitle(names, name)}
                </th>
              ))}
              {stats.map(({ name }) => (
                <th key={name} scope="col" class="number">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {[...rows.subarray(0, MAX_LISTED)].map((row) => (
              <tr key={row}>
                <td>
                  <a href={runPath(dataset.ids[row]!)}>repeat {dataset.repeats[row]}</a>
                </td>
                {properties.map(({ name, values, codes }) => (
                  <td key={name}>{codes[row]! < 0 ? ABSENT : valueTitle(names, name, values[codes[row]!]!)}</td>
                ))}
                {stats.map(({ name, values, unit }) => (
                  <td key={name} class="number">
                    {formatQuantity(values[row], unit)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > MAX_LISTED && (
        <p class="muted">The first {MAX_LISTED} are listed: a filter or a brush narrows them down.</p>
      )}
    </dialog>
  );
}
