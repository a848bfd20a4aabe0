// A change of a setting that was refused, in words.

import type { ControlResult } from '#core/live';
import type { SettingValue } from '#core/settings';
import { UserError } from '#core/user-error';

export function refusal(name: string, requested: SettingValue | null, note: string): ControlResult {
  return { name, requested: requested ?? '', actual: null, how: 'refused', gapMs: null, note };
}

/** What a person can be told. @throws whatever else it is */
export function reasonOf(error: unknown): string {
  if (!(error instanceof UserError)) throw error;
  return error.message;
}
