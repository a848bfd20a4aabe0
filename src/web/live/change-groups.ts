// Changes of the session that were asked for at once: they cost one gap together.

import type { SessionState } from '#core/live';

export type SettingChange = SessionState['changes'][number];

export interface ChangeGroup {
  readonly timeS: number;
  readonly operator: string;
  /** The longest that the stream stood still for any of them, milliseconds; null where it did not. */
  readonly gapMs: number | null;
  /** What is told of all of them with the same words; null where that is nothing. */
  readonly note: string | null;
  readonly changes: readonly SettingChange[];
}

/** Answers of one request are told one after the other. */
const ONE_MOMENT_S = 0.05;

/** @param changes newest last, as groups are */
export function groupChanges(changes: readonly SettingChange[]): ChangeGroup[] {
  const groups: SettingChange[][] = [];
  for (const change of changes) {
    const last = groups.at(-1);
    const before = last?.at(-1);
    const isSame =
      before !== undefined &&
      before.operator === change.operator &&
      Math.abs(change.timeS - before.timeS) <= ONE_MOMENT_S;
    // The same setting twice is two requests, however quick.
    if (isSame && !last!.some(({ name }) => name === change.name)) last!.push(change);
    else groups.push([change]);
  }
  return groups.map((group) => {
    const gaps = group.flatMap(({ gapMs }) => (gapMs === null ? [] : [gapMs]));
    const { timeS, operator } = group[0]!;
    const notes = new Set(group.map(({ note }) => note));
    const note = group.length > 1 && notes.size === 1 ? group[0]!.note : null;
    return { timeS, operator, gapMs: gaps.length === 0 ? null : Math.max(...gaps), note, changes: group };
  });
}
