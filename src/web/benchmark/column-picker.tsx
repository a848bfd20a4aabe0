// Which metrics are columns of the table. It stands above the table, so that one sees them come and go.

import { useRef, useState } from 'preact/hooks';
import { useDismiss } from '../shell/menu.ts';
import type { MetricInfo } from './results.ts';

export interface ColumnPickerProps {
  readonly metrics: readonly MetricInfo[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: string[]) => void;
}

/** A button, and a second row of the head of the table while it is open. */
export function ColumnPicker({ metrics, chosen, onChange }: ColumnPickerProps) {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  useDismiss(isOpen, [button, list], () => setOpen(false));
  const toggle = (name: string) =>
    onChange(chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name]);
  return (
    <>
      <button ref={button} type="button" class="opener" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        Columns <span class="muted">{chosen.length}</span>
      </button>
      {isOpen && (
        <div ref={list} class="column-choice" role="group" aria-label="Columns">
          {metrics.map((metric) => (
            <label key={metric.name}>
              <input type="checkbox" checked={chosen.includes(metric.name)} onChange={() => toggle(metric.name)} />
              {metric.name}
              <span class="muted">{metric.unit === '1' ? '' : metric.unit}</span>
            </label>
          ))}
        </div>
      )}
    </>
  );
}
