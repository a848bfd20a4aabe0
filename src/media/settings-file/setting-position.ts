// Where in the file a setting's value stands, for errors that are found long after it was parsed.

import type { Benchmark } from '#core/benchmark';
import type { SettingValue } from '#core/settings';

/** The key under which a value's place is kept. */
export function positionKey(setting: string, value: SettingValue | undefined): string {
  return `${setting}=${JSON.stringify(value)}`;
}

/** `file:line:column` of the value, else (in a range) of the setting's name, else the file. */
export function settingPosition(
  benchmark: Pick<Benchmark, 'positions' | 'file'>,
  setting: string,
  value: SettingValue | undefined,
): string {
  const { positions, file } = benchmark;
  return positions.get(positionKey(setting, value)) ?? positions.get(setting) ?? file;
}
