// The item `package`: every rendition of a title made into fragments, encrypted as the ladder wants, under DASH and HLS.

import { readFile, rm } from 'node:fs/promises';
import { extname, join } from 'node:path';
import {
  PROTECTIONS,
  type ItemOutput,
  type ItemResult,
  type PlannedItem,
  type Protection,
  type Rendition,
  type TitlePlan,
} from '#core/title';
import type { ItemContext, ItemWork } from '../item-work.ts';
import { makePackage, type PackageJob } from '../package/make-package.ts';
import { openKeyStore } from '../package/key-store.ts';
import { packageKeys } from '../package/package-keys.ts';
import { DASH_MANIFEST, HLS_MANIFEST, describeKeys } from '../package/package-plan.ts';
import type { PackageFacts } from '../package/package-facts.ts';
import { readThumbnails } from '../package/thumbnail-files.ts';

export const packageItem: ItemWork = async (context) => {
  const { plan, folder, title, lab, shape, signal } = context;
  const made = await Promise.all(plan.renditions.map((rendition) => inputOf(context, rendition)));
  const isEmpty = await Promise.all(made.map(hasNoCues));
  const inputs = made.filter((_, i) => !isEmpty[i]);
  const protection = packageVariant(context.item) ?? plan.ladder.protection;
  const keys =
    protection === 'none' ? null : await packageKeys(title, protection, inputs, openKeyStore(lab.path), context.fix);
  const workFolder = await folder.workFolder();
  try {
    shape?.stage('make');
    const packaged = await makePackage({
      inputs,
      thumbnails: await readThumbnails(context),
      segmentS: segmentSeconds(plan),
      keys,
      workFolder,
      signal,
    });
    shape?.stage('keep');
    const outputs: ItemOutput[] = [];
    for (const name of packaged.files)
      outputs.push(
        await folder.keep(join(packaged.root, name), extname(name).slice(1), {
          rendition: name,
          frames: null,
          run: null,
        }),
      );
    const facts: PackageFacts = {
      version: 1,
      folder: packaged.folder,
      dash: DASH_MANIFEST,
      hls: HLS_MANIFEST,
      protection,
      keyIds: keys === null ? {} : describeKeys(keys.keys),
      leftOut: made.filter((_, i) => isEmpty[i]).map(({ id }) => id),
    };
    return { outputs, cpuS: null, checkCpuS: null, facts: { ...facts } };
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
};

async function inputOf({ resultOf, folder }: ItemContext, rendition: Rendition): Promise<PackageJob['inputs'][number]> {
  const key = `${rendition.kind === 'video' ? 'assemble' : rendition.kind}/${rendition.id}`;
  const output = onlyOutput(await resultOf(key), key);
  const made = { file: folder.pathOf(output), hash: output.hash };
  const { id } = rendition;
  switch (rendition.kind) {
    case 'video':
      if (output.frames === null) throw new Error(`${key} does not tell how many frames it has`);
      return { kind: 'video', id, width: rendition.width, height: rendition.height, frames: output.frames, ...made };
    case 'audio': {
      const { codec, bitrate, language } = rendition;
      return { kind: 'audio', id, codec, bitrate, language, ...made };
    }
    case 'text':
      return { kind: 'text', id, language: rendition.language, ...made };
  }
}

/** Subtitles in which nothing is ever said: the packager refuses them, and a player would offer them for nothing. */
async function hasNoCues({ kind, file }: PackageJob['inputs'][number]): Promise<boolean> {
  return kind === 'text' && !(await readFile(file, 'utf8')).includes('-->');
}

function onlyOutput({ outputs }: ItemResult, key: string): ItemOutput {
  if (outputs.length !== 1) throw new Error(`${key} has ${outputs.length} files where one was expected`);
  return outputs[0]!;
}

/** `package/none`, `publish/none`: that protection, whatever the ladder's is; null for `package` and `publish`. */
export function packageVariant({ key }: Pick<PlannedItem, 'key'>): Protection | null {
  const [, variant] = key.split('/');
  if (variant === undefined) return null;
  const known = PROTECTIONS.find((protection) => protection === variant);
  if (known === undefined) throw new Error(`${key} names no protection`);
  return known;
}

/** A segment is a group of pictures; half a frame less, so that no keyframe comes before the segment's end. */
function segmentSeconds({ gop, source, ladder }: TitlePlan): number {
  const rate = source.frameRate;
  return rate === null ? ladder.gopS : ((gop - 0.5) * rate.den) / rate.num;
}
