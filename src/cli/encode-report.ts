// What `encode` says while it works: lines of JSON for a program, or a progress line for a person.

import { styleText } from 'node:util';
import type { LeasedItem, TitleRecord } from '#core/queue';
import type { TitleSummary } from '#core/title';
import type { WorkerEvent } from '#farm/worker';
import { plainText } from './plain-text.ts';
import { formatSecondsLeft } from './progress-line.ts';
import { renditionTable } from './title-view.ts';

/** How far a title has come. */
export interface TitleProgress {
  readonly title: TitleRecord;
  /** Seconds left with an interval of 80 %; null while nothing is known. */
  readonly leftS: { readonly low: number; readonly middle: number; readonly high: number } | null;
}

export interface EncodeReport {
  /** @param again true where a title is gone on with */
  begun(id: string, name: string, again: boolean): void;
  event(event: WorkerEvent): void;
  progress(progress: TitleProgress): void;
  note(text: string): void;
  end(summary: TitleSummary): void;
  close(): void;
}

export function encodeReport(json: boolean): EncodeReport {
  return json ? new JsonReport() : new TextReport();
}

const STATES = { began: 'running', done: 'done', failed: 'failed', lost: 'lost', released: 'released' } as const;

class JsonReport implements EncodeReport {
  begun(title: string, name: string, resumed: boolean): void {
    tell({ event: 'title', title, name, resumed });
  }

  event(event: WorkerEvent): void {
    const { key, kind } = event.leased.item;
    const reason = event.kind === 'failed' ? { reason: event.reason, again: event.blame === 'own' } : {};
    tell({ event: 'item', key, kind, state: STATES[event.kind], ...reason });
  }

  progress(): void {}

  note(text: string): void {
    tell({ event: 'note', text });
  }

  end(summary: TitleSummary): void {
    tell(summary);
  }

  close(): void {}
}

function tell(line: object): void {
  console.log(JSON.stringify(line));
}

const BAR_WIDTH = 24;

class TextReport implements EncodeReport {
  readonly #live = process.stderr.isTTY === true;
  readonly #atWork = new Map<string, LeasedItem>();
  #shown = false;

  begun(id: string, name: string, again: boolean): void {
    console.error(`${again ? 'going on with' : 'making'} ${plainText(name)}: title ${id}`);
  }

  event(event: WorkerEvent): void {
    const { key } = event.leased.item;
    if (event.kind === 'began') this.#atWork.set(key, event.leased);
    else this.#atWork.delete(key);
    if (event.kind === 'failed')
      this.note(`failed: ${key}${event.blame === 'own' ? ' (it is tried again)' : ''}: ${event.reason}`);
    else if (event.kind === 'lost') this.note(`${key} was taken over by another worker`);
    else if (event.kind === 'done' && !this.#live) console.error(`done: ${plainText(key)}`);
  }

  progress({ title, leftS }: TitleProgress): void {
    if (!this.#live) return;
    const { items } = title;
    const all = Object.values(items).reduce((sum, count) => sum + count, 0);
    const full = Math.round((items.done / Math.max(1, all)) * BAR_WIDTH);
    const bar = styleText('cyan', '█'.repeat(full), { stream: process.stderr }) + '░'.repeat(BAR_WIDTH - full);
    const left = leftS === null ? '' : `  ${formatSecondsLeft(leftS)} left`;
    const room = Math.max(0, (process.stderr.columns ?? 80) - BAR_WIDTH - 50);
    const work = [...this.#atWork.keys()].join(' ').slice(0, room);
    this.#clear();
    process.stderr.write(`${bar} ${items.done}/${all}${left}  ${plainText(work)}`);
    this.#shown = true;
  }

  note(text: string): void {
    this.#clear();
    console.error(plainText(text));
  }

  end(summary: TitleSummary): void {
    this.#clear();
    // What else there is to say of it was told when its item failed.
    const reason = summary.reason === null ? '' : `: ${plainText(summary.reason.split('\n')[0]!)}`;
    console.error(`title ${summary.title} ${summary.outcome}${reason}`);
    if (summary.renditions.length > 0) console.log(renditionTable(summary.renditions));
    if (summary.manifests !== null) console.log(`HLS   ${summary.manifests.hls}\nDASH  ${summary.manifests.dash}`);
  }

  close(): void {
    this.#clear();
  }

  #clear(): void {
    if (this.#shown) process.stderr.write('\r\u001B[K');
    this.#shown = false;
  }
}
