// Makes a title, or goes on with it, and tells how it comes along: what `encode` and the demo do.

import type { TitleSummary } from '#core/title';
import { UserError } from '#core/user-error';
import type { Lab } from '#lab/lab';
import { aloneOnTitle } from '#pipeline/alone-on-title';
import { TitleProgress } from '#pipeline/progress/title-progress';
import type { TitleRequest } from '#pipeline/title-request';
import { openTitles, type Titles } from '#pipeline/titles';
import { workOnTitles } from '#pipeline/work-on-titles';
import { encodeReport, type EncodeReport } from './encode-report.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { ENDING_ITEMS, onInterrupt } from './interrupt.ts';
import { packageVersion } from './package-version.ts';
import type { WorkerOptions } from './worker-option.ts';

const PROGRESS_MS = 500;

export interface MakeTitleOptions extends WorkerOptions {
  readonly name: string;
  readonly priority: number;
  /** UTC, ISO 8601. */
  readonly deadline: string | null;
  /** True wants one that was broken off or failed. */
  readonly resume: boolean;
  readonly json: boolean;
}

/** @throws UserError where there is nothing to resume, or the lab can't be written */
export async function makeTitle(lab: Lab, request: TitleRequest, options: MakeTitleOptions): Promise<ExitCode> {
  const titles = await openTitles(lab);
  const report = encodeReport(options.json);
  const interrupt = onInterrupt(() => report.note(ENDING_ITEMS));
  try {
    const id = await takeUp(titles, request, options, report);
    const work = () =>
      workOnTitles({
        titles,
        title: id,
        slots: options.slots,
        cpus: options.cpus,
        memory: options.memory,
        drain: interrupt.drain,
        stop: interrupt.stop,
        version: packageVersion(),
        onNote: (text) => report.note(text),
        onEvent: (event) => report.event(event),
      });
    const progress = new TitleProgress(titles.queue, id);
    const shown = setInterval(() => void showProgress(titles, progress, id, report), PROGRESS_MS);
    await aloneOnTitle(titles, id, { work, signal: interrupt.drain, onWait: (who) => report.note(who) }).finally(() =>
      clearInterval(shown),
    );
    const summary = await titles.summary(id);
    report.end(summary);
    return exitCodeOf(summary);
  } finally {
    interrupt.release();
    report.close();
    await titles.close();
  }
}

async function showProgress(titles: Titles, progress: TitleProgress, id: string, report: EncodeReport): Promise<void> {
  const title = await titles.queue.title(id);
  if (title?.state !== 'running') return;
  await progress.update();
  report.progress({ title, leftS: progress.timeLeft() });
}

/** A title that asks for the same is gone on with: nothing is made twice. */
async function takeUp(
  titles: Titles,
  request: TitleRequest,
  { name, priority, deadline, resume }: MakeTitleOptions,
  report: EncodeReport,
): Promise<string> {
  const same = await titles.findSame(request);
  if (same === null) {
    if (resume)
      throw new UserError({
        what: 'there is no title of this source with this ladder to go on with',
        where: request.source,
        todo: 'Leave out --resume, or see encodelab titles list.',
      });
    const id = await titles.add({ name, request, priority, deadline, campaign: null });
    report.begun(id, name, false);
    return id;
  }
  if (same.state === 'failed') await titles.queue.retryFailed(same.id);
  if (same.state === 'paused') await titles.queue.changeTitle(same.id, { state: 'running' });
  report.begun(same.id, same.name, true);
  return same.id;
}

function exitCodeOf({ outcome }: TitleSummary): ExitCode {
  if (outcome === 'done') return EXIT.ok;
  return outcome === 'interrupted' ? EXIT.interrupted : EXIT.failed;
}
