// What all imported profiles have in common: they tell less of themselves than our own.

import type { Profile, ProfileHeader } from '#core/profile';
import { UserError } from '#core/user-error';
import type { ProfileBuilder } from '../profile-builder.ts';
import { idleApart } from './idle-apart.ts';

/** Longer text in error messages helps nobody. */
const MAX_QUOTED = 60;

/** What an importer knows; the rest is absent. */
export type GivenHeader = Pick<ProfileHeader, 'tool' | 'file' | 'clock' | 'weightUnit'> &
  Partial<Omit<ProfileHeader, 'version' | 'startNs' | 'endNs'>>;

/**
 * The profile, from its first sample or span to the end of its last.
 * @throws UserError where it has none
 */
export function finishGiven(builder: ProfileBuilder, given: GivenHeader): Profile {
  const profile = idleApart(
    builder.finish({
      startNs: 0,
      endNs: 0,
      frequencyHz: null,
      sampleNs: null,
      cpus: [],
      scope: 'processes',
      stacks: 'given',
      lost: null,
      throttled: null,
      overheadCpuS: null,
      absent: [],
      quality: [],
      ...given,
    }),
  );
  const { header, samples, spans } = profile;
  if (samples.timeNs.length === 0 && (spans === null || spans.startNs.length === 0))
    throw new UserError({
      what: `the file holds no samples${header.absent.length === 0 ? '' : ` (${header.absent.join('; ')})`}; it was read as ${header.tool}`,
      where: header.file ?? undefined,
      todo: 'Record again: nothing was sampled, or the file is cut off before its first sample.',
    });
  return header.clock === 'none' ? profile : { ...profile, header: { ...header, ...timesOf(profile) } };
}

/** The end is behind the last sample, so that a range to there has it. */
function timesOf({ header, samples, spans }: Profile): Pick<ProfileHeader, 'startNs' | 'endNs'> {
  const { timeNs, weight } = samples;
  let startNs = timeNs[0] ?? Infinity;
  let endNs = -Infinity;
  for (let i = 0; i < timeNs.length; i++) {
    const lengthNs = header.weightUnit === 'ns' ? (weight?.[i] ?? header.sampleNs ?? 0) : 0;
    endNs = Math.max(endNs, timeNs[i]! + Math.max(1, lengthNs));
  }
  if (spans !== null)
    for (let i = 0; i < spans.startNs.length; i++) {
      startNs = Math.min(startNs, spans.startNs[i]!);
      endNs = Math.max(endNs, spans.endNs[i]!);
    }
  return { startNs, endNs };
}

/** Of text from a file, as an error may show it. */
export function quoted(text: string): string {
  return `"${text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text}"`;
}
