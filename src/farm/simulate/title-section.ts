// `titles`: what comes when, and of what classes its stages are.

import { Fields } from '#system/yaml/fields';
import type { ProblemList } from '#system/yaml/problem-list';
import type { YamlEntry, YamlNode } from '#system/yaml/yaml-tree';
import { MAX_SIGMA } from './class-section.ts';
import { parsePlain, parseSeconds } from '#core/parse-quantity';
import { sectionOf, type SectionKeys, type Section } from './section.ts';
import type { Arrivals, StagePart, TitleKind, WorkClass } from './workload.ts';

const TITLE: SectionKeys = {
  noun: 'a kind of title',
  keys: ['name', 'count', 'arrivals', 'priority', 'deadline', 'spread', 'stages'],
  example: '{name: episode, stages: [{encode: 100}]}',
};
const MAX_KINDS = 100;
const MAX_TITLES = 200_000;
const MAX_STAGES = 16;
/** Items of one class in a stage of a title. */
const MAX_COUNT = 5_000_000;
const MAX_PRIORITY = 1_000;
/** Of a new title, as the queue has it. */
const DEFAULT_PRIORITY = 100;
const MAX_DEADLINE_S = 365 * 86_400;
const ARRIVALS_EXAMPLE = 'arrivals: at once, arrivals: every 30s, or arrivals: poisson 120/h';

export function readTitles(
  entry: YamlEntry | undefined,
  classes: readonly WorkClass[],
  problems: ProblemList,
): TitleKind[] {
  if (entry === undefined) return [];
  if (entry.value.kind !== 'list') {
    problems.add(entry.value.at, 'titles is a list', `titles: [${TITLE.example}]`);
    return [];
  }
  const { items } = entry.value;
  if (items.length > MAX_KINDS) problems.add(entry.value.at, `more than ${MAX_KINDS} kinds of title`, 'leave some out');
  return items.slice(0, MAX_KINDS).flatMap((node, i) => {
    const section = sectionOf(node, TITLE, problems);
    return section === null ? [] : [readTitle(section, node, i, classes)];
  });
}

function readTitle(section: Section, node: YamlNode, i: number, classes: readonly WorkClass[]): TitleKind {
  const fields = new Fields(section.entries, section.problems);
  const deadlineS = section.seconds('deadline', Infinity, MAX_DEADLINE_S);
  return {
    name: section.text('name', `title ${i + 1}`),
    count: fields.count('count', 1, 1, MAX_TITLES),
    arrivals: readArrivals(section),
    priority: fields.count('priority', DEFAULT_PRIORITY, 0, MAX_PRIORITY),
    deadlineS: deadlineS === Infinity ? null : deadlineS,
    sigma: section.number('spread', 0, MAX_SIGMA),
    stages: readStages(section, node, classes),
  };
}

function readArrivals(section: Section): Arrivals {
  const entry = section.entry('arrivals');
  if (entry === undefined) return { kind: 'at once' };
  const text = entry.value.kind === 'scalar' ? entry.value.text.trim() : '';
  if (text === 'at once') return { kind: 'at once' };
  const every = /^every\s+(\S+)$/.exec(text);
  const seconds = every === null ? null : parseSeconds(every[1]!);
  if (seconds !== null && seconds > 0) return { kind: 'every', seconds };
  const poisson = /^poisson\s+(\S+)\s*\/\s*h$/.exec(text);
  const perHour = poisson === null ? null : parsePlain(poisson[1]!);
  if (perHour !== null && perHour > 0) return { kind: 'poisson', perHour };
  section.problems.add(entry.value.at, 'arrivals are all at once, one by one, or by chance', ARRIVALS_EXAMPLE);
  return { kind: 'at once' };
}

function readStages(section: Section, node: YamlNode, classes: readonly WorkClass[]): StagePart[][] {
  const { problems } = section;
  const entry = section.entry('stages');
  const stages = entry?.value.kind === 'list' ? entry.value.items : [];
  if (stages.length === 0 || stages.length > MAX_STAGES)
    problems.add(
      entry?.value.at ?? node.at,
      `a title has a list of 1 to ${MAX_STAGES} stages`,
      'stages: [{inspect: 1}, {encode: 100}]',
    );
  return stages.slice(0, MAX_STAGES).map((stage) => readStage(stage, classes, problems));
}

function readStage(node: YamlNode, classes: readonly WorkClass[], problems: ProblemList): StagePart[] {
  if (node.kind !== 'map' || node.entries.length === 0) {
    problems.add(node.at, 'a stage is a mapping of classes to numbers of items', '{encode: 100}');
    return [];
  }
  const names = classes.map(({ name }) => name);
  return node.entries.flatMap((entry) => {
    const index = names.indexOf(entry.key);
    if (index === -1) problems.addUnknown(entry.keyAt, 'class', entry.key, names);
    const count = new Fields(new Map([[entry.key, entry]]), problems).count(entry.key, 1, 1, MAX_COUNT);
    return index === -1 ? [] : [{ class: index, count }];
  });
}
