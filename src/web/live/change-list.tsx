// The last changes of the session: who asked for what, how it was taken, and what it cost.

import type { SessionState } from '#core/live';
import { formatSettingValue } from '#core/settings';
import { formatDuration, formatQuantity } from '#core/format-quantity';

const SHOWN = 12;

const WAYS: Readonly<Record<SessionState['changes'][number]['how'], string>> = {
  live: '● live',
  restart: '↻ restart',
  next: '→ next start',
  refused: '✕ refused',
};

export function ChangeList({ changes, nowS }: { changes: SessionState['changes']; nowS: number }) {
  if (changes.length === 0) return null;
  return (
    <section class="changes" aria-label="Last changes">
      <h3>Last changes</h3>
      <ol>
        {changes
          .slice(-SHOWN)
          .toReversed()
          .map(({ name, requested, actual, how, gapMs, note, timeS, operator }) => (
            <li key={`${timeS} ${name}`}>
              <span class="muted">{formatDuration(Math.max(0, nowS - timeS))} ago</span>
              <span class="muted">{operator}</span>
              <code>
                {name}={formatSettingValue(requested)}
              </code>
              <span class="way" data-way={how}>
                {WAYS[how]}
              </span>
              <span>
                {actual !== null && (
                  <>
                    now <code>{actual}</code>
                  </>
                )}
                {gapMs !== null && <> · stood still {formatQuantity(gapMs, 'ms')}</>}
                {note !== null && <span class="muted"> · {note}</span>}
              </span>
            </li>
          ))}
      </ol>
    </section>
  );
}
