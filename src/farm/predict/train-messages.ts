// What the child that trains is told, and what it says.

export interface TrainJob {
  /** Folder of the lab. */
  readonly lab: string;
  readonly seed: number;
  /** True gives way to all other work of the machine. */
  readonly isBackground: boolean;
}

export type TrainMessage =
  | { readonly kind: 'trained'; readonly number: number }
  | { readonly kind: 'refused'; readonly reason: string }
  /** A mistake that a person can mend. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** Before one of the others: something that was left out. */
  | { readonly kind: 'told'; readonly text: string };
