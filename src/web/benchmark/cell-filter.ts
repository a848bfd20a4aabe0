// What is typed into the filter: words, each of which must be in a cell's label or name its state.

import type { CellState } from './results.ts';

/**
 * Positions of the cells that a filter leaves. `codec=x264` must be a whole property, `bitrate>400k` compares its
 * number; any other word may be part of one. A word with a minus before it must not be there.
 */
export function filterCells(text: string, labels: readonly string[], state: (cell: number) => CellState): number[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '' && word !== '-')
    .map((word) => ({ not: word.startsWith('-'), test: parseWord(word.replace(/^-/, '')) }));
  if (words.length === 0) return labels.map((_, cell) => cell);
  const cells: number[] = [];
  for (const [cell, label] of labels.entries()) {
    const lower = label.toLowerCase();
    if (words.every(({ not, test }) => test(lower, state(cell)) !== not)) cells.push(cell);
  }
  return cells;
}

type WordTest = (label: string, state: CellState) => boolean;

const COMPARISON = /^([^<>=]+)(<=|>=|<|>)(.+)$/;

function parseWord(word: string): WordTest {
  const [, name, sign, text] = COMPARISON.exec(word) ?? [];
  const limit = parseNumber(text ?? '');
  if (name !== undefined && !Number.isNaN(limit)) {
    return (label) => {
      const start = ` ${label}`.indexOf(` ${name}=`);
      const value = start === -1 ? NaN : parseNumber(label.slice(start + name.length + 1));
      return sign === '<'
        ? value < limit
        : sign === '>'
          ? value > limit
          : sign === '<='
            ? value <= limit
            : value >= limit;
    };
  }
  if (word.includes('=')) return (label) => ` ${label} `.includes(` ${word} `);
  return (label, state) => label.includes(word) || state === word;
}

const FACTORS: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, g: 1e9 };

/** `400k`, `1.5m`, `8`: the number that a value begins with; NaN where it begins with none. */
function parseNumber(text: string): number {
  const [, digits, factor] = /^(-?\d+(?:\.\d+)?)([kmg])?(?![a-z])/.exec(text) ?? [];
  return digits === undefined ? NaN : Number(digits) * (FACTORS[factor ?? ''] ?? 1);
}
