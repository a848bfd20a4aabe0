// Titles packaged and published by their items, from sample renditions: everything of the pipeline but the encoding.

import { randomUUID } from 'node:crypto';
import { copyFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { Json } from '#core/queue';
import type { ItemOutput, ItemResult, Protection, Rendition } from '#core/title';
import type { Lab } from '#lab/lab';
import type { ItemContext } from '#pipeline/item-work';
import { packageItem } from '#pipeline/items/package';
import { publishItem } from '#pipeline/items/publish';
import { publishedRoot } from '#pipeline/package/published-folder';
import { TitleFolder } from '#pipeline/title-folder';
import type { SampleInput } from './sample-renditions.ts';

export interface SampleTitle {
  readonly id: string;
  readonly name: string;
  readonly context: ItemContext;
  /** What the package item fixed. */
  readonly fixed: () => Json;
  readonly results: Map<string, ItemResult>;
}

/** A title in a lab whose renditions are made, and nothing after them. */
export async function sampleTitle(
  lab: Lab,
  inputs: readonly SampleInput[],
  protection: Protection,
  name = `bunny-${protection}`,
): Promise<SampleTitle> {
  const id = randomUUID();
  const folder = new TitleFolder(join(lab.path, 'titles', id));
  await folder.make();
  const results = new Map<string, ItemResult>();
  for (const input of inputs) {
    const copy = join(folder.path, 'work', basename(input.file));
    await copyFile(input.file, copy);
    const frames = input.kind === 'video' ? input.frames : null;
    const output = await folder.keep(copy, extname(copy).slice(1), { rendition: input.id, frames, run: null });
    results.set(`${input.kind === 'video' ? 'assemble' : input.kind}/${input.id}`, resultWith(output));
  }
  let fixed: Json = null;
  const context = {
    lab,
    title: id,
    folder,
    plan: {
      ladder: { protection, gopS: 2 },
      gop: 48,
      source: { frameRate: { num: 24, den: 1 } },
      renditions: inputs as unknown as readonly Rendition[],
    },
    item: { key: 'package', kind: 'package', needs: [...results.keys()], chunk: null, renditions: [], costS: null },
    publishTo: join(publishedRoot(lab.path), name),
    resultOf: async (key: string) => results.get(key)!,
    fix: async (value: Json) => (fixed ??= value),
    signal: new AbortController().signal,
    onProgress: () => undefined,
  } as unknown as ItemContext;
  return { id, name, context, fixed: () => fixed, results };
}

/** Packages and publishes it. */
export async function publishSample(title: SampleTitle): Promise<ItemResult> {
  title.results.set('package', await packageItem(title.context));
  return await publishItem(title.context);
}

function resultWith(output: ItemOutput): ItemResult {
  return { outputs: [output], cpuS: null, checkCpuS: null, facts: {} };
}
