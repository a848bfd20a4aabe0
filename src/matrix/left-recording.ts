// A recording of the live session that is under way when a bench begins.

import { UserError } from '#core/user-error';
import type { Lab } from '#lab/lab';
import type { SessionRunner } from '#live/session-runner';

/**
 * A bench that was killed left its recording to the server, which goes on with it. No other bench is at work in the lab: it
 * belongs to nobody. One that a person makes stays, and is in the way.
 * @throws UserError where a person records
 */
export async function endLeftRecording(
  session: SessionRunner,
  { lab, onNote }: { readonly lab: Lab; readonly onNote: (text: string) => void },
): Promise<void> {
  const { recording } = await session.state();
  if (recording === null) return;
  const run = await lab.catalogue.run(recording.run);
  if (run === null || run.benchmark === null)
    throw new UserError({
      what: `the session is being recorded as ${recording.name}`,
      where: lab.path,
      todo: 'a bench records each cell by itself: wait until this recording has ended, or end it',
    });
  onNote(`the recording of ${recording.name} was left by a bench that was killed: it is ended, and runs again`);
  await session.abandonRecording(recording.run);
}
