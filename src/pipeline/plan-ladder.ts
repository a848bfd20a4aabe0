// From a checked source and what was asked for to the plan: rungs found for this title where the ladder says so.

import type { EncoderInfo } from '#core/encoder';
import { BUNDLED_ENGINE } from '#core/engine';
import type { CheckedSource } from '#core/source-check';
import type { Ladder, TitlePlan } from '#core/title';
import { engineOf } from '#media/engine';
import { titleLadder } from './per-title/title-ladder.ts';
import { planTitle } from './plan-title.ts';
import type { TitleRequest } from './title-request.ts';

export interface PlanContext {
  readonly cacheFolder: string;
  readonly signal: AbortSignal;
  /** A new folder for probe encodes. */
  readonly workFolder: () => Promise<string>;
}

/** @throws UserError with everything that is wrong with ladder and source together */
export async function planLadder(
  checked: CheckedSource,
  { source, ladder: asked, chunkS }: TitleRequest,
  context: PlanContext,
): Promise<TitlePlan> {
  const { cacheFolder, signal, workFolder } = context;
  const encoders = await encodersOf(asked, context);
  const ladder =
    asked.perTitle === null
      ? asked
      : await titleLadder({
          checked,
          source,
          ladder: asked,
          encoders,
          folder: await workFolder(),
          cacheFolder,
          signal,
        });
  return planTitle({ checked, ladder, chunkS, encoders });
}

/** The encoders of every engine that the ladder names. @throws UserError where an engine can't be run */
export async function encodersOf(
  ladder: Ladder,
  { cacheFolder, signal }: Pick<PlanContext, 'cacheFolder' | 'signal'>,
): Promise<EncoderInfo[]> {
  const rungs = [...ladder.rungs, ...(ladder.perTitle?.encoders ?? [])];
  const engines = new Set(rungs.map(({ engine }) => String(engine ?? BUNDLED_ENGINE)));
  const found = [...engines].map((engine) => engineOf(engine).discover({ cacheFolder, signal }));
  return (await Promise.all(found)).flat();
}
