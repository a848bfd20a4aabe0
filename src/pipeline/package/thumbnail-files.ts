// The small pictures of a title, as the item `thumbnails` left them, under the names that they have in a package.

import { z } from 'zod';
import type { ItemOutput } from '#core/title';
import type { ItemContext } from '../item-work.ts';
import type { ThumbnailSheets } from './finish-manifests.ts';
import type { PackageThumbnails } from './make-package.ts';

/** Of what the item tells: names of its outputs, in their order, and how pictures lie on the first sheet. */
const FACTS = z.object({
  names: z.array(z.string().regex(/^[\w-]+\.\w+$/)),
  intervalS: z.number().positive(),
  tile: z.object({ width: z.int(), height: z.int(), columns: z.int().positive(), rows: z.int().positive() }),
});
/** Sheets are numbered from 1, as manifests want it. */
const SHEET = /^(.+-)\d+(\.jpg)$/;

/** Null where the title has none. */
export async function readThumbnails({
  item,
  folder,
  resultOf,
}: Pick<ItemContext, 'item' | 'folder' | 'resultOf'>): Promise<PackageThumbnails | null> {
  if (!item.needs.includes('thumbnails')) return null;
  const { outputs, facts } = await resultOf('thumbnails');
  const { names, intervalS, tile } = FACTS.parse(facts);
  const files = outputs.map((output, i) => ({ name: names[i]!, path: folder.pathOf(output), hash: output.hash }));
  return { files, sheets: sheetsOf(outputs, names, intervalS, tile) };
}

function sheetsOf(
  outputs: readonly ItemOutput[],
  names: readonly string[],
  everyS: number,
  tile: Pick<ThumbnailSheets, 'width' | 'height' | 'columns' | 'rows'>,
): ThumbnailSheets | null {
  const sheets = outputs.filter((_, i) => SHEET.test(names[i]!));
  const [, prefix, ending] = names.map((name) => SHEET.exec(name)).find((match) => match !== null) ?? [];
  if (prefix === undefined || ending === undefined) return null;
  const bytes = sheets.reduce((sum, sheet) => sum + sheet.bytes, 0);
  return { prefix, ending, ...tile, everyS, sheets: sheets.length, bytes };
}
