// Which settings matter: one finding a setting, with the metrics that it decides most.

import { propertyTitle } from '../data/dataset.ts';
import { MAX_STATS } from '../view.ts';
import { isItsMeaning } from './asked.ts';
import type { Effect } from './effects.ts';
import type { Evidence, Finding } from './finding.ts';
import { importanceOf, leastDifference } from './headline-metrics.ts';
import type { Study } from './study.ts';
import * as words from './wording.ts';

/** A setting that explains less of a metric's variance is not worth a sentence. */
const LEAST_SHARE = 0.02;
/** Metrics named in the title, and in the evidence. */
const NAMED = 2;
const NEARLY = 0.6;
const LISTED = 8;

/** Effects that are told: certain, and large enough to be of use. */
export function tellingEffects(effects: readonly Effect[]): Effect[] {
  return effects.filter((effect) => {
    const { metric, share, p } = effect;
    if (!(p < words.ALPHA) || !(share >= LEAST_SHARE)) return false;
    const [low, high] = rangeOf(effect);
    return high.value - low.value >= leastDifference(metric.column, metric.isRatio);
  });
}

export function findMatters(study: Study, telling: readonly Effect[]): Finding[] {
  return [...Map.groupBy(telling, ({ factor }) => factor)].flatMap(([factor, own]) => {
    const news = own.filter(({ metric }) => !isItsMeaning(factor.name, metric.column.name));
    const first = news.filter(({ metric }) => study.headlines.includes(metric));
    const ranked = (first.length > 0 ? first : news).toSorted((a, b) => b.share - a.share);
    const best = ranked[0];
    if (best === undefined) return [];
    // Of nearly equal shares the metric that people ask for first, and the one that is decided most.
    const near = first.filter(({ share }) => share >= NEARLY * best.share);
    const named = near.length > NAMED ? [near[0]!, near[0] === best ? near[1]! : best] : near;
    const told = named.length > 0 ? named : [best];
    const parts = told.map(
      (effect) => `${words.shareText(effect.share)} of ${effect.metric.column.name} (${rangeText(study, effect)})`,
    );
    const coarser = best.within.map((other) => propertyTitle(study.names, other.name));
    const name = `${words.factorText(study, factor)}${coarser.length > 0 ? ` within ${words.listText(coarser)}` : ''}`;
    return {
      kind: 'matters',
      id: `matters:${factor.name}`,
      title: `${name} decides ${words.listText(parts)}`,
      advice: adviceText(told, telling),
      evidence: [
        ...ranked.slice(0, LISTED).flatMap((effect) => evidenceOf(study, effect)),
        words.chanceEvidence(best.p),
      ],
      p: best.p,
      weight: Math.max(...ranked.map(({ share, metric }) => share * importanceOf(metric.column))),
      view: {
        placed: words.placed(factor.name, partner(telling, best)),
        stats: ranked.slice(0, MAX_STATS).map(({ metric }) => metric.column.name),
      },
      runs: words.cellRuns(study, extremeCells(best)),
    };
  });
}

function evidenceOf(study: Study, effect: Effect): Evidence[] {
  const { metric, share } = effect;
  return [
    { label: `share of the variance of ${metric.column.name}`, value: share, unit: '1' },
    { label: `${metric.column.name}, lowest and highest`, value: rangeText(study, effect), unit: null },
  ];
}

/** `31 frame/s at preset=slow, 240 frame/s at preset=ultrafast`. */
function rangeText(study: Study, effect: Effect): string {
  const { factor, metric } = effect;
  return rangeOf(effect)
    .map(({ value, level }) => `${words.valueText(metric, value)} at ${words.levelText(study, factor, level)}`)
    .join(', ');
}

/** @param told effects of one setting, @param telling those of all */
function adviceText(told: readonly Effect[], telling: readonly Effect[]): string {
  const rivals = told.map((effect) => ({ effect, rival: strongestOther(telling, effect) }));
  const most = rivals.filter(
    ({ effect, rival }) => effect.share >= MOST && !(rival !== null && rival.share >= effect.share),
  );
  if (most.length === 0) {
    const share = Math.max(...told.map((effect) => effect.share));
    return share >= SOME ? 'It is one of several settings that count here.' : 'It counts, but others count more.';
  }
  const metrics = most.map(({ effect }) => effect.metric.column.name);
  const isRivalled = most.some(({ rival }) => rival !== null);
  const others = isRivalled ? `: the others change ${metrics.length === 1 ? 'it' : 'them'} less` : '';
  return `Choose this setting first for ${words.listText(metrics)}${others}.`;
}

/** Of a metric's variance: most of it, and some. */
const MOST = 0.5;
const SOME = 0.1;

/** The levels with the lowest and the highest values: of levels that a coarser setting keeps together (presets of one codec), where they are farthest apart. */
function rangeOf({ factor, metric, within }: Effect) {
  const keyOf = (level: number) => {
    const cell = factor.codes.indexOf(level);
    return within.map(({ codes }) => codes[cell]!).join();
  };
  const known = Array.from(words.levelMiddles(factor, metric.middles), (value, level) => ({ value, level }))
    .filter(({ value }) => !Number.isNaN(value))
    .toSorted((a, b) => a.value - b.value);
  const ranges = [...Map.groupBy(known, ({ level }) => keyOf(level)).values()].map(
    (own) => [own[0]!, own.at(-1)!] as const,
  );
  return ranges.reduce((widest, range) =>
    range[1].value - range[0].value > widest[1].value - widest[0].value ? range : widest,
  );
}

function extremeCells(effect: Effect): number[] {
  return rangeOf(effect).map(({ level }) => effect.factor.codes.indexOf(level));
}

/** The setting that decides most of the rest of that metric: told apart by colour. */
function partner(telling: readonly Effect[], { factor, metric }: Effect): string | null {
  return strongestOther(telling, { factor, metric })?.factor.name ?? null;
}

function strongestOther(
  telling: readonly Effect[],
  { factor, metric }: Pick<Effect, 'factor' | 'metric'>,
): Effect | null {
  const others = telling.filter((other) => other.metric === metric && other.factor !== factor);
  return others.toSorted((a, b) => b.share - a.share)[0] ?? null;
}
