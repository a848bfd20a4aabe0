// Where the plots of a report stand: a line for each family that roles have, a column for each role; what only the run has, or one role,
// follows side by side, so that the page has no holes.

import { RUN_ROLE, type ReportCell, type ReportPage } from './report-panels.ts';

export const NARROWEST = 250;
export const GAP_PX = 12;
/** Plots beside each other where there are no roles. */
const MOST_ACROSS = 3;

interface GridPlace {
  readonly column: number;
  readonly line: number;
}

export interface ReportGrid {
  readonly across: number;
  readonly lines: number;
  readonly places: readonly (GridPlace & { readonly cell: ReportCell })[];
  /** Roles in which a family was not measured, though it was in others. */
  readonly missing: readonly (GridPlace & { readonly text: string })[];
}

export function gridOf({ families, roles, cells }: ReportPage, widthPx: number): ReportGrid {
  const columns = roles.filter((role) => role !== RUN_ROLE);
  const ofFamily = (family: string) => cells.filter((cell) => cell.family === family && cell.isOfRole);
  // A family of one role needs no line of its own, unless there is but one.
  const byRole = columns.length < 2 ? [] : families.filter((family) => ofFamily(family).length > 1);
  const rest = cells.filter((cell) => !(cell.isOfRole && byRole.includes(cell.family)));
  const fitting = Math.max(1, Math.floor((widthPx + GAP_PX) / (NARROWEST + GAP_PX)));
  const across = byRole.length > 0 ? columns.length : Math.min(MOST_ACROSS, fitting, rest.length);
  const places = byRole.flatMap((family, line) =>
    ofFamily(family).map((cell) => ({ cell, line, column: columns.indexOf(cell.role) })),
  );
  const missing = byRole.flatMap((family, line) =>
    columns.flatMap((role, column) =>
      ofFamily(family).some((cell) => cell.role === role)
        ? []
        : [{ line, column, text: `${family}: not measured in the ${role}` }],
    ),
  );
  for (const [i, cell] of rest.entries())
    places.push({ cell, line: byRole.length + Math.floor(i / across), column: i % across });
  return { across, lines: byRole.length + Math.ceil(rest.length / across), places, missing };
}
