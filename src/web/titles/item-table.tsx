// All items of a title, a page at a time: what the dots show, in words, with links to the runs.

import { useEffect, useState } from 'preact/hooks';
import { formatQuantity } from '#core/format-quantity';
import { ITEM_STATES, type ItemState } from '#core/queue';
import type { ItemLines, StateCounts } from '#server/titles-wire';
import { runPath } from '../shell/route.ts';
import { ITEMS_A_PAGE, titlesApi } from './title-requests.ts';
import { ITEM_SIGNS } from './title-words.ts';

interface ItemTableProps {
  readonly id: string;
  readonly counter: number;
  readonly counts: StateCounts;
}

/** Read only once it is opened. */
export function ItemTable({ id, counter, counts }: ItemTableProps) {
  const [isOpen, setOpen] = useState(false);
  const [state, setState] = useState<ItemState | null>(null);
  const [offset, setOffset] = useState(0);
  const [lines, setLines] = useState<ItemLines | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    if (!isOpen) return undefined;
    let isOld = false;
    titlesApi.items(id, state, offset).then(
      (answer) => {
        if (isOld) return;
        setLines(answer);
        setProblem(null);
      },
      (error: Error) => !isOld && setProblem(error.message),
    );
    return () => {
      isOld = true;
    };
  }, [id, counter, isOpen, state, offset]);
  const choose = (wanted: ItemState | null) => {
    setState(wanted);
    setOffset(0);
  };
  return (
    <details class="panel item-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary class="panel-head">
        <h2>Items</h2>
        <span class="muted small">as a table</span>
      </summary>
      <div class="item-filter">
        <fieldset class="segments">
          <button type="button" aria-pressed={state === null} onClick={() => choose(null)}>
            all
          </button>
          {ITEM_STATES.map((one) => (
            <button key={one} type="button" aria-pressed={state === one} onClick={() => choose(one)}>
              {ITEM_SIGNS[one]} {one} <span class="muted">{counts[one]}</span>
            </button>
          ))}
        </fieldset>
        <button type="button" disabled={offset === 0} onClick={() => setOffset(Math.max(0, offset - ITEMS_A_PAGE))}>
          Before
        </button>
        <button type="button" disabled={lines?.more !== true} onClick={() => setOffset(offset + ITEMS_A_PAGE)}>
          Next
        </button>
      </div>
      {problem !== null && <p class="bad pad">{problem}</p>}
      {lines !== null && lines.items.length === 0 && <p class="muted pad">There are none.</p>}
      {lines !== null && lines.items.length > 0 && (
        <div class="table-scroll">
          <table class="data plain">
            <thead>
              <tr>
                <th scope="col">item</th>
                <th scope="col">state</th>
                <th scope="col" class="number">
                  CPU
                </th>
                <th scope="col" class="number">
                  of checking
                </th>
                <th scope="col" class="number">
                  bytes
                </th>
                <th scope="col">run</th>
                <th scope="col">worker</th>
              </tr>
            </thead>
            <tbody>
              {lines.items.map((item) => (
                <tr key={item.key}>
                  <td>
                    <code>{item.key}</code>
                  </td>
                  <td title={item.error ?? undefined}>
                    {ITEM_SIGNS[item.state]} {item.state}
                    {item.failures > 0 && <span class="warn"> failed {item.failures} times</span>}
                  </td>
                  <td class="number">{formatQuantity(item.cpuS, 's')}</td>
                  <td class="number">{formatQuantity(item.checkCpuS, 's')}</td>
                  <td class="number">{item.bytes === null ? '–' : formatQuantity(item.bytes, 'byte')}</td>
                  <td>
                    {item.runs.map((run, position) => (
                      <a key={run} href={runPath(run)}>
                        {item.runs.length === 1 ? 'open' : position + 1}{' '}
                      </a>
                    ))}
                  </td>
                  <td class="muted">{item.worker ?? '–'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
