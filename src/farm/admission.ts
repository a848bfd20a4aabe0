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
  /** Items at work that are to be broken off and given back, without a mark against them; asked a few times a second. */
  outgrown(atWork: readonly ItemRecord[]): readonly ItemRecord[];
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
