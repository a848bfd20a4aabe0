// Models in the lab: `models/shape-0001.json` and on. The newest that can be read holds; the others stay, to compare with.

import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '#system/atomic-file';
import { NUMBER_NAMES } from './features.ts';
import { SHAPE_MODEL_VERSION, type ShapeModel } from './model.ts';

/** The folder of models, in a lab's. */
export const MODELS_FOLDER = 'models';

const NAME = /^shape-(\d{4,})\.json$/;

/** What was found: the model that holds, and a sentence for each newer one that was passed over. */
export interface FoundModel {
  readonly model: ShapeModel | null;
  readonly problems: readonly string[];
}

/**
 * The newest model that can be read.
 * @param lab the lab's folder
 */
export async function readModel(lab: string): Promise<FoundModel> {
  const { models, problems } = await readModels(lab, 1);
  return { model: models[0] ?? null, problems };
}

/**
 * The newest models that can be read, the newest first.
 * @param lab the lab's folder
 * @param most so many of them
 */
export async function readModels(
  lab: string,
  most: number,
): Promise<{ readonly models: readonly ShapeModel[]; readonly problems: readonly string[] }> {
  const folder = join(lab, MODELS_FOLDER);
  const models: ShapeModel[] = [];
  const unread: { readonly number: number; readonly why: string }[] = [];
  for (const { name, number } of await modelFiles(folder)) {
    if (models.length === most) break;
    const path = join(folder, name);
    const model = parseModel(await readFile(path, 'utf8'), number);
    if (typeof model === 'string') unread.push({ number, why: `${path}: ${model}` });
    else models.push(model);
  }
  const holds = (number: number) =>
    models.some((model) => model.number < number) ? 'the one before it holds' : 'there is none before it';
  return { models, problems: unread.map(({ number, why }) => `${why}; ${holds(number)}`) };
}

/**
 * Stores a model as the newest one, whole or not at all.
 * @param lab the lab's folder
 * @returns the model with its number
 */
export async function writeModel(lab: string, model: ShapeModel): Promise<ShapeModel> {
  const folder = join(lab, MODELS_FOLDER);
  await mkdir(folder, { recursive: true });
  const [newest] = await modelFiles(folder);
  const numbered = { ...model, number: (newest?.number ?? 0) + 1 };
  const name = `shape-${String(numbered.number).padStart(4, '0')}.json`;
  await writeFileAtomic(join(folder, name), JSON.stringify(numbered));
  return numbered;
}

/** Newest first. */
async function modelFiles(folder: string): Promise<{ name: string; number: number }[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .flatMap((name) => {
      const number = NAME.exec(name)?.[1];
      return number === undefined ? [] : [{ name, number: Number(number) }];
    })
    .sort((a, b) => b.number - a.number);
}

/** @returns what is wrong with it, where it can't be used */
function parseModel(text: string, number: number): ShapeModel | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return 'the model is damaged (no JSON)';
  }
  const version = z.object({ version: z.number() }).safeParse(json).data?.version;
  if (version !== undefined && version !== SHAPE_MODEL_VERSION) {
    return `the model has version ${version}, this encodelab reads ${SHAPE_MODEL_VERSION}`;
  }
  const parsed = shapeModel.safeParse(json);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    return `the model is damaged (${path.length === 0 ? '' : `${path.map(String).join('.')}: `}${message})`;
  }
  if (parsed.data.numberNames.join() !== NUMBER_NAMES.join()) {
    return 'the model looks at other attributes of the work than this encodelab does';
  }
  return { ...parsed.data, number };
}

const numbers = z.array(z.number());
const trees = z
  .object({
    base: z.number(),
    edges: z.array(numbers),
    roots: numbers,
    column: numbers,
    bin: numbers,
    missingLeft: numbers,
    left: numbers,
    value: numbers,
  })
  .refine(areTrees, { message: 'no trees' });

/** Children stand behind their parents, so that every way through a tree ends. */
function areTrees(read: {
  edges: number[][];
  roots: number[];
  column: number[];
  bin: number[];
  missingLeft: number[];
  left: number[];
  value: number[];
}): boolean {
  const nodes = read.column.length;
  const columns = [read.bin, read.missingLeft, read.left, read.value];
  const inside = (node: number) => Number.isInteger(node) && node >= 0 && node < nodes;
  return (
    columns.every((column) => column.length === nodes) &&
    read.roots.every(inside) &&
    read.column.every(
      (column, node) =>
        column === -1 || (column in read.edges && read.left[node]! > node && inside(read.left[node]! + 1)),
    )
  );
}

const surface = z
  .object({
    facts: z.array(
      z.object({
        column: z.number().int().min(0),
        floor: z.number().nullable(),
        mean: z.number(),
        scale: z.number().positive(),
      }),
    ),
    points: numbers,
    weights: numbers,
    reach: z.number().positive(),
    mean: z.number(),
  })
  .refine(({ facts, points, weights }) => points.length === facts.length * weights.length, { message: 'no surface' });

const intervalModel = z.object({
  folds: z
    .array(
      z.object({
        mean: z.number(),
        means: z.array(z.record(z.string(), z.number())),
        surface: surface.nullable(),
        trees,
        spread: trees,
      }),
    )
    .min(1),
  variance: z.object({ titles: z.number(), pieces: z.number() }),
  bounds: z.array(z.object({ siblings: z.number(), low: z.number().nullable(), high: z.number() })).min(1),
  accuracy: z.object({
    titles: z.number(),
    rows: z.number(),
    after: z.array(
      z.object({
        siblings: z.number(),
        mdape: z.number(),
        covered: z.number(),
        notAbove: z.number(),
        reservedMean: z.number(),
        reservedMedian: z.number(),
      }),
    ),
  }),
});

const shapeModel = z.object({
  version: z.literal(SHAPE_MODEL_VERSION),
  number: z.number(),
  trainedAt: z.number(),
  rows: z.number(),
  titles: z.number(),
  numberNames: z.array(z.string()),
  known: z.array(z.string()),
  targets: z.object({
    durationS: intervalModel.nullable(),
    cpuS: intervalModel.nullable(),
    memoryPeak: intervalModel.nullable(),
  }),
});
