// Which custom stats a view is about, and which of them there is room for: those alone are computed.

import type { View } from '../view.ts';

/**
 * Names of stats that a view draws, brushes or has in one of its options (`against`).
 * @param names of the stats that there are
 */
export function statsNamedIn({ stats, brushes, options }: View, names: readonly string[]): string[] {
  const named = new Set([...stats, ...brushes.map(({ metric }) => metric), ...Object.values(options)]);
  return names.filter((name) => named.has(name));
}

/** A metric that was recorded later than a stat of its name was saved is what everybody means by that name. */
export function withoutRecorded<Stat extends { readonly name: string }>(
  stats: readonly Stat[],
  metrics: readonly { readonly name: string }[],
): { readonly free: readonly Stat[]; readonly hidden: readonly Stat[] } {
  const recorded = new Set(metrics.map(({ name }) => name));
  return {
    free: stats.filter(({ name }) => !recorded.has(name)),
    hidden: stats.filter(({ name }) => recorded.has(name)),
  };
}

/** Without a full stop. */
export function hiddenWords({ name }: { readonly name: string }): string {
  return `${name} is what was recorded: the saved stat of that name is not shown, give it another`;
}
