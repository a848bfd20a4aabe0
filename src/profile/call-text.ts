// A call tree as text to copy: a line for each way with its own weight ("folded"), or indented.

import { shareInterval } from './call-node.ts';
import { selfWeight } from './call-self.ts';
import type { CallTree } from './call-tree.ts';

/** What an indented tree leaves out. */
const LEAST_SHARE = 0.001;
/** Most lines of either text. */
const MAX_LINES = 100_000;

/**
 * `main;encode;sad 12`: samples, as stackcollapse-perf.pl of FlameGraph writes them. A `;` in a name becomes a `:`.
 * @param from the node whose subtree it is
 */
export function foldedText(tree: CallTree, from = 0): string {
  const lines: string[] = [];
  const path: string[] = [];
  const base = tree.depth[from]!;
  for (let node = from; node < tree.end[from]! && lines.length < MAX_LINES; node++) {
    path.length = tree.depth[node]! - base;
    path.push(tree.labels.name[tree.label[node]!]!.replaceAll(';', ':'));
    if (tree.selfSamples[node]! === 0) continue;
    // Node 0 is no function.
    const stack = from === 0 ? path.slice(1) : path;
    if (stack.length > 0) lines.push(`${stack.join(';')} ${tree.selfSamples[node]!}`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** Share of the whole, own share and name, two blanks deeper for each call. */
export function indentedText(tree: CallTree, from = 0, leastShare = LEAST_SHARE): string {
  const whole = tree.total[0]!;
  const percent = (value: number | null) =>
    (value === null ? '–' : `${((100 * value) / whole).toFixed(1)} %`).padStart(7);
  const lines = [`  total     self  of ${countedText(tree, tree.samples[0]!)}`];
  const base = tree.depth[from]!;
  let node = from;
  while (whole > 0 && node < tree.end[from]! && lines.length < MAX_LINES) {
    if (tree.total[node]! / whole < leastShare) {
      node = tree.end[node]!;
      continue;
    }
    const label = tree.label[node]!;
    const library = tree.labels.library[label]!;
    const name = `${tree.labels.name[label]!}${library === '' ? '' : ` [${library}]`}`;
    const indent = '  '.repeat(tree.depth[node]! - base);
    lines.push(`${percent(tree.total[node]!)}  ${percent(selfWeight(tree, node))}  ${indent}${name}`);
    node++;
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** `1,204 samples`, `1 stay`: of a tree of time off the CPU. */
export function countedText({ counted }: CallTree, count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? counted.slice(0, -1) : counted}`;
}

/** `12.3 % (10.1 to 14.9 %)`: a node's share of the whole and where it lies with 95 % confidence; the share alone where it is exact. */
export function shareText(tree: CallTree, node: number): string {
  const percent = (share: number) => (100 * share).toFixed(1);
  const { low, high } = shareInterval(tree, node);
  if (!(tree.total[0]! > 0)) return '–';
  const share = `${percent(tree.total[node]! / tree.total[0]!)} %`;
  return tree.counted === 'stays' ? share : `${share} (${percent(low)} to ${percent(high)} %)`;
}
