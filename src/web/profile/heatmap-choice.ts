// How a heatmap is looked at, and the same as the address has it: `folded,20`, `linear,thread`, `folded,cpu,row:CPU 1`.

import { ROW_KINDS, type RowKind } from '#profile/heatmap-rows';
import { FOLDED_ROWS, FORMS, type HeatmapForm } from './heatmap-layout.ts';

export interface HeatmapChoice {
  readonly form: HeatmapForm;
  /** Cells of a second, where it is folded. */
  readonly cells: (typeof FOLDED_ROWS)[number];
  readonly rows: RowKind;
  /** Name of the one that is folded; null for the first. */
  readonly row: string | null;
}

export const FIRST_CHOICE: HeatmapChoice = { form: 'folded', cells: 50, rows: 'all', row: null };

/** Shorter ones would be a few columns, and a line of time shows all of them at once. */
const FOLDED_FROM_S = 5;

const LINEAR: HeatmapChoice = { ...FIRST_CHOICE, form: 'linear' };

/** How a profile of so many seconds is looked at first. */
export function firstChoice(seconds: number): HeatmapChoice {
  return seconds < FOLDED_FROM_S ? LINEAR : FIRST_CHOICE;
}

/** What is not understood is as at first. */
export function parseHeatmapChoice(text: string | null, first = FIRST_CHOICE): HeatmapChoice {
  const words = (text ?? '').split(',');
  return {
    form: FORMS.find((form) => words.includes(form)) ?? first.form,
    cells: FOLDED_ROWS.find((count) => words.includes(String(count))) ?? FIRST_CHOICE.cells,
    rows: ROW_KINDS.find((kind) => words.includes(kind)) ?? FIRST_CHOICE.rows,
    row: words.find((word) => word.startsWith('row:'))?.slice(4) ?? null,
  };
}

/** What in the address is no way to look at it. */
export function unknownHeatmapWords(text: string | null): string[] {
  const known = new Set<string>([...FORMS, ...FOLDED_ROWS.map(String), ...ROW_KINDS, '']);
  return (text ?? '').split(',').filter((word) => !known.has(word) && !word.startsWith('row:'));
}

/** Null where it is as at first. */
export function formatHeatmapChoice({ form, cells, rows, row }: HeatmapChoice, first = FIRST_CHOICE): string | null {
  const words = [
    form,
    ...(form === 'folded' && cells !== FIRST_CHOICE.cells ? [String(cells)] : []),
    ...(rows === 'all' ? [] : [rows]),
    ...(form === 'folded' && row !== null ? [`row:${row.replaceAll(',', ' ')}`] : []),
  ];
  return words.length === 1 && form === first.form ? null : words.join(',');
}
