// A lab for the length of one command.

import { openLab, type Lab } from '#lab/lab';

export async function withLab<Result>(path: string, use: (lab: Lab) => Promise<Result>): Promise<Result> {
  const lab = await openLab(path);
  try {
    return await use(lab);
  } finally {
    await lab.close();
  }
}
