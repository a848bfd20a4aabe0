// The profile of a run that was named on the command line.

import type { Profile } from '#core/profile';
import type { RunRecord } from '#core/run';
import { UserError } from '#core/user-error';
import type { Lab } from '#lab/lab';
import { recordingOf } from '#lab/run-recording';
import { readProfile } from '#recording/profile-tables';
import { readHeader } from '#recording/read-recording';
import { whyNoProfile } from '#run/profile-run';
import { findRun } from './find-run.ts';

export interface RunProfile {
  readonly run: RunRecord;
  /** Of its recording. */
  readonly folder: string;
  readonly profile: Profile;
}

/**
 * @param id of the run, or the beginning of it
 * @throws UserError where there is no such run, or it has no profile
 */
export async function profileOfRun(lab: Lab, id: string): Promise<RunProfile> {
  const run = await findRun(lab.catalogue, id);
  if (run.outcome === null) {
    const isAbandoned = (await lab.catalogue.abandonedRuns()).some(({ id: other }) => other === run.id);
    throw new UserError(
      isAbandoned
        ? {
            what: 'this run was killed, and its recording is not completed yet',
            where: run.id,
            todo: 'The next `encodelab bench run` in this lab completes it.',
          }
        : { what: 'this run is at work still', where: run.id, todo: 'Its profile is there when it has ended.' },
    );
  }
  const folder = run.recording === null ? null : await recordingOf(lab, run);
  const profile = folder === null ? null : await readProfile(folder);
  if (folder === null || profile === null) {
    const why = folder === null ? null : whyNoProfile((await readHeader(folder)).absent);
    throw new UserError({
      what: 'this run has no profile',
      where: run.id,
      todo:
        why ??
        'A profile is taken with a run: encodelab bench run FILE --profile, or encodelab profile record -- COMMAND. One that is there already: encodelab profile import FILE',
    });
  }
  return { run, folder, profile };
}
