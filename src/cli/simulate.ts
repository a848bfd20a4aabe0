// encodelab simulate WORKLOAD.yaml

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { PACK_POLICIES, type PackPolicy } from '#core/packing';
import type { ShapeRow } from '#core/shape';
import { UserError } from '#core/user-error';
import { advise } from '#farm/advice/advise';
import { bestMix, type MixGoal } from '#farm/simulate/best-mix';
import { parseFleet } from '#farm/simulate/fleet';
import { parseWorkload } from '#farm/simulate/parse-workload';
import type { ShapesByFilter } from '#farm/simulate/draw-work';
import { labShapes } from '#farm/simulate/lab-shapes';
import { shapeFilters, type Workload } from '#farm/simulate/workload';
import { LAB_FILE } from '#lab/lab';
import { compactShapes } from '#lab/shapes/compact-shapes';
import { parsePlain, parseSeconds } from '#core/parse-quantity';
import { simulateSeeds, type Setup } from '#farm/simulate/simulate-seeds';
import { isDone, type Simulation } from '#farm/simulate/simulation';
import { unusableText } from '#farm/simulate/usable-shapes';
import { readText } from '#system/yaml/read-text';
import { EXIT, type ExitCode } from './exit-code.ts';
import { labOption } from './lab-option.ts';
import { parseWhole } from './parse-whole.ts';
import type { SetExitCode } from './program.ts';
import { mixJson, simulationJson } from './simulate-json.ts';
import { adviceText, mixText, simulationText, unfinishedWork } from './simulate-report.ts';
import { tellOnce } from './tell-once.ts';
import { withLab } from './with-lab.ts';

interface SimulateOptions {
  readonly fleet?: string;
  readonly policy?: PackPolicy;
  readonly seed?: number;
  readonly seeds: number;
  readonly bestMix?: true;
  readonly deadline?: number;
  readonly budget?: number;
  readonly advise?: true;
  readonly json?: true;
  readonly lab: string;
}

const MAX_SEEDS = 1_000;
const DEFAULT_SEEDS = 3;

export function addSimulateCommand(program: Command, setExitCode: SetExitCode): void {
  program
    .command('simulate')
    .argument('<workload>', 'YAML file: what comes when, and what it takes (docs/simulate.md)')
    .description('play work on a fleet that need not exist: how long it takes, how full it is, what it costs')
    .option('--fleet <sizes>', "'100*c16:16cpu,32GB,0.68/h; 20*m8:8cpu,64GB,0.45/h' instead of the file's")
    .addOption(new Option('--policy <policy>', "instead of the file's").choices(PACK_POLICIES))
    .option('--seed <n>', "of all chance, instead of the file's", parseWhole)
    .option('--seeds <n>', 'simulate so many seeds, and tell the spread', parseSeeds, DEFAULT_SEEDS)
    .option('--best-mix', 'search the counts of workers that meet the goal best')
    .option('--deadline <duration>', 'with --best-mix: all done in that time, as cheaply as can be', parseDuration)
    .option('--budget <money>', 'with --best-mix: for that money at most, as soon as can be', parseMoney)
    .addOption(
      new Option(
        '--advise',
        'tell what to change and what it would gain; where there is a lab, from its shapes too',
      ).conflicts('bestMix'),
    )
    .option('--json', 'print one JSON object')
    .addOption(labOption())
    .action(async (file: string, options: SimulateOptions) => setExitCode(await simulateFile(file, options)))
    .addHelpText(
      'after',
      "\nExamples:\n  encodelab simulate examples/workloads/episode.yaml\n  encodelab simulate work.yaml --fleet '400*c16:16cpu,32GB,0.68/h' --policy latency\n  encodelab simulate work.yaml --best-mix --deadline 2h",
    );
}

