// The last changes of the session: who asked for what, how it was taken, and what it cost. What was asked for at once stands
// together.

import type { SessionState } from '#core/live';
import { formatSettingValue } from '#core/settings';
import { formatDuration, formatQuantity } from '#core/format-quantity';
import { groupChanges, type SettingChange } from './change-groups.ts';
import { isSameValue } from './session-settings.ts';

const SHOWN = 8;

const WAYS: Readonly<Record<SettingChange['how'], string>> = {
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
        {groupChanges(changes)
          .slice(-SHOWN)
          .toReversed()
          .map((group) => (
            <li key={`${group.timeS} ${group.operator}`}>
              <p class="muted">
                {formatDuration(Math.max(0, nowS - group.timeS))} ago · {group.operator}
                {group.gapMs !== null && ` · stood still ${formatQuantity(group.gapMs, 'ms')}`}
                {group.note !== null && ` · ${group.note}`}
              </p>
              <ul>
                {group.changes.map((change) => (
                  <Change key={change.name} change={group.note === null ? change : { ...change, note: null }} />
                ))}
              </ul>
            </li>
          ))}
      </ol>
    </section>
  );
}

function Change({ change: { name, requested, actual, how, note } }: { change: SettingChange }) {
  const asked = requestedWord(requested);
  const isOther = actual !== null && !isSameValue(asked, actual);
  return (
    <li>
      <code title={`${name}=${asked}`}>
        {name}={asked}
      </code>
      <span class="way" data-way={how}>
        {WAYS[how]}
      </span>
      <span>
        {isOther && (
          <>
            in force <code>{actual}</code>
          </>
        )}
        {isOther && note !== null && ' · '}
        {note !== null && <span class="muted">{note}</span>}
      </span>
    </li>
  );
}

/** A setting that was taken back is told as empty, or in words. */
function requestedWord(requested: SettingChange['requested']): string {
  return requested === '' ? 'default' : formatSettingValue(requested);
}
