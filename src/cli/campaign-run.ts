// encodelab campaign run: a worker that ends when its campaign has nothing left, and what it tells meanwhile.

import type { WorkerEvent } from '#farm/worker';
import { findCampaign } from '#pipeline/campaign/campaign-file';
import { campaignProgress } from '#pipeline/campaign/campaign-progress';
import { runCampaign } from '#pipeline/campaign/run-campaign';
import type { Titles } from '#pipeline/titles';
import { campaignText } from './campaign-words.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { onInterrupt } from './interrupt.ts';
import { packageVersion } from './package-version.ts';
import { plainText } from './plain-text.ts';

interface RunOptions {
  readonly slots?: number;
  readonly json?: true;
}

const STATES = { began: 'running', done: 'done', failed: 'failed', lost: 'lost', released: 'released' } as const;

export async function workOnCampaign(titles: Titles, name: string, { slots, json }: RunOptions): Promise<ExitCode> {
  const campaign = await findCampaign(titles.lab, name);
  const tell = (event: object) => console.log(JSON.stringify(event));
  const note = (text: string) => (json === true ? tell({ event: 'note', text }) : console.error(plainText(text)));
  const interrupt = onInterrupt(note);
  // Looking up a title must not hold up the work; what is still on its way is awaited at the end.
  const telling = new Set<Promise<void>>();
  const told = new Set<string>();
  const onEvent = (event: WorkerEvent) => {
    const { title, key, kind } = event.leased.item;
    const failure = event.kind === 'failed' ? { reason: event.reason, again: event.blame === 'own' } : {};
    if (json === true) tell({ event: 'item', title, key, kind, state: STATES[event.kind], ...failure });
    else if (event.kind === 'failed') note(`failed: ${key} of ${title}: ${event.reason}`);
    if (event.kind !== 'done' && event.kind !== 'failed') return;
    const end = titles.queue.title(title).then((found) => {
      if (found === null || (found.state !== 'done' && found.state !== 'failed') || told.has(title)) return;
      told.add(title);
      const { name: of, state, reason } = found;
      if (json === true) tell({ event: 'title', title, name: of, state, reason });
      else note(`${state}: ${of} (${title})`);
    });
    telling.add(end);
    void end.finally(() => telling.delete(end));
  };
  try {
    const state = await runCampaign({
      titles,
      campaign: name,
      slots,
      drain: interrupt.drain,
      stop: interrupt.stop,
      version: packageVersion(),
      onNote: note,
      onEvent,
    });
    await Promise.all(telling);
    const progress = await campaignProgress(titles, campaign);
    if (json === true) tell(progress);
    else console.log(campaignText(progress, Date.now()));
    if (interrupt.drain.aborted && state === 'running') return EXIT.interrupted;
    return progress.titles.failed > 0 ? EXIT.failed : EXIT.ok;
  } finally {
    interrupt.release();
  }
}
