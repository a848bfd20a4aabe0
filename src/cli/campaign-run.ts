// encodelab campaign run: a worker that ends when its campaign has nothing left, and what it tells meanwhile.

import { findCampaign } from '#pipeline/campaign/campaign-file';
import { campaignProgress } from '#pipeline/campaign/campaign-progress';
import { runCampaign } from '#pipeline/campaign/run-campaign';
import type { Titles } from '#pipeline/titles';
import { campaignText } from './campaign-words.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { ENDING_ITEMS, onInterrupt } from './interrupt.ts';
import { packageVersion } from './package-version.ts';
import { ItemTeller } from './tell-items.ts';
import type { WorkerOptions } from './worker-option.ts';

interface RunOptions extends WorkerOptions {
  readonly json?: true;
}

export async function workOnCampaign(titles: Titles, name: string, options: RunOptions): Promise<ExitCode> {
  const { slots, cpus, memory, json = false } = options;
  const campaign = await findCampaign(titles.lab, name);
  const teller = new ItemTeller(titles, json);
  const interrupt = onInterrupt(() => teller.note(ENDING_ITEMS));
  try {
    const state = await runCampaign({
      titles,
      campaign: name,
      slots,
      cpus,
      memory,
      drain: interrupt.drain,
      stop: interrupt.stop,
      version: packageVersion(),
      onNote: teller.note,
      onEvent: teller.onEvent,
    });
    await teller.end();
    const progress = await campaignProgress(titles, campaign);
    if (json) teller.tell(progress);
    else console.log(campaignText(progress, Date.now()));
    if (interrupt.drain.aborted && state === 'running') return EXIT.interrupted;
    return progress.titles.failed > 0 ? EXIT.failed : EXIT.ok;
  } finally {
    interrupt.release();
  }
}
