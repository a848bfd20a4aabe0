// The expression of a stat: what is wrong in it is underlined where it is, and said below.

import type { CheckedStat, StatPlace } from '#explore/stats/check-stat';
import { MAX_EXPRESSION } from '#explore/stats/stat-expression';

export interface ExpressionFieldProps {
  readonly expression: string;
  readonly checked: CheckedStat;
  /** Nothing was written yet: nothing is wrong. */
  readonly isNew: boolean;
  readonly onChange: (expression: string) => void;
}

export function ExpressionField({ expression, checked, isNew, onChange }: ExpressionFieldProps) {
  const isWrong = !isNew && !checked.ok;
  const place: StatPlace | null = isNew ? null : checked.ok ? checked.unknown : checked;
  return (
    <div class="stat-expression">
      <label for="stat-expression">Expression</label>
      <div class="stat-expression-box">
        {/* Below the field, letter under letter: a field itself can underline nothing. */}
        <div class="stat-expression-marks" aria-hidden="true" data-wrong={isWrong ? '' : undefined}>
          {place === null ? (
            `${expression} `
          ) : (
            <>
              {expression.slice(0, place.at)}
              <mark>{expression.slice(place.at, place.at + place.length) || ' '}</mark>
              {`${expression.slice(place.at + place.length)} `}
            </>
          )}
        </div>
        <textarea
          id="stat-expression"
          spellcheck={false}
          autocomplete="off"
          maxLength={MAX_EXPRESSION}
          placeholder="mean(frames.bytes where key)"
          value={expression}
          aria-invalid={isWrong}
          aria-describedby="stat-expression-said"
          onInput={(event) => onChange(event.currentTarget.value.replaceAll('\n', ' '))}
        />
      </div>
      <p id="stat-expression-said" class="stat-expression-said" aria-live="polite">
        {isNew ? <span class="muted">Choose a column and what of it, or write.</span> : <Said checked={checked} />}
      </p>
    </div>
  );
}

function Said({ checked }: { checked: CheckedStat }) {
  if (!checked.ok)
    return (
      <>
        <span class="bad">
          <b aria-hidden="true">✕</b> Character {checked.at + 1}: {checked.what}
        </span>
        {checked.todo !== null && <span class="muted"> {checked.todo}</span>}
      </>
    );
  if (checked.unknown !== null)
    return (
      <span class="warn">
        <b aria-hidden="true">!</b> Character {checked.unknown.at + 1}: none of the runs tried has{' '}
        {checked.unknown.name}
        {checked.unknown.nearest !== null && `: did you mean ${checked.unknown.nearest}?`}
      </span>
    );
  return (
    <span class="good">
      <b aria-hidden="true">✓</b> one number a run
      {checked.unit !== null && checked.unit !== '1' && `, in ${checked.unit}`}
    </span>
  );
}
