// Changes of settings, one after the other; of those that wait for one setting only the last is carried out.

import type { ControlResult } from '#core/live';
import type { SettingValue } from '#core/settings';
import { UserError } from '#core/user-error';

/** A change takes 20 ms, a second where parts are started anew: nobody waits for more of them. */
const MAX_WAITING = 50;

export type SettingChanges = Readonly<Record<string, SettingValue | null>>;

export interface ChangeOrder {
  /** Null for all settings as the session was started. */
  readonly changes: SettingChanges | null;
  readonly operator: string;
  /** Whoever asked is gone: what has not begun yet need not. */
  readonly signal?: AbortSignal | undefined;
}

interface Waiting extends ChangeOrder {
  /** What nobody has overtaken yet. */
  left: SettingChanges | null;
  readonly overtaken: Map<string, ControlResult>;
  readonly done: PromiseWithResolvers<readonly ControlResult[]>;
}

export class ChangeQueue {
  readonly #carryOut: (changes: SettingChanges | null, operator: string) => Promise<readonly ControlResult[]>;
  #waiting: Waiting[] = [];
  #isBusy = false;

  constructor(carryOut: (changes: SettingChanges | null, operator: string) => Promise<readonly ControlResult[]>) {
    this.#carryOut = carryOut;
  }

  /** Whether changes wait for the one that is carried out. */
  get isAwaited(): boolean {
    return this.#waiting.length > 0;
  }

  /** @throws UserError where too many wait, or the change itself fails */
  add(order: ChangeOrder): Promise<readonly ControlResult[]> {
    this.#overtake(order);
    const last = this.#waiting.at(-1);
    if (order.changes === null && last?.changes === null) return last.done.promise;
    if (this.#waiting.length >= MAX_WAITING)
      return Promise.reject(
        new UserError({ what: `${MAX_WAITING} changes wait already`, todo: 'Wait until they are carried out.' }),
      );
    const done = Promise.withResolvers<readonly ControlResult[]>();
    this.#waiting.push({ ...order, left: order.changes, overtaken: new Map(), done });
    if (!this.#isBusy) void this.#work();
    return done.promise;
  }

  /** What waits for the same settings has nothing to do any more; a reset that waits comes before it all the same. */
  #overtake({ changes, operator }: ChangeOrder): void {
    for (const waiting of this.#waiting) {
      if (waiting.left === null) continue;
      const names = Object.keys(waiting.left).filter((name) => changes === null || Object.hasOwn(changes, name));
      for (const name of names) waiting.overtaken.set(name, overtaken(name, waiting.left[name]!, operator));
      waiting.left = Object.fromEntries(Object.entries(waiting.left).filter(([name]) => !names.includes(name)));
      if (Object.keys(waiting.left).length === 0) waiting.done.resolve(inOrder(waiting, []));
    }
    this.#waiting = this.#waiting.filter(({ left }) => left === null || Object.keys(left).length > 0);
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift())
      try {
        if (next.signal?.aborted === true) throw new UserError({ what: 'nobody waits for this change any more' });
        next.done.resolve(inOrder(next, await this.#carryOut(next.left, next.operator)));
      } catch (error) {
        next.done.reject(error);
      }
    this.#isBusy = false;
  }
}

function inOrder({ changes, overtaken: late }: Waiting, results: readonly ControlResult[]): readonly ControlResult[] {
  if (changes === null || late.size === 0) return results;
  const byName = new Map([...late, ...results.map((result) => [result.name, result] as const)]);
  return Object.keys(changes).flatMap((name) => byName.get(name) ?? []);
}

function overtaken(name: string, requested: SettingValue | null, by: string): ControlResult {
  const note = `overtaken by a later change of ${by} before its turn came`;
  return { name, requested: requested ?? '', actual: null, how: 'refused', gapMs: null, note };
}
