// Which metrics are columns of the table.

import type { MetricInfo } from './results.ts';

export interface ColumnPickerProps {
  readonly metrics: readonly MetricInfo[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: string[]) => void;
}

export function ColumnPicker({ metrics, chosen, onChange }: ColumnPickerProps) {
  const toggle = (name: string) =>
    onChange(chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name]);
  return (
    <details class="picker">
      <summary>
        Columns <span class="muted">{chosen.length}</span>
      </summary>
      <div class="picker-list" role="group" aria-label="Columns">
        {metrics.map((metric) => (
          <label key={metric.name}>
            <input type="checkbox" checked={chosen.includes(metric.name)} onChange={() => toggle(metric.name)} />
            {metric.name}
            <span class="muted">{metric.unit === '1' ? '' : metric.unit}</span>
          </label>
        ))}
      </div>
    </details>
  );
}
