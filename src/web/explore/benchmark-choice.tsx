// Whose runs are looked at: those of some benchmarks, or all of the lab.

import { useRef, useState } from 'preact/hooks';
import { useDismiss } from '../shell/menu.ts';
import { EMPTY_VIEW } from '#explore/view';
import { showView } from './explore-path.ts';

export interface BenchmarkChoiceProps {
  readonly chosen: readonly string[];
  /** Of the lab. */
  readonly all: readonly string[];
}

export function BenchmarkChoice({ chosen, all }: BenchmarkChoiceProps) {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  useDismiss(isOpen, [button, list], () => setOpen(false));
  // Another benchmark has other properties and metrics: what was arranged for this one is left behind.
  const choose = (benchmarks: readonly string[]) => showView({ ...EMPTY_VIEW, benchmarks });
  return (
    <span class="picker">
      <button ref={button} type="button" class="opener" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {chosen.length === 0 ? 'All runs' : chosen.join(', ')}
      </button>
      {isOpen && (
        <div ref={list} class="picker-list explore-benchmarks" role="group" aria-label="Benchmarks">
          <label>
            <input type="checkbox" checked={chosen.length === 0} onChange={() => choose([])} />
            All runs of the lab
          </label>
          {all.map((name) => (
            <label key={name}>
              <input
                type="checkbox"
                checked={chosen.includes(name)}
                onChange={() =>
                  choose(chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name])
                }
              />
              {name}
            </label>
          ))}
        </div>
      )}
    </span>
  );
}
