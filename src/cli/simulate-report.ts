// A simulation for people: one table, usage over time, what each size of worker cost.

import { ABSENT, formatDuration, formatNumber } from '#core/format-quantity';
import { RESOURCES } from '#core/packing';
import type { Advice } from '#farm/advice/advice';
import type { Mix, MixGoal, MixSearch } from '#farm/simulate/best-mix';
import { fleetText } from '#farm/simulate/fleet';
import { acrossSeeds, type Setup } from '#farm/simulate/simulate-seeds';
import { isDone, type Simulation, type Spread } from '#farm/simulate/simulation';
import { plainText } from './plain-text.ts';
import { textTable } from './text-table.ts';

/** Eighths of a character's height. */
const BARS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/** Characters of a line of bars. */
const BAR_WIDTH = 64;

/** @param results of the seeds, one after the other; the first is the one that is shown in full */
export function simulationText({ workload, fleet, policy }: Setup, results: readonly Simulation[]): string {
  const [result] = results;
  const seeds = results.map(({ seed }) => seed);
  const chance = seeds.length === 1 ? `seed ${seeds[0]}` : `seed ${seeds[0]}, least and most of ${seeds.length} seeds`;
  return [
    `${plainText(workload.name)}: ${count(result!.items)} items on ${fleetText(fleet)}, policy ${policy}, ${chance}`,
    ...warnings(results),
    '',
    resultTable(results),
    '',
    costTable(result!),
    '',
    ...usageLines(result!),
  ].join('\n');
}

export function mixText(setup: Setup, search: MixSearch, goal: MixGoal, results: readonly Simulation[]): string {
  const limit =
    goal.kind === 'deadline' ? `within ${formatDuration(goal.deadlineS)}` : `for ${money(goal.money)} at most`;
  const met =
    search.best.over === 0
      ? 'best mix found'
      : search.best.over === Infinity
        ? 'not all work fits any mix that was tried; one of them'
        : 'no mix was found that does it; nearest';
  const columns = [
    { title: 'mix' },
    ...['makespan', 'cost'].map((title) => ({ title, align: 'right' as const })),
    { title: limit },
  ];
  const row = (mix: Mix, name: string) => [
    `${name}${fleetText(mix.fleet)}`,
    formatDuration(mix.makespanS),
    money(mix.cost),
    mix.over === 0 ? 'yes' : mix.over === Infinity ? 'not all work fits' : `${percent(mix.over)} over`,
  ];
  const tried = search.starts.filter((mix) => mix !== search.best);
  return [
    `${met}: ${fleetText(search.best.fleet)}, by ${search.simulations} simulations of seed ${results[0]!.seed}`,
    '',
    textTable(columns, [row(search.best, ''), ...tried.map((mix) => row(mix, 'tried: '))]),
    '',
    simulationText(setup, results),
  ].join('\n');
}

/** What of the work is not done, or not in time; of seeds that fare worse than the first how many there are. */
function warnings(results: readonly Simulation[]): string[] {
  const { late, lateTitles } = results[0]!;
  return [
    ...unfinishedWork(results),
    ...(late > 0 ? [`${counted(late, 'item')} of ${counted(lateTitles, 'title')} end after their deadline`] : []),
  ];
}

/** Why there is no makespan, a sentence each; none where all work was done with every seed. */
export function unfinishedWork(results: readonly Simulation[]): string[] {
  const { unplaceable, neverCame, unfinishedTitles } = results[0]!;
  const others = results.slice(1).filter((result) => !isDone(result));
  return [
    ...(unplaceable > 0
      ? [`${counted(unplaceable, 'item')} ${unplaceable === 1 ? 'fits' : 'fit'} no worker of the fleet`]
      : []),
    ...(neverCame > 0
      ? [
          `${counted(neverCame, 'item')} ${neverCame === 1 ? 'waits for them and never comes' : 'wait for them and never come'}`,
        ]
      : []),
    ...(unfinishedTitles > 0
      ? [
          `${counted(unfinishedTitles, 'title')} never ${unfinishedTitles === 1 ? 'ends' : 'end'}: there is no makespan and no cost, and turn-around is of the others`,
        ]
      : []),
    ...(unfinishedTitles === 0 && others.length > 0
      ? [`not all work can be done with seed ${others.map(({ seed }) => seed).join(', ')}`]
      : []),
  ];
}

