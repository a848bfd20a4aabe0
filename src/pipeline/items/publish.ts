// The item `publish`: the package put where players find it.

import { join } from 'node:path';
import type { ItemWork } from '../item-work.ts';
import { openFolderStore, removeUnfinished } from '../package/folder-store.ts';
import { readPackageFacts } from '../package/package-facts.ts';
import { publishPackage } from '../package/publish-package.ts';
import { packageVariant } from './package.ts';

/** Its facts: `hls` and `dash`, the paths of the manifests. A variant is a folder in the title's own. */
export const publishItem: ItemWork = async ({ title, folder, item, publishTo, resultOf, shape, signal }) => {
  const variant = packageVariant(item);
  const { outputs, facts } = await resultOf(variant === null ? 'package' : `package/${variant}`);
  const made = readPackageFacts(facts);
  const place = variant === null ? publishTo : join(publishTo, variant);
  await removeUnfinished(place);
  shape?.stage('make');
  const store = openFolderStore(place);
  await publishPackage(store, {
    title,
    facts: made,
    files: outputs.map((output) => ({ name: output.rendition, file: folder.pathOf(output), bytes: output.bytes })),
    signal,
  });
  return {
    outputs: [],
    cpuS: null,
    checkCpuS: null,
    facts: { hls: store.locate(made.hls), dash: store.locate(made.dash) },
  };
};
