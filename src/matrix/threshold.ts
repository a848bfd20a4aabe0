// Thresholds as they stand in the file: `encode.fps p5 >= 20`.

import type { Threshold } from '#core/benchmark';
import { listNames, type ProblemList } from '#system/yaml/problem-list';
import type { YamlEntry, YamlNode } from '#system/yaml/yaml-tree';

const COMPARISONS = ['>=', '<=', '==', '>', '<'] as const;
/** Statistics over the repeats of a cell; one such as p5 belongs to the metric of a run. */
const STATISTICS = ['median', 'mean', 'min', 'max'];
const MULTIPLES: Readonly<Record<string, number>> = { k: 1e3, K: 1e3, M: 1e6, G: 1e9 };

/** Reads `thresholds:`: one text or a list of them. */
export function readThresholds(section: YamlEntry | undefined, problems: ProblemList): Threshold[] {
  if (section === undefined || (section.value.kind === 'scalar' && section.value.value === null)) return [];
  const items = section.value.kind === 'list' ? section.value.items : [section.value];
  return items.flatMap((item) => readThreshold(item, problems) ?? []);
}

function readThreshold(node: YamlNode, problems: ProblemList): Threshold | null {
  const wrong = (what: string, todo: string) => {
    problems.add(node.at, what, todo);
    return null;
  };
  if (node.kind !== 'scalar') return wrong('a threshold is a text', '- "encode.fps p5 >= 20"');
  const text = node.text.trim();
  const match = /^([^<>=!]*)([<>=!]+)([^<>=!]*)$/.exec(text);
  if (match === null) return wrong(`'${text}' is no threshold`, 'write METRIC >= NUMBER: encode.fps p5 >= 20');
  const [, left, sign, right] = match.map((part) => part.trim());
  const comparison = COMPARISONS.find((known) => known === sign);
  if (comparison === undefined)
    return wrong(`'${sign}' is no comparison`, sign === '=' ? 'write ==' : `write one of ${listNames(COMPARISONS)}`);
  const value = parseNumber(right!);
  if (value === null)
    return wrong(`'${right}' is no number`, "a number in the metric's own unit, with k, M or G where that helps: 4M");
  const words = left!.split(/\s+/);
  const last = words.at(-1)!;
  const statistic = words.length > 1 && STATISTICS.includes(last) ? last : 'median';
  const metric = (words.length > 1 && STATISTICS.includes(last) ? words.slice(0, -1) : words).join(' ');
  if (metric === '') return wrong('a threshold needs a metric before the comparison', 'encode.fps p5 >= 20');
  return { text, metric, statistic, comparison, value, where: problems.where(node.at) };
}

function parseNumber(text: string): number | null {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([kKMG]?)$/.exec(text);
  return match === null ? null : Number(match[1]) * (MULTIPLES[match[2]!] ?? 1);
}
