// What an item of a title is given to do its work, and what it gives back: one function for each kind of item.

import type { Json } from '#core/queue';
import type { CheckedSource } from '#core/source-check';
import type { ItemResult, PlannedItem, TitlePlan } from '#core/title';
import type { Lab } from '#lab/lab';
import type { ItemRuns } from '#run/item-runs';
import type { ItemShape } from '#run/item-shape';
import type { TitleFolder } from './title-folder.ts';

export interface ItemContext {
  readonly lab: Lab;
  readonly title: string;
  readonly folder: TitleFolder;
  /** Absolute path of the source. */
  readonly source: string;
  readonly checked: CheckedSource;
  readonly plan: TitlePlan;
  readonly item: PlannedItem;
  /** Absolute path of the folder that the title is published to; its name is the title's in the origin. */
  readonly publishTo: string;
  /** Where encodes are recorded. */
  readonly runs: ItemRuns;
  /** What the item uses is counted there, and it is told the stages; left out where nobody counts. */
  readonly shape?: ItemShape | undefined;
  /** Threads that the encoder may use; fixed when the item was first leased. */
  readonly threads: number;
  /** Result of an item that this one needs. */
  readonly resultOf: (key: string) => Promise<ItemResult>;
  /** Milliseconds without progress after which an encoder is taken for hung; the engine's own limit where it is left out. */
  readonly stallMs?: number | undefined;
  /** Sets what the item's bytes depend on, once for all of its attempts; returns what holds. */
  readonly fix: (value: Json) => Promise<Json>;
  /** Ends the work, which then rejects: the lease is lost, or the worker ends. */
  readonly signal: AbortSignal;
}

/**
 * Does an item's work: writes under temporary names, checks what it made, and keeps it by `TitleFolder.keep`.
 * @throws UserError where the item can't be done, whoever tries it again; Error for what another try may mend
 */
export type ItemWork = (context: ItemContext) => Promise<ItemResult>;
