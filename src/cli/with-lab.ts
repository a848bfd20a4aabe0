// A lab for the length of one command.

import { openLab, type Lab, type OpenLabOptions } from '#lab/lab';

/** @param options `readonly` for a command that only looks, `existing` for one that would make no sense in a new lab */
export async function withLab<Result>(
  path: string,
  use: (lab: Lab) => Promise<Result>,
  options: OpenLabOptions = {},
): Promise<Result> {
  const lab = await openLab(path, options);
  try {
    return await use(lab);
  } finally {
    await lab.close();
  }
}
