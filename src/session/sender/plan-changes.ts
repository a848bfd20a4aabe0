// What becomes of changes to a stream's settings: which are refused and why, and what the settings are then. Pure.

import type { EncoderInfo } from '#core/encoder';
import { isReservedSetting, type Settings, type SettingValue } from '#core/settings';
import { resolveSession, type ResolvedSession } from '../session-settings.ts';

export type Changes = Readonly<Record<string, SettingValue | null>>;

export interface PlannedChanges {
  readonly settings: Settings;
  readonly session: ResolvedSession;
  /** Names of the changes that hold. */
  readonly taken: readonly string[];
  /** Why the others do not, by name. */
  readonly refused: ReadonlyMap<string, string>;
  /** Parameters of the old encoder that the new one does not take: they were taken back. */
  readonly dropped: readonly string[];
}

/**
 * @param settings as they are, which are right
 * @returns with all changes that are wrong refused; those that are right hold
 */
export function planChanges(settings: Settings, changes: Changes, encoders: readonly EncoderInfo[]): PlannedChanges {
  const taken = new Set(Object.keys(changes));
  const refused = new Map<string, string>();
  const dropped: string[] = [];
  for (;;) {
    const wanted = withChanges(settings, changes, taken, dropped);
    const session = resolveSession(wanted, encoders);
    if (!('problems' in session)) return { settings: wanted, session, taken: [...taken], refused, dropped };
    let blamed = false;
    for (const { setting, what, todo } of session.problems) {
      const reason = todo === undefined ? what : `${what}. ${todo}`;
      if (taken.delete(setting)) refused.set(setting, reason);
      else if (taken.has('encoder') && !isReservedSetting(setting) && !dropped.includes(setting)) dropped.push(setting);
      else continue;
      blamed = true;
    }
    if (blamed) continue;
    // None of the changes is named, and yet they do not go with the rest.
    if (taken.size === 0) throw new Error(`the settings were wrong before: ${session.problems[0]!.what}`);
    for (const name of taken) refused.set(name, session.problems[0]!.what);
    taken.clear();
    dropped.length = 0;
  }
}

function withChanges(
  settings: Settings,
  changes: Changes,
  taken: ReadonlySet<string>,
  dropped: readonly string[],
): Settings {
  const wanted: Record<string, SettingValue> = { ...settings };
  for (const name of taken) {
    const value = changes[name]!;
    if (value === null) delete wanted[name];
    else wanted[name] = value;
  }
  for (const name of dropped) delete wanted[name];
  return wanted;
}
