// What the benchmark demands, and where it is not met.

import type { ThresholdVerdict } from './verdicts.ts';

export interface ThresholdListProps {
  readonly verdicts: readonly ThresholdVerdict[];
  readonly onChoose: (metric: string) => void;
}

export function ThresholdList({ verdicts, onChoose }: ThresholdListProps) {
  if (verdicts.length === 0) return null;
  return (
    <ul class="thresholds" aria-label="Thresholds">
      {verdicts.map(({ threshold, met, missed, unknown }) => {
        const judged = met + missed.length + unknown;
        const state = judged === 0 ? 'waiting' : missed.length + unknown > 0 ? 'missed' : 'met';
        return (
          <li key={threshold.text} data-state={state}>
            <b aria-hidden="true">{state === 'met' ? '✓' : state === 'missed' ? '▼' : '○'}</b>
            <button type="button" class="link" onClick={() => onChoose(threshold.metric)}>
              {threshold.text}
            </button>
            <span class="muted">
              {judged === 0 && 'no results yet'}
              {judged > 0 && state === 'met' && `met in all ${judged} cells so far`}
              {missed.length > 0 && `missed in ${missed.length} of ${judged} cells`}
              {unknown > 0 && ` not known in ${unknown}`}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
