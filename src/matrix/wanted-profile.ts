// Whether a recorded run has the profile that its benchmark asks for now: without it, it counts as not recorded.

import type { Benchmark } from '#core/benchmark';
import type { RunRecord } from '#core/run';
import { UserError } from '#core/user-error';
import type { Lab } from '#lab/lab';
import { readHeader } from '#recording/read-recording';
import { isAboutProfile } from '#run/profile-run';
import { isStreaming } from './streaming-session.ts';

/**
 * True where none is asked for, the run has one, or it was asked for one that could not be taken: it would not be to be
 * had the next time either.
 */
export async function hasWantedProfile(
  { profile, session }: Pick<Benchmark, 'profile' | 'session'>,
  lab: Lab,
  run: RunRecord,
): Promise<boolean> {
  if (profile === null || isStreaming(session)) return true;
  if (run.recording === null) return false;
  try {
    const header = await readHeader(lab.recordingFolder(run.id));
    return header.profile !== undefined || header.absent.some(isAboutProfile);
  } catch (error) {
    // Its recording was taken away.
    if (!(error instanceof UserError)) throw error;
    return false;
  }
}