function resultTable(results: readonly Simulation[]): string {
  const row = (name: string, of: (result: Simulation) => number, show: (value: number) => string) => {
    const { value, low, high } = acrossSeeds(results, of);
    return results.length === 1 ? [name, show(value)] : [name, show(value), show(low), show(high)];
  };
  const spread = (name: string, of: (result: Simulation) => Spread) => [
    row(`${name} p50`, (result) => of(result).p50, formatDuration),
    row(`${name} p95`, (result) => of(result).p95, formatDuration),
    row(`${name} p99`, (result) => of(result).p99, formatDuration),
  ];
  const [first] = results;
  const rows = [
    row('makespan', ({ makespanS }) => makespanS, formatDuration),
    ...(results.some(({ gap }) => Number.isNaN(gap))
      ? []
      : [
          row('no packing could be faster than', ({ boundS }) => boundS, formatDuration),
          row('gap', ({ gap }) => gap, percent),
        ]),
    ...RESOURCES.filter((name) => first!.used[name] !== null).map((name) =>
      row(`${name} reserved`, ({ used }) => used[name] ?? NaN, percent),
    ),
    row('cpu busy', ({ used }) => used.busy, percent),
    ...spread('waiting', ({ waitS }) => waitS),
    ...spread('title turn-around', ({ turnAroundS }) => turnAroundS),
    ...(first!.costHeld === null ? [] : [row('cost', ({ costHeld }) => costHeld ?? NaN, money)]),
    row('failures of workers', ({ failures }) => failures, count),
    row('items begun again', ({ restarts }) => restarts, count),
    row('CPU lost', ({ lostCpuS }) => lostCpuS, formatDuration),
    row('outgrew their memory', ({ outgrown: { grown, slowed, retried } }) => grown + slowed + retried, count),
  ];
  const columns = results.length === 1 ? ['value'] : [`seed ${first!.seed}`, 'least', 'most'];
  return textTable([{ title: '' }, ...columns.map((title) => ({ title, align: 'right' as const }))], rows);
}

function costTable({ cost }: Simulation): string {
  const right = (title: string) => ({ title, align: 'right' as const });
  return textTable(
    [{ title: 'size' }, right('workers'), right('cpu reserved'), right('cost'), right('given back when idle')],
    cost.map(({ name, count: workers, cpu, held, released }) => [
      name,
      count(workers),
      percent(cpu),
      held === null ? ABSENT : money(held),
      released === null ? ABSENT : money(released),
    ]),
  );
}

/** Resources over time, a character a step, its height the share of the fleet that is reserved. */
function usageLines({ steps, makespanS }: Simulation): string[] {
  const lines = [
    ...RESOURCES.flatMap((name) => (steps.used[name] === null ? [] : [{ name, values: steps.used[name] }])),
    { name: 'busy', values: steps.busy },
  ];
  return [
    Number.isNaN(makespanS) ? 'used until nothing more ended' : `used over ${formatDuration(makespanS)}`,
    ...lines.map(({ name, values }) => `${name.padEnd(8)}│${bars(values)}│`),
  ];
}

function bars(values: readonly number[]): string {
  const width = Math.min(BAR_WIDTH, values.length);
  return Array.from({ length: width }, (_, i) => {
    const from = Math.floor((i * values.length) / width);
    const to = Math.max(from + 1, Math.floor(((i + 1) * values.length) / width));
    const mean = values.slice(from, to).reduce((sum, value) => sum + value, 0) / (to - from);
    return BARS[Math.round(mean * (BARS.length - 1))]!;
  }).join('');
}

function percent(share: number): string {
  return Number.isNaN(share) ? ABSENT : `${(100 * share).toFixed(1)} %`;
}

function money(value: number): string {
  return value >= 100 ? count(Math.round(value)) : formatNumber(value);
}

function count(value: number): string {
  return value.toLocaleString('en');
}

function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

const GAINED = { time: 'title turn-around p95', cost: 'cost', cpu: 'CPU seconds' } as const;

export function adviceText(advice: readonly Advice[]): string {
  if (advice.length === 0) return 'advice: nothing is sure enough to be advised';
  return advice
    .map(({ what, gain: { of, share }, evidence }) =>
      [
        `${plainText(what)}: saves ${percent(share.value)} of ${GAINED[of]} (${percent(share.low)} to ${percent(share.high)})`,
        ...evidence.map((sentence) => `  ${plainText(sentence)}`),
      ].join('\n'),
    )
    .join('\n');
}
