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
  | { readonly kind: 'refused'; readonly reason: string };
