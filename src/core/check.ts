// One thing that `doctor` looks at.

export interface Check {
  readonly name: string;
  /** Null where it is neither good nor bad, or could not be found out. */
  readonly ok: boolean | null;
  /** What was found, in one sentence. */
  readonly detail: string;
  /** What a person can do about it. */
  readonly todo?: string;
}
