// What a worker on many titles tells: items as they come and go for a program, failures and ended titles for a person.

import type { WorkerEvent } from '#farm/worker';
import type { Titles } from '#pipeline/titles';
import { plainText } from './plain-text.ts';

const STATES = { began: 'running', done: 'done', failed: 'failed', lost: 'lost', released: 'released' } as const;
/** Ended titles that are remembered, so that each is told once. */
const MAX_TOLD = 10_000;

export class ItemTeller {
  readonly #titles: Titles;
  readonly #json: boolean;
  /** Looking up a title must not hold up the work. */
  readonly #telling = new Set<Promise<void>>();
  readonly #told = new Set<string>();

  constructor(titles: Titles, json: boolean) {
    this.#titles = titles;
    this.#json = json;
  }

  tell(event: object): void {
    console.log(JSON.stringify(event));
  }

  readonly note = (text: string): void => {
    if (this.#json) this.tell({ event: 'note', text });
    else console.error(plainText(text));
  };

  readonly onEvent = (event: WorkerEvent): void => {
    const { title, key, kind } = event.leased.item;
    const failure = event.kind === 'failed' ? { reason: event.reason, again: event.blame === 'own' } : {};
    if (this.#json) this.tell({ event: 'item', title, key, kind, state: STATES[event.kind], ...failure });
    else if (event.kind === 'failed') this.note(`failed: ${key} of ${title}: ${event.reason}`);
    if (event.kind !== 'done' && event.kind !== 'failed') return;
    const telling = this.#tellEnd(title).finally(() => this.#telling.delete(telling));
    this.#telling.add(telling);
  };

  /** Awaits what is still on its way. */
  async end(): Promise<void> {
    await Promise.all(this.#telling);
  }

  async #tellEnd(title: string): Promise<void> {
    const found = await this.#titles.queue.title(title);
    if (found === null || (found.state !== 'done' && found.state !== 'failed') || this.#told.has(title)) return;
    if (this.#told.size >= MAX_TOLD) this.#told.clear();
    this.#told.add(title);
    const { name, state, reason } = found;
    if (this.#json) this.tell({ event: 'title', title, name, state, reason });
    else this.note(`${state}: ${name} (${title})`);
  }
}
