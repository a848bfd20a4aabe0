// What a session that runs is asked for, so that it streams with other settings.

import { canonicalSettings, type Settings, type SettingValue } from '#core/settings';
import { liveKindOf } from '#session/live-session';

/** Null takes a setting back. Empty where nothing is to be done. */
export function changesBetween(from: Settings, to: Settings): Readonly<Record<string, SettingValue | null>> {
  const changes: Record<string, SettingValue | null> = {};
  for (const name of Object.keys(from)) if (!(name in to)) changes[name] = null;
  for (const [name, value] of Object.entries(to))
    // What a network does over time begins anew, for each cell that it is asked for.
    if (
      canonicalSettings({ name: from[name] ?? '' }) !== canonicalSettings({ name: value }) ||
      (name === 'network' && String(value).includes('@'))
    )
      changes[name] = value;
  // Asked for together with a codec of SPICE it is put in after the switch, which a narrow one would hold up.
  const { network } = to;
  if (liveKindOf(to) === 'spice' && 'codec' in changes && network !== undefined) changes['network'] = network;
  return changes;
}
