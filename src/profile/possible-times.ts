// Whether the times of a profile from somewhere else can be: what is damaged, or made up, may have any.

import type { Profile } from '#core/profile';
import { UserError } from '#core/user-error';

/** What a table holds as whole nanoseconds, with room: 146 years. */
const MAX_TIME_NS = 2 ** 62;
const YEAR_NS = 365.25 * 24 * 3600 * 1e9;
/** Nobody profiles for longer. */
const MAX_YEARS = 10;

/** @throws UserError where times are larger than a table holds, or lie more than ten years apart */
export function checkTimes({ header, samples, spans, losses }: Profile): void {
  const columns = [
    samples.timeNs,
    losses.timeNs,
    ...(spans === null ? [] : [spans.startNs, spans.endNs, spans.readyNs]),
  ];
  const isPossible = (timeNs: number) => Number.isNaN(timeNs) || Math.abs(timeNs) < MAX_TIME_NS;
  const years = (header.endNs - header.startNs) / YEAR_NS;
  const areKept = columns.every((times) => times.every(isPossible));
  if (areKept && years <= MAX_YEARS) return;
  throw new UserError({
    what:
      years > MAX_YEARS
        ? `its times can't be: they span ${Math.round(years).toLocaleString('en')} years, where ${MAX_YEARS} are the most`
        : "its times can't be: some are larger than 146 years",
    where: header.file ?? undefined,
    todo: 'The file is damaged, or its times are in another unit than it says: record or export it again.',
  });
}
