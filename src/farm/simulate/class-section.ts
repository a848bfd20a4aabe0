// `classes`: kinds of work, each with what an item of it takes.

import { RESOURCES } from '#core/packing';
import type { ProblemList } from '#system/yaml/problem-list';
import type { YamlEntry } from '#system/yaml/yaml-tree';
import { parsePlain } from '#core/parse-quantity';
import { BYTES, RATE, SECONDS, sectionOf, type Section, type SectionKeys, type Written } from './section.ts';
import type { WorkClass } from './workload.ts';

const KEYS = ['duration', ...RESOURCES, 'shapes'];
const CLASS: SectionKeys = { noun: 'a class', keys: KEYS, example: '{duration: 45s, cpu: 4, memory: 2GB}' };
const CORES: Written = { parse: parsePlain, words: 'a number of cores', example: '4' };
const MAX_CLASSES = 1_000;
const MAX_DURATION_S = 30 * 86_400;
const MAX_CORES = 10_000;
const MAX_BYTES = 1e15;
/** Standard deviation of a logarithm: 3 is a factor of 20 either way in two of three cases. */
export const MAX_SIGMA = 3;

export function readClasses(entry: YamlEntry | undefined, problems: ProblemList): WorkClass[] {
  if (entry === undefined) return [];
  if (entry.value.kind !== 'map') {
    problems.add(entry.value.at, 'classes is a mapping of names', `classes: {encode: ${CLASS.example}}`);
    return [];
  }
  const { entries } = entry.value;
  if (entries.length > MAX_CLASSES) problems.add(entry.value.at, `more than ${MAX_CLASSES} classes`, 'leave some out');
  return entries.slice(0, MAX_CLASSES).flatMap(({ key, value }) => {
    const section = sectionOf(value, CLASS, problems);
    return section === null ? [] : [readClass(key, section, value.at)];
  });
}

function readClass(name: string, section: Section, at: number): WorkClass {
  const { problems } = section;
  if (section.entry('shapes') !== undefined) {
    const other = [...section.entries.values()].find(({ key }) => key !== 'shapes');
    if (other !== undefined)
      problems.add(other.keyAt, `${name} is drawn from shapes, which tell its ${other.key}`, 'keep one of them');
    return { name, kind: 'shapes', filter: section.shapes('shapes') };
  }
  for (const key of ['duration', 'cpu'])
    if (section.entry(key) === undefined) problems.add(at, `${name} has no ${key}`, `write ${CLASS.example}`);
  const durationS = section.quantity('duration', MAX_DURATION_S, MAX_SIGMA, SECONDS);
  const cores = section.quantity('cpu', MAX_CORES, MAX_SIGMA, CORES);
  return {
    name,
    kind: 'drawn',
    durationS,
    cores,
    memoryBytes: section.quantity('memory', MAX_BYTES, MAX_SIGMA, BYTES),
    diskBytes: section.quantity('disk', MAX_BYTES, MAX_SIGMA, BYTES),
    network: section.quantity('network', MAX_BYTES, MAX_SIGMA, RATE),
  };
}
