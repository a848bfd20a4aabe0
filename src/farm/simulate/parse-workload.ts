// A workload's file as text → a workload, or everything that is wrong with it.

import { basename, extname } from 'node:path';
import { MAX_SEED } from '#analysis/random';
import { PACK_POLICIES } from '#core/packing';
import { UserError } from '#core/user-error';
import { Fields } from '#system/yaml/fields';
import { parseYamlTree } from '#system/yaml/yaml-tree';
import { MAX_SIGMA, readClasses } from './class-section.ts';
import { parseFleet, type Fleet } from './fleet.ts';
import { Section, type SectionKeys } from './section.ts';
import { OUTGROW } from './simulate.ts';
import { readTitles } from './title-section.ts';
import type { PredictionError, Replay, Workload } from './workload.ts';

/** Keys at the top of a workload's file. */
const WORKLOAD_KEYS = [
  'name',
  'seed',
  'policy',
  'fleet',
  'workers',
  'prediction',
  'outgrow',
  'classes',
  'titles',
  'shapes',
] as const;

const WORDS = { noun: 'workload', keys: WORKLOAD_KEYS.join(', '), needs: 'classes and titles, or shapes' };
const WORKERS: SectionKeys = {
  noun: 'workers',
  keys: ['start', 'failures'],
  example: 'workers: {start: 60s, failures: 0.01}',
};
const PREDICTION: SectionKeys = {
  noun: 'prediction',
  keys: ['duration', 'cpu', 'memory'],
  example: 'prediction: {duration: 0.3, cpu: 0.1, memory: 0.2}',
};
const SHAPES: SectionKeys = {
  noun: 'shapes',
  keys: ['filter', 'times'],
  example: "shapes: {filter: 'encoder=libx264', times: 100}",
};
const MAX_START_S = 86_400;
/** Failures of a worker an hour. */
const MAX_FAILURES = 1_000;
const MAX_TIMES = 1_000_000;

/**
 * @param file path of the text, for its name and for messages
 * @throws UserError with everything that is wrong, each with file:line:column
 */
export function parseWorkload(text: string, file: string): Workload {
  const { root, problems } = parseYamlTree(text, file, WORDS);
  const top = new Section(root, { noun: 'a workload', keys: WORKLOAD_KEYS, example: WORDS.needs }, problems);
  const fields = new Fields(top.entries, problems);
  const classes = readClasses(top.entry('classes'), problems);
  const workers = top.inner('workers', WORKERS);
  const workload: Workload = {
    name: top.text('name', basename(file, extname(file))),
    seed: fields.count('seed', 1, 0, MAX_SEED),
    policy: fields.choice('policy', 'throughput', PACK_POLICIES),
    fleet: readFleet(top),
    startS: workers?.seconds('start', 0, MAX_START_S) ?? 0,
    failuresPerHour: workers?.number('failures', 0, MAX_FAILURES) ?? 0,
    outgrow: fields.choice('outgrow', 'retry', OUTGROW),
    prediction: readPrediction(top),
    classes,
    titles: readTitles(top.entry('titles'), classes, problems),
    replay: readReplay(top),
  };
  if (workload.titles.length === 0 && workload.replay === null && !problems.any)
    problems.add(root.at, 'the workload has no titles', 'titles: [{name: episode, stages: [{encode: 100}]}]');
  problems.throwIfAny();
  return workload;
}

function readFleet(top: Section): Fleet | null {
  const entry = top.entry('fleet');
  if (entry === undefined) return null;
  try {
    return parseFleet(entry.value.kind === 'scalar' ? entry.value.text : '', top.problems.where(entry.value.at));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    for (const { what, todo } of error.problems) top.problems.add(entry.value.at, what, todo);
    return null;
  }
}

function readPrediction(top: Section): PredictionError {
  const section = top.inner('prediction', PREDICTION);
  const sigma = (key: string) => section?.number(key, 0, MAX_SIGMA) ?? 0;
  return { duration: sigma('duration'), cpu: sigma('cpu'), memory: sigma('memory') };
}

function readReplay(top: Section): Replay | null {
  const entry = top.entry('shapes');
  if (entry === undefined) return null;
  if (entry.value.kind === 'scalar') return { filter: top.shapes('shapes'), times: 1 };
  const section = top.inner('shapes', SHAPES);
  if (section === null) return null;
  const times = new Fields(section.entries, top.problems).count('times', 1, 1, MAX_TIMES);
  return { filter: section.shapes('filter'), times };
}