/** @returns that it failed where some of the work can never be done, that a threshold is not met where no mix meets the goal */
async function simulateFile(file: string, options: SimulateOptions): Promise<ExitCode> {
  const goal = goalOf(options);
  const isJson = options.json === true;
  const workload = parseWorkload(await readText(file, 'workload'), file);
  const fleet = options.fleet === undefined ? workload.fleet : parseFleet(options.fleet);
  if (fleet === null)
    throw new UserError({
      what: 'no fleet to work on',
      where: file,
      todo: "add fleet: '100*c16:16cpu,32GB,0.68/h' to the file, or --fleet",
    });
  const seed = options.seed ?? workload.seed;
  const setup: Setup = {
    workload,
    fleet,
    policy: options.policy ?? workload.policy,
    shapes: await readShapesOf(workload, options),
  };
  if (goal !== null) {
    const search = bestMix(setup, seed, goal);
    const best = { ...setup, fleet: search.best.fleet };
    const results = simulateSeeds(best, seed, options.seeds);
    console.log(isJson ? mixJson(best, search, goal, results) : mixText(best, search, goal, results));
    const isMissed = search.best.over > 0 && search.best.over !== Infinity;
    if (isMissed && isJson) console.error('no mix was found that meets the goal; the nearest is told');
    return isMissed ? EXIT.threshold : toldEnd(results, isJson);
  }
  const results = simulateSeeds(setup, seed, options.seeds);
  const advice = options.advise === true ? advise(await measuredShapes(options), { setup, results }) : null;
  if (isJson) console.log(simulationJson(setup, results, advice));
  else console.log([simulationText(setup, results), ...(advice === null ? [] : ['', adviceText(advice)])].join('\n'));
  return toldEnd(results, isJson);
}

/** A program is told on its standard error what the table says. */
function toldEnd(results: readonly Simulation[], isJson: boolean): ExitCode {
  if (isJson) for (const why of unfinishedWork(results)) console.error(why);
  return results.every(isDone) ? EXIT.ok : EXIT.failed;
}

/** All that the lab has measured; nothing where there is no lab. */
async function measuredShapes({ lab: path }: SimulateOptions): Promise<readonly ShapeRow[]> {
  if (!existsSync(join(path, LAB_FILE))) return [];
  return (await withShapes(path, [''])).get('')!;
}

/** A workload that asks for no shapes needs no lab. */
async function readShapesOf(workload: Workload, { lab: path }: SimulateOptions): Promise<ShapesByFilter> {
  const filters = shapeFilters(workload);
  if (filters.length === 0) return new Map();
  const shapes = await withShapes(path, filters);
  const tell = tellOnce();
  for (const [filter, rows] of shapes) {
    const why = unusableText(rows);
    if (why !== null) tell(filter === '' ? why : `${why} (${filter})`);
  }
  return shapes;
}

function withShapes(path: string, filters: readonly string[]): Promise<ShapesByFilter> {
  return withLab(
    path,
    async (lab) => {
      const tell = tellOnce();
      for (const why of (await compactShapes(lab)).leftOut) tell(why);
      return labShapes({ path: lab.path, tell }, filters);
    },
    { existing: true },
  );
}

function goalOf({ bestMix: wanted, deadline, budget }: SimulateOptions): MixGoal | null {
  if (wanted !== true && deadline === undefined && budget === undefined) return null;
  if (wanted === true && deadline !== undefined && budget === undefined)
    return { kind: 'deadline', deadlineS: deadline };
  if (wanted === true && budget !== undefined && deadline === undefined) return { kind: 'budget', money: budget };
  throw new UserError({
    what: wanted === true ? 'a mix is the best for one goal' : 'a goal is for the search of a mix',
    where: wanted === true ? '--best-mix' : deadline === undefined ? '--budget' : '--deadline',
    todo: 'write --best-mix --deadline 2h, or --best-mix --budget 500',
  });
}

function parseSeeds(text: string): number {
  const value = parseWhole(text);
  if (value < 1 || value > MAX_SEEDS) throw new InvalidArgumentError(`a whole number from 1 to ${MAX_SEEDS}.`);
  return value;
}

function parseDuration(text: string): number {
  const seconds = parseSeconds(text);
  if (seconds === null || seconds === 0) throw new InvalidArgumentError('a duration with its unit: 90m, 2h.');
  return seconds;
}

function parseMoney(text: string): number {
  const money = parsePlain(text);
  if (money === null || money === 0) throw new InvalidArgumentError('a sum of money: 500.');
  return money;
}
