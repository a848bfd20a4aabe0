// Which custom stats a view is about: those alone are computed.

import type { View } from '../view.ts';

/**
 * Names of stats that a view draws, brushes or has in one of its options (`against`).
 * @param names of the stats that there are
 */
export function statsNamedIn({ stats, brushes, options }: View, names: readonly string[]): string[] {
  const named = new Set([...stats, ...brushes.map(({ metric }) => metric), ...Object.values(options)]);
  return names.filter((name) => named.has(name));
}
