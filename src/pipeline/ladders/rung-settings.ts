// The settings of one rung as they stand in a ladder's file, with what it has from all rungs.

import type { Settings, SettingValue } from '#core/settings';
import { checkSettingName, readSettingValue, type FileContext } from '#media/settings-file/read-setting';
import { quoteName } from '#system/yaml/problem-list';
import type { YamlMap } from '#system/yaml/yaml-tree';
import { FOREIGN_SETTINGS, WHOLE_RUNG } from '../rung.ts';

/** Settings of a rung, and where each is written. */
export interface Rung {
  readonly settings: Settings;
  readonly places: ReadonlyMap<string, string>;
}

/** @param shared what it has from all rungs; null for none */
export function readRungSettings(node: YamlMap, shared: Rung | null, context: FileContext): Rung {
  const settings: Record<string, SettingValue> = { ...shared?.settings };
  const places = new Map(shared?.places);
  places.set(WHOLE_RUNG, context.problems.where(node.at));
  for (const entry of node.entries) {
    const why = FOREIGN_SETTINGS[entry.key];
    if (why !== undefined) context.problems.add(entry.keyAt, `${quoteName(entry.key)} is no setting of a rung`, why);
    else if (checkSettingName(entry, context)) {
      const read = readSettingValue(entry.key, entry.value, context);
      if (read === null) continue;
      settings[entry.key] = read.value;
      places.set(entry.key, context.problems.where(entry.value.at));
    }
  }
  return { settings, places };
}
