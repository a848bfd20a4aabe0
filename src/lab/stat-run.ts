// The columns of a run's recording that a custom stat reads: only those that its expression names are read from disk.

import { FRAME_TYPES, STEPS } from '#core/recording';
import type { RunRecord } from '#core/run';
import type { StatColumn, StatRun } from '#explore/stats/stat-tables';
import { readHeader, readPresentSeries, readSeries, readTable } from '#recording/read-recording';
import { recordingOf } from './run-recording.ts';

/** What of a lab is needed to find a run's recording. */
export type StatLab = Parameters<typeof recordingOf>[0];

const FRAMES = 'frames';
/** Without the unknown one, as the tables have them. */
const TYPES: readonly string[] = FRAME_TYPES.slice(1);

/**
 * Frames are those of the first stream.
 * @param names that the expression reads
 * @throws UserError where the recording can't be read
 */
export async function readStatRun(lab: StatLab, run: RunRecord, names: readonly string[]): Promise<StatRun> {
  const folder = run.recording === null ? null : await recordingOf(lab, run);
  const columns = new Map<string, StatColumn>();
  if (folder !== null) {
    const own = names.filter((name) => isOfFrames(name) || !isIndicator(name));
    if (names.some(isOfFrames)) await addFrames(columns, folder, own);
    await addIndicators(columns, folder, names.filter(isIndicator));
  }
  return {
    column: (name) => columns.get(name) ?? null,
    number: (name) => {
      if (name === 'duration') return run.durationS === null ? null : { value: run.durationS, unit: 's' };
      const metric = name.startsWith('metric ') ? run.metrics[name.slice('metric '.length)] : undefined;
      return metric === undefined ? null : { value: metric.value, unit: metric.unit };
    },
  };
}

/** `frames.bytes`, `client:frames.receive`. */
function isOfFrames(name: string): boolean {
  return /^([\w-]+:)?frames\./.test(name);
}

/** All but frames and the short names within a table. */
function isIndicator(name: string): boolean {
  return !isOfFrames(name) && name.includes('.');
}

/** Columns of the table that a name needs besides the stream and the number of each frame. */
const NEEDED = {
  bytes: ['bytes'],
  key: ['key'],
  quantizer: ['quantizer'],
  type: ['type'],
  time: ['pts', 'time_base_num', 'time_base_den'],
} as const;

/** A column that is not read costs next to nothing: ten thousand recordings are read for one stat. */
async function addFrames(columns: Map<string, StatColumn>, folder: string, names: readonly string[]): Promise<void> {
  const wanted = new Set(names.map((name) => name.replace(/^([\w-]+:)?frames\./, '').split('.')[0]!));
  const needed = Object.entries(NEEDED).flatMap(([name, read]) => (wanted.has(name) ? read : []));
  const frames = await readTable(folder, 'frames', { columns: ['stream', 'frame', ...needed] });
  const stream = frames.stream[0];
  const count = frames.stream.filter((one) => one === stream).length;
  if (count === 0) return;
  const add = (name: string, unit: string, values: Float64Array, texts: readonly string[] | null = null) =>
    columns.set(`${FRAMES}.${name}`, { table: FRAMES, unit, values, texts });
  const number = frames.frame.slice(0, count);
  add('number', 'frame', number);
  if (wanted.has('bytes')) add('bytes', 'byte', frames.bytes.slice(0, count));
  if (wanted.has('key')) add('key', '1', frames.key.slice(0, count));
  if (wanted.has('quantizer')) add('quantizer', '1', frames.quantizer.slice(0, count));
  if (wanted.has('time')) {
    const { pts, time_base_num: num, time_base_den: den } = frames;
    const seconds = pts.slice(0, count).map((ticks, i) => (ticks * num[i]!) / den[i]!);
    add('time', 's', seconds);
  }
  if (wanted.has('type')) {
    const codes = Float64Array.from({ length: count }, (_, i) => codeOf(frames.type[i]));
    add('type', '1', codes, TYPES);
  }
  if (STEPS.some((step) => wanted.has(step))) await addSteps(columns, folder, stream ?? '', number);
}

function codeOf(type: string | null | undefined): number {
  const code = TYPES.indexOf(type ?? '');
  return code === -1 ? NaN : code;
}

