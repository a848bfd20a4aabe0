// The item `publish`: the package put where players find it.

import type { ItemWork } from '../item-work.ts';
import { openFolderStore } from '../package/folder-store.ts';
import { readPackageFacts } from '../package/package-facts.ts';
import { publishPackage } from '../package/publish-package.ts';

/** Its facts: `hls` and `dash`, the paths of the manifests. */
export const publishItem: ItemWork = async ({ title, folder, publishTo, resultOf, signal, onProgress }) => {
  const { outputs, facts } = await resultOf('package');
  const made = readPackageFacts(facts);
  const store = openFolderStore(publishTo);
  await publishPackage(store, {
    title,
    facts: made,
    files: outputs.map((output) => ({ name: output.rendition, file: folder.pathOf(output), bytes: output.bytes })),
    signal,
    onProgress,
  });
  return {
    outputs: [],
    cpuS: null,
    checkCpuS: null,
    facts: { hls: store.locate(made.hls), dash: store.locate(made.dash) },
  };
};
