// A lab that learns: its models are trained by its own finished work, and anew as there is more of it.

import { WHOLE } from '#core/shape';
import { UserError } from '#core/user-error';
import type { Lab } from '#lab/lab';
import { compactShapes } from '#lab/shapes/compact-shapes';
import { readShapes } from '#lab/shapes/read-shapes';
import { runWatched } from '#media/watched-child';
import { LEAST_TITLES } from './held-out.ts';
import { readModel } from './model-file.ts';
import { needsRetraining, type ShapeModel } from './model.ts';
import type { TrainJob, TrainMessage } from './train-messages.ts';

/** What models learn from. */
const LEARNED = { phase: WHOLE, outcome: 'ok' } as const;
/** The same rows give the same model. */
const SEED = 1;
/** Far more than 40,000 rows take on a slow machine. */
const TRAIN_TIMEOUT_MS = 15 * 60_000;
/** 200,000 pieces of work as rows, and what trees are grown from. */
const MAX_TRAIN_RSS_BYTES = 3_000_000_000;

export interface LearnOptions {
  readonly signal?: AbortSignal | undefined;
  /** True gives way to all other work of the machine. */
  readonly isBackground?: boolean | undefined;
  /** Told of what can't be read, and is left out. */
  readonly tell?: ((text: string) => void) | undefined;
}

/**
 * Trains a model from all finished work of the lab and stores it.
 * @returns the model, or why there is none
 * @throws UserError where the shapes can't be read or the model can't be written
 */
export async function train(lab: Lab, options: LearnOptions = {}): Promise<ShapeModel | string> {
  for (const why of (await compactShapes(lab)).leftOut) options.tell?.(why);
  return trainInChild(lab, options);
}

/**
 * Trains only where there is enough work that no model has seen yet.
 * @returns the new model; null where nothing was to be learned
 */
export async function trainIfGrown(lab: Lab, options: LearnOptions = {}): Promise<ShapeModel | null> {
  await compactShapes(lab);
  const { model } = await readModel(lab.path);
  const { title, source, duration_s } = await readShapes(lab, LEARNED, { columns: ['title', 'source', 'duration_s'] });
  const titles = new Set(Array.from(duration_s, (_, row) => title[row] ?? source[row] ?? row)).size;
  if (model === null ? titles < LEAST_TITLES : !needsRetraining(model, duration_s.length)) return null;
  const trained = await trainInChild(lab, options);
  return typeof trained === 'string' ? null : trained;
}

async function trainInChild(
  lab: Lab,
  { signal, isBackground = false, tell }: LearnOptions,
): Promise<ShapeModel | string> {
  const job: TrainJob = { lab: lab.path, seed: SEED, isBackground };
  let message: Exclude<TrainMessage, { readonly kind: 'told' }> | null = null;
  const { child, stopped } = await runWatched(import.meta.url, './train-child', job, {
    stallMs: TRAIN_TIMEOUT_MS,
    timeoutMs: TRAIN_TIMEOUT_MS,
    maxRssBytes: MAX_TRAIN_RSS_BYTES,
    signal,
    onMessage: (raw) => {
      const said = raw as unknown as TrainMessage;
      if (said.kind === 'told') tell?.(said.text);
      else message = said;
    },
  });
  signal?.throwIfAborted();
  const told = message as Exclude<TrainMessage, { readonly kind: 'told' }> | null;
  if (told?.kind === 'failed') throw new UserError({ what: told.reason });
  if (told === null || child.code !== 0)
    throw new UserError({ what: `no model could be trained: ${child.stderr.trim() || (stopped ?? child.end)}` });
  if (told.kind === 'refused') return told.reason;
  const { model } = await readModel(lab.path);
  if (model === null) throw new UserError({ what: 'the model that was just trained is gone', where: lab.path });
  return model;
}
