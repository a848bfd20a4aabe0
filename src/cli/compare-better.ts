// `bench compare --better NAME=lower`: which way a metric is better that does not say it itself.

import { InvalidArgumentError } from 'commander';
import type { Side } from '#explore/compare/side';

export interface NamedBetter {
  readonly metric: string;
  readonly better: 'higher' | 'lower';
}

/** The side with the metrics judged as they are named; the last word on each counts. */
export function betterSides(side: Side, named: readonly NamedBetter[]): Side {
  return {
    ...side,
    metrics: side.metrics.map((metric) => ({
      ...metric,
      better: named.findLast((one) => one.metric === metric.name)?.better ?? metric.better,
    })),
  };
}

/** For commander: `bitrate=lower`, once more with every time that the option is given. */
export function collectBetter(text: string, before: readonly NamedBetter[] = []): NamedBetter[] {
  const at = text.lastIndexOf('=');
  const metric = text.slice(0, Math.max(0, at)).trim();
  const better = text.slice(at + 1).trim();
  if (metric === '' || (better !== 'higher' && better !== 'lower'))
    throw new InvalidArgumentError('It is a metric and its better side: bitrate=lower or NAME=higher.');
  return [...before, { metric, better }];
}
