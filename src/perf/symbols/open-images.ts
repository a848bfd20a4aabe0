// Opens images, each once for its path and build id. What is not to be had is an image that says why.

import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import type { Image, Images } from '../image.ts';
import { debugFileOf, findDebugFile, openElf } from './debug-file.ts';
import type { ElfFile } from './elf-file.ts';
import { ElfImage } from './elf-image.ts';
import { kernelImage } from './kernel-image.ts';
import { namedImage } from './named-image.ts';
import { perfMapImage } from './perf-map-image.ts';
import { vdsoImage } from './vdso-image.ts';

/** Places to look in. */
export interface ImageFolders {
  /** Of debug files; by default /usr/lib/debug. */
  readonly debugFolder?: string;
  /** Where perf keeps copies of what it recorded; by default ~/.debug. */
  readonly buildIdCache?: string;
  /** Where processes write perf maps; by default /tmp. */
  readonly mapFolder?: string;
}

/** Of this machine: its files, its kernel. */
export function openImages(folders: ImageFolders = {}): Images {
  const places: Required<ImageFolders> = {
    debugFolder: '/usr/lib/debug',
    buildIdCache: join(homedir(), '.debug'),
    mapFolder: '/tmp',
    ...folders,
  };
  const images = new Map<string, Image>();
  const once = (key: string, open: () => Image): Image => {
    const known = images.get(key);
    if (known !== undefined) return known;
    const image = open();
    images.set(key, image);
    return image;
  };
  return {
    file: (path, buildId) => once(`file ${buildId ?? ''} ${path}`, () => fileImage(path, buildId, places)),
    kernel: () => once('kernel', () => kernelImage()),
    vdso: () => once('vdso', vdsoImage),
    perfMap: (process) => once(`map ${process}`, () => perfMapImage(process, places.mapFolder)),
  };
}

function fileImage(
  path: string,
  recorded: string | null,
  { debugFolder, buildIdCache }: Required<ImageFolders>,
): Image {
  const library = basename(path);
  const buildId = recorded === null ? null : withoutPadding(recorded);
  const present = openElf(path);
  if (present !== null && fits(present, buildId)) {
    const debug = findDebugFile(present, path, debugFolder);
    return new ElfImage({ library, kind: 'user', elf: present, debug });
  }
  if (buildId !== null && /^[\da-f]{4,128}$/.test(buildId)) {
    const kept = openElf(join(buildIdCache, '.build-id', buildId.slice(0, 2), buildId.slice(2), 'elf'));
    if (kept !== null && fits(kept, buildId)) {
      return new ElfImage({ library, kind: 'user', elf: kept, debug: debugFileOf(buildId, debugFolder) });
    }
  }
  return namedImage(library, 'user', whyNot(path, present, buildId));
}

function fits(elf: ElfFile, buildId: string | null): boolean {
  return buildId === null || elf.buildId === null ? true : withoutPadding(elf.buildId) === buildId;
}

/** perf keeps 20 bytes: shorter ones end with zeros there. */
function withoutPadding(buildId: string): string {
  return buildId.replace(/(?:00)+$/, '');
}

function whyNot(path: string, present: ElfFile | null, buildId: string | null): string {
  if (present !== null) {
    return `${path} is not the file that ran: its build id is ${present.buildId}, that of the recording ${buildId}. Take the profile where the file is, or before it is replaced.`;
  }
  try {
    accessSync(path, constants.R_OK);
  } catch {
    return `${path} is not there or can't be read: its functions have no names. Take the profile where the file is.`;
  }
  return `${path} is not a little-endian ELF file that can be read: its functions have no names.`;
}
