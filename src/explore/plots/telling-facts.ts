// Facts that runs are told apart by where their settings do not do it, or not alone.

/** An hour, an outcome or a kernel is none. */
export const TELLING_FACTS: ReadonlySet<string> = new Set(['benchmark', 'kind', 'machine', 'build', 'source']);
