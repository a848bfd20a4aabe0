// The lab's own shapes, as a workload asks for them.

import type { ShapeRow } from '#core/shape';
import { readShapes, shapeRow, type ShapesOf } from '#lab/shapes/read-shapes';
import type { ShapesByFilter } from './draw-work.ts';
import { parseShapeFilter } from './shape-filter.ts';

/** Rows of one filter: the newest. */
const MAX_ROWS = 100_000;

/**
 * @param filters as `shapeFilters` of a workload tells them; what was not merged yet is not in (`compactShapes` before)
 * @throws UserError where the list of the files is damaged; files that are damaged are left out
 */
export async function labShapes(lab: ShapesOf, filters: readonly string[]): Promise<ShapesByFilter> {
  const found = new Map<string, readonly ShapeRow[]>();
  for (const text of filters) {
    const parsed = parseShapeFilter(text);
    // The workload's own parser lets nothing else through.
    if (!parsed.ok) throw new Error(parsed.what);
    const columns = await readShapes(lab, parsed.filter, { limit: MAX_ROWS });
    found.set(
      text,
      columns.id.map((_, i) => shapeRow(columns, i)),
    );
  }
  return found;
}
