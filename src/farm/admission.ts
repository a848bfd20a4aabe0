// What a worker may have at work at once: a number of slots, or (packed-admission.ts) what items need and what the machine has.

import type { ItemRecord } from '#core/queue';

export interface Admission {
  /** How many ready items to look at for what may begin; 0 where there is no room for any. */
  look(atWork: readonly ItemRecord[]): number;
  /**
   * Which of the ready ones begin now.
   * @param ready the most urgent first; never none
   * @returns at least one where nothing is at work: else nothing would ever happen
   */
  choose(ready: readonly ItemRecord[], atWork: readonly ItemRecord[]): Promise<readonly ItemRecord[]>;
  /** Items at work that are to be broken off, each told once; asked a few times a second. */
  outgrown(atWork: readonly ItemRecord[]): readonly Outgrown[];
}

export interface Outgrown {
  readonly item: ItemRecord;
  /** Why. As with what an item throws, a UserError sets it aside for good; any other error gives it back, without a mark against it. */
  readonly error: Error;
}

/** So many items at once, whatever they need. */
export function bySlots(slots: number): Admission {
  const free = (atWork: readonly ItemRecord[]) => Math.max(0, slots - atWork.length);
  return {
    look: free,
    choose: (ready, atWork) => Promise.resolve(ready.slice(0, free(atWork))),
    outgrown: () => [],
  };
}
