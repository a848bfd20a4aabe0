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
  /** As `encodersOf` finds them; it is asked where they are left out. */
  readonly encoders?: Promise<readonly EncoderInfo[]> | undefined;
  /** Told of each probe: a search takes minutes. */
  readonly onNote?: ((text: string) => void) | undefined;
}

/** @throws UserError with everything that is wrong with ladder and source together */
export async function planLadder(
  checked: CheckedSource,
  { source, ladder: asked, chunkS }: TitleRequest,
  context: PlanContext,
): Promise<TitlePlan> {
  const { cacheFolder, signal, workFolder, onNote } = context;
  const encoders = await (context.encoders ?? encodersOf(asked, context));
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
          onNote,
        });
  return planTitle({ checked, ladder, chunkS, encoders });
}

/**
 * The encoders that the ladder names, as each engine has them; all of an engine's where it lacks one, so that the error can
 * say which is meant. Asking for a few takes a second, for all of them ten.
 * @throws UserError where an engine can't be run
 */
export async function encodersOf(
  ladder: Ladder,
  { cacheFolder, signal }: Pick<PlanContext, 'cacheFolder'> & Partial<Pick<PlanContext, 'signal'>>,
): Promise<EncoderInfo[]> {
  const rungs = [...ladder.rungs, ...(ladder.perTitle?.encoders ?? [])];
  const byEngine = Map.groupBy(rungs, ({ engine }) => String(engine ?? BUNDLED_ENGINE));
  const found = [...byEngine].map(async ([setting, ofEngine]) => {
    const engine = engineOf(setting);
    const only = [...new Set(ofEngine.map(({ encoder }) => String(encoder)))];
    const named = await engine.discover({ only, cacheFolder, signal });
    return only.every((name) => named.some((encoder) => encoder.name === name))
      ? named
      : engine.discover({ cacheFolder, signal });
  });
  return (await Promise.all(found)).flat();
}