/** The time of each step in milliseconds: in calls where that is known, else from way in to way out, which is `.delay` too. */
async function addSteps(
  columns: Map<string, StatColumn>,
  folder: string,
  stream: string,
  number: Float64Array,
): Promise<void> {
  const steps = await readTable(folder, 'steps', {
    columns: ['stream', 'frame', 'step', 'role', 'duration_us', 'busy_us'],
  });
  const rowOf = new Map(Array.from(number, (frame, row) => [frame, row]));
  const fill = (name: string, row: number, us: number) => {
    let column = columns.get(name);
    if (column === undefined) {
      column = { table: FRAMES, unit: 'ms', values: new Float64Array(number.length).fill(NaN), texts: null };
      columns.set(name, column);
    }
    // Of several roles that have a step the first holds; the others have their own names.
    if (Number.isNaN(column.values[row]!)) column.values[row] = us / 1e3;
  };
  for (let i = 0; i < steps.frame.length; i++) {
    const row = steps.stream[i] === stream ? rowOf.get(steps.frame[i]!) : undefined;
    if (row === undefined) continue;
    const { [i]: step } = steps.step;
    const { [i]: role } = steps.role;
    const delay = steps.duration_us[i]!;
    const busy = steps.busy_us[i]!;
    const time = busy >= 0 ? busy : delay;
    for (const name of [`${FRAMES}.${step}`, `${role}:${FRAMES}.${step}`]) {
      if (time >= 0) fill(name, row, time);
      if (delay >= 0) fill(`${name}.delay`, row, delay);
    }
  }
}

async function addIndicators(
  columns: Map<string, StatColumn>,
  folder: string,
  names: readonly string[],
): Promise<void> {
  if (names.length === 0) return;
  const { agents } = await readHeader(folder);
  const plain = names.map((name) => name.replace(/\.time$/, ''));
  for (const name of new Set([...names, ...plain])) {
    const [, who, indicator] = /^(?:([^:]+):)?(.+)$/.exec(name)!;
    const agent = who === undefined ? agents[0] : agents.find((one) => one.role === who || one.name === who);
    if (agent === undefined || indicator === undefined) continue;
    const series = (await readSeries(folder, { agent: agent.name, indicators: [indicator] })).get(indicator);
    if (series === undefined) continue;
    columns.set(name, { table: name, unit: series.indicator.unit, values: series.value, texts: null });
    const startUs = series.timeUs[0] ?? 0;
    const time = series.timeUs.map((us) => (us - startUs) / 1e6);
    columns.set(`${name}.time`, { table: name, unit: 's', values: time, texts: null });
  }
}

/** What the recording of a run offers: names of columns, with their units. Empty where it has none. */
export async function statColumnsOf(lab: StatLab, run: RunRecord): Promise<StatColumnName[]> {
  if (run.recording === null || run.outcome === null) return [];
  const folder = await recordingOf(lab, run);
  const { agents, rows } = await readHeader(folder);
  const columns: StatColumnName[] = [];
  if ((rows.frames ?? 0) > 0) {
    for (const [name, unit] of FRAME_COLUMNS) columns.push({ name: `${FRAMES}.${name}`, unit, of: 'frames' });
    const { step, role } = await readTable(folder, 'steps', { columns: ['step', 'role'], limit: STEP_ROWS });
    const steps = new Set(step.map((name, i) => `${role[i]} ${name}`));
    for (const known of steps) {
      const [who, name] = known.split(' ');
      const isOnly = [...steps].filter((other) => other.endsWith(` ${name}`)).length === 1;
      columns.push({ name: `${isOnly ? '' : `${who}:`}${FRAMES}.${name}`, unit: 'ms', of: 'frames' });
    }
  }
  for (const { agent, indicator } of await readPresentSeries(folder)) {
    const role = agents.find(({ name }) => name === agent)?.role ?? agent;
    const name = agents.length === 1 ? indicator.name : `${role}:${indicator.name}`;
    columns.push({ name, unit: indicator.unit, of: 'indicator' });
  }
  return columns.slice(0, MOST_COLUMNS);
}

export interface StatColumnName {
  readonly name: string;
  readonly unit: string;
  readonly of: 'frames' | 'indicator';
}

/** The first frames have every step. */
const STEP_ROWS = 2_000;
const MOST_COLUMNS = 500;
const FRAME_COLUMNS = [
  ['bytes', 'byte'],
  ['key', '1'],
  ['type', '1'],
  ['number', 'frame'],
  ['time', 's'],
  ['quantizer', '1'],
] as const;
