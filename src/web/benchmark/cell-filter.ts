// What is typed into the filter: words, each of which must be in a cell's label or name its state.

import type { CellState } from './results.ts';

/**
 * Positions of the cells that a filter leaves. `codec=x264` must be a whole property; any other word may be part of one.
 * A word with a minus before it must not be there.
 */
export function filterCells(text: string, labels: readonly string[], state: (cell: number) => CellState): number[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '' && word !== '-');
  if (words.length === 0) return labels.map((_, cell) => cell);
  const cells: number[] = [];
  for (const [cell, label] of labels.entries()) {
    const lower = label.toLowerCase();
    const has = (word: string) =>
      word.includes('=') ? ` ${lower} `.includes(` ${word} `) : lower.includes(word) || state(cell) === word;
    if (words.every((word) => (word.startsWith('-') ? !has(word.slice(1)) : has(word)))) cells.push(cell);
  }
  return cells;
}
