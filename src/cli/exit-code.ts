// What the shell is told.

export const EXIT = { ok: 0, failed: 1, usage: 2, threshold: 99, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
