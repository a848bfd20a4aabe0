// A cell on its way into a plan.

import type { SettingValue } from '#core/settings';

/** A cell before it has its place in the plan. The order of its properties is the order of its label. */
export interface CellDraft {
  readonly properties: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, SettingValue>>;
  readonly labels: readonly string[];
}

/** `codec=x264 bitrate=1M preset=medium`; values with blanks or quotes are quoted, so that no two cells look alike. */
export function cellLabel(properties: Readonly<Record<string, string>>): string {
  let label = '';
  for (const name in properties) {
    const value = properties[name]!;
    label += `${label === '' ? '' : ' '}${name}=${/[\s"]/.test(value) || value === '' ? JSON.stringify(value) : value}`;
  }
  return label;
}
