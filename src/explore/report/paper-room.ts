// How a table is set on paper: upright where its words have room, else on a page on its side, at last in small letters with words broken.

import type { TableColumn } from '../plots/plot.ts';
import { widthOfText } from '../scene/text-width.ts';
import { cellText } from './report-markdown.ts';

/** CSS pixels of A4 between margins of 10 mm; of Letter there is a little more. */
const [UPRIGHT_PX, SIDEWAYS_PX] = [718, 1047];
/** As in the style sheet of the report: letters of each, and what stands beside each column. */
const [UPRIGHT_LETTERS_PX, SIDEWAYS_LETTERS_PX, PADDING_PX] = [11, 10, 8];
/** Heads are bold, and no reader's fonts are known. */
const BOLD = 1.08;
const WIDER_FONTS = 1.12;

export type PaperClass = 'upright' | 'sideways' | 'crowded';

/** @param columns of a table whose cells wrap between words */
export function paperClass(columns: readonly TableColumn[]): PaperClass {
  if (leastWidth(columns, UPRIGHT_LETTERS_PX) <= UPRIGHT_PX) return 'upright';
  return leastWidth(columns, SIDEWAYS_LETTERS_PX) <= SIDEWAYS_PX ? 'sideways' : 'crowded';
}

/** Pixels of a table whose columns are as wide as their longest words. */
function leastWidth(columns: readonly TableColumn[], lettersPx: number): number {
  return columns.reduce((sum, column) => {
    const cells = column.values.map((_, row) => widestWord(cellText(column, row), lettersPx));
    return (
      sum + PADDING_PX + cells.reduce((most, px) => Math.max(most, px), BOLD * widestWord(column.title, lettersPx))
    );
  }, 0);
}

function widestWord(text: string, lettersPx: number): number {
  return Math.max(...text.split(/\s+/).map((word) => WIDER_FONTS * widthOfText(word, lettersPx)));
}
