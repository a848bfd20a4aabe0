// Repeats of a cell that were run again: a report counts all runs of them, where results of a benchmark have the newest only.

import type { Dataset } from '../data/dataset.ts';

/**
 * A sentence where some of these runs are earlier ones of a repeat that was run again; null where there are none.
 * @param rows that count, of benchmarks: elsewhere a number of a repeat tells nothing
 */
export function runAgainRemark({ cells, repeats }: Dataset, rows: Uint32Array): string | null {
  const slots = new Set(Array.from(rows, (row) => `${cells[row]} ${repeats[row]}`));
  const earlier = rows.length - slots.size;
  if (earlier === 0) return null;
  const been = earlier === 1 ? 'has been' : 'have been';
  return `All ${rows.length} runs count here, though ${earlier} ${been} run again since, with a profile perhaps: \`bench report\` as text and \`bench compare\` take of each repeat the newest only, ${slots.size} runs, and may have other medians.`;
}
