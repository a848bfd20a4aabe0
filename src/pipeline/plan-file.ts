// The plan of a title on the disk: whole or not there, and the same bytes for the same plan.

import { readFile } from 'node:fs/promises';
import type { TitlePlan } from '#core/title';
import { writeFileAtomic } from '#system/atomic-file';

export async function writePlan(file: string, plan: TitlePlan): Promise<void> {
  await writeFileAtomic(file, `${JSON.stringify(plan, null, 1)}\n`);
}

/** Null where there is none yet. @throws Error where a newer encodelab wrote it */
export async function readPlan(file: string): Promise<TitlePlan | null> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  const plan = JSON.parse(text) as TitlePlan;
  if (plan.version !== 1) throw new Error(`${file} has version ${String(plan.version)}`);
  return plan;
}
