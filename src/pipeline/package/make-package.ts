// A package: fragments of all renditions once, and the DASH and HLS manifests over them, made in a folder and checked.

import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { checkPackage } from './check-package.ts';
import { finishManifests, type ThumbnailSheets } from './finish-manifests.ts';
import {
  DASH_MANIFEST,
  HLS_MANIFEST,
  keyOption,
  packageOptions,
  streamDescriptors,
  type PackageInput,
  type PackageKeys,
} from './package-plan.ts';
import { runPackager } from './packager.ts';

/** Counts up when other bytes are made of the same input. */
const PACKAGE_VERSION = 1;
/** Characters of a hash in the name of a version: 64 bits tell a title's versions apart. */
const VERSION_LENGTH = 16;
const INPUTS = 'inputs';

export interface HashedFile {
  readonly path: string;
  /** SHA-256 of the content, hex. */
  readonly hash: string;
}

export interface PackageThumbnails {
  /** Copied into the package under these names. */
  readonly files: readonly (HashedFile & { readonly name: string })[];
  /** Null where they can't be told of in the manifests. */
  readonly sheets: ThumbnailSheets | null;
}

export interface PackageJob {
  /** In the order of the ladder. */
  readonly inputs: readonly (PackageInput & Pick<HashedFile, 'hash'>)[];
  readonly thumbnails: PackageThumbnails | null;
  /** Seconds of a segment. */
  readonly segmentS: number;
  /** Null for a package in the clear. */
  readonly keys: PackageKeys | null;
  /** Empty folder to work in. */
  readonly workFolder: string;
  readonly signal: AbortSignal;
}

export interface MadePackage {
  /** Folder of the two manifests. */
  readonly root: string;
  /** Folder of everything else, relative to it: named by what it was made of, so that its files never change. */
  readonly folder: string;
  /** All files, relative to the root, in order of their names; the manifests come last. */
  readonly files: readonly string[];
}

/**
 * Packages, mends the manifests, and reads it all again. The same job gives the same bytes.
 * @throws Error where it fails or what was made is wrong
 */
export async function makePackage(job: PackageJob): Promise<MadePackage> {
  const { inputs, workFolder, keys, signal } = job;
  const folder = versionOf(job);
  await mkdir(join(workFolder, folder), { recursive: true });
  await mkdir(join(workFolder, INPUTS));
  // The packager's descriptors have no way to write a comma: files come under names of ours.
  const pathOf = (input: PackageInput) => `${INPUTS}/${input.id}`;
  let inputBytes = 0;
  for (const input of inputs) {
    inputBytes += (await stat(input.file)).size;
    await symlink(input.file, join(workFolder, pathOf(input)));
  }
  await runPackager({
    streams: streamDescriptors(inputs, folder, pathOf),
    options: packageOptions(job.inputs, job.segmentS, keys),
    keys: keys === null ? null : keyOption(inputs, keys),
    secrets: keys?.keys.map(({ key }) => key) ?? [],
    folder: workFolder,
    inputBytes,
    signal,
  });
  await rm(join(workFolder, INPUTS), { recursive: true });
  for (const { path, name } of job.thumbnails?.files ?? []) await copyFile(path, join(workFolder, folder, name));
  await finishManifests(workFolder, folder, job.thumbnails?.sheets ?? null);
  await checkPackage(workFolder, folder, inputs, keys);
  signal.throwIfAborted();
  const names = (await readdir(join(workFolder, folder))).toSorted().map((name) => `${folder}/${name}`);
  return { root: workFolder, folder, files: [...names, DASH_MANIFEST, HLS_MANIFEST] };
}

/** A key belongs to its id for ever, so that the ids stand for the keys. */
function versionOf({ inputs, thumbnails, segmentS, keys }: PackageJob): string {
  const made = [
    PACKAGE_VERSION,
    inputs.map((input) => ({ ...input, file: null })),
    thumbnails && [thumbnails.sheets, thumbnails.files.map(({ name, hash }) => [name, hash])],
    segmentS,
    keys && [
      keys.scheme,
      keys.keys.map(({ label, keyId }) => [label, keyId]),
      keys.systems.map(({ pssh }) => [...pssh]),
      keys.ivs,
    ],
  ];
  return createHash('sha256').update(JSON.stringify(made)).digest('hex').slice(0, VERSION_LENGTH);
}
