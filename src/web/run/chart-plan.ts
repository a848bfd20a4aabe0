// Which charts a run gets from the indicators that it recorded: the telling ones first, the others on demand.

import type { RunPage, SeriesColumn } from '#server/wire';

type AgentName = Pick<NonNullable<RunPage['header']>['agents'][number], 'name' | 'role'>;

export interface IndicatorName {
  readonly name: string;
  readonly unit: string;
}

export interface PlannedChart {
  /** In the address, where it was added by hand. */
  readonly key: string;
  readonly title: string;
  readonly unit: string;
  /** Names of the indicators that it draws, in this order; each of every agent that measured it. */
  readonly members: readonly string[];
}

export interface ChartPlan {
  readonly always: readonly PlannedChart[];
  readonly more: readonly PlannedChart[];
}

/** `cpu.busy[3]` is of the family `cpu.busy`; its member is `3`. */
const MEMBER = /^(.+)\[(.+)\]$/;

/** Of a GStreamer pipeline. A name may have dots and brackets of its own. */
const ELEMENT = /^element\.(.+)\.latency$/;
/** GPU engines that worked for the processes of the run, by kind. */
const PROCESS_GPU = /^encoder\.gpu\.(.+)$/;

/** Key of the chart of elements. */
export const ELEMENT_TIMES = 'element.latency';

/**
 * @param all of several agents some have the same name: these share a chart
 * @param kind of the run: what a stream's agents measure is no encode alone
 */
export function planCharts(all: readonly IndicatorName[], kind: RunPage['run']['kind']): ChartPlan {
  const byName = new Map(all.map((indicator) => [indicator.name, indicator]));
  const indicators = [...byName.values()];
  const whose = kind === 'stream' ? 'the session’s processes' : 'the encode';
  const families = new Map<string, string[]>();
  for (const { name } of indicators) {
    const family = MEMBER.exec(name)?.[1];
    if (family !== undefined) families.set(family, [...(families.get(family) ?? []), name]);
  }
  const taken = new Set<string>();
  const take = (names: readonly string[]) => {
    for (const name of names) taken.add(name);
    return names;
  };
  const always: PlannedChart[] = [];
  const cores = families.get('cpu.busy');
  if (cores !== undefined) always.push({ key: 'cpu.busy[]', title: 'CPU by core', unit: 'core', members: take(cores) });
  const chosen = (key: string, title: string, unit: string, isMember: (name: string) => boolean) => {
    const names = indicators.filter((one) => one.unit === unit && isMember(one.name)).map(({ name }) => name);
    if (names.length > 0) always.push({ key, title, unit, members: take(names) });
  };
  const processCpu = indicators.filter(({ name, unit }) => unit === 'core' && isOfProcess(name, 'cpu'));
  const cpu = [...processCpu.map(({ name }) => name), ...(byName.has('cpu.busy') ? ['cpu.busy'] : [])];
  if (cpu.length > 0) always.push({ key: 'process.cpu', title: `CPU of ${whose}`, unit: 'core', members: take(cpu) });
  chosen(ELEMENT_TIMES, 'Time in each element', 's', (name) => ELEMENT.test(name));
  chosen('encoder.gpu', `GPU of ${whose}`, '1', (name) => PROCESS_GPU.test(name));
  chosen('process.memory', `Memory of ${whose}`, 'byte', (name) => isOfProcess(name, 'memory'));

  const more: PlannedChart[] = [];
  for (const { name, unit } of indicators) {
    if (taken.has(name)) continue;
    const family = MEMBER.exec(name)?.[1];
    if (family === undefined) more.push({ key: name, title: name, unit, members: take([name]) });
    else more.push({ key: `${family}[]`, title: family, unit, members: take(families.get(family)!) });
  }
  return { always, more: more.toSorted((a, b) => a.key.localeCompare(b.key)) };
}

/**
 * `encoder.cpu`, `run.cpu`, `encoder.gpu.memory`: what belongs to the processes of the run, whatever their tree is called;
 * not the host's.
 */
function isOfProcess(name: string, what: string): boolean {
  return name.endsWith(`.${what}`) && !/^(host|pressure|gpu|element)\./.test(name);
}

/** The series that a chart draws, one agent's behind another's. */
export function seriesOf<Series extends Pick<SeriesColumn, 'name' | 'agent'>>(
  { members }: PlannedChart,
  all: readonly Series[],
): Series[] {
  const agents = [...new Set(all.map(({ agent }) => agent))];
  return agents.flatMap((agent) =>
    members.flatMap((name) => all.find((one) => one.agent === agent && one.name === name) ?? []),
  );
}

/**
 * What tells an agent's series from those of the same name.
 * @returns its role by its name, or its name where another has that role too; nothing where one agent measured everything
 */
export function agentWords(agents: readonly AgentName[]): ReadonlyMap<string, string> {
  if (agents.length < 2) return new Map();
  const isAlone = (role: string) => agents.filter((one) => one.role === role).length === 1;
  return new Map(agents.map(({ name, role }) => [name, isAlone(role) ? role : name]));
}

/** What a number stands for, by the first word of the name: `cpu.busy[3]` is a core, `power.core[0]` a package. */
const MEMBERS: Readonly<Record<string, string>> = { cpu: 'core', gpu: 'GPU', power: 'package' };

/** Name of a series in a legend: of what it is, and of whose where several agents measured, `program · server`. */
export function seriesLabel(
  { name, agent }: Pick<SeriesColumn, 'name' | 'agent'>,
  chart: PlannedChart,
  words: ReadonlyMap<string, string>,
): string {
  const word = words.get(agent);
  const member = memberLabel(name, chart);
  return word === undefined ? member : `${member} · ${word}`;
}

/** `core 3`, an element, a kind of engine, or what stands before the dot. */
function memberLabel(name: string, chart: PlannedChart): string {
  const [, family, member] = MEMBER.exec(name) ?? [];
  if (family !== undefined && member !== undefined) {
    const word = /^\d+$/.test(member) ? MEMBERS[family.split('.')[0]!] : undefined;
    return word === undefined ? member : `${word} ${member}`;
  }
  const part = ELEMENT.exec(name)?.[1] ?? PROCESS_GPU.exec(name)?.[1];
  if (part === 'memory') return 'on GPUs';
  if (part !== undefined) return chart.key === 'encoder.gpu' ? part.replaceAll('.', ' ') : part;
  if (name === 'cpu.busy') return 'whole host';
  return chart.members.length === 1 ? name : name.split('.')[0]!;
}

/**
 * Values as a chart draws them that knows the most there can be. The kernel counts CPU time in ticks of 10 ms: of a core one more may end
 * within 100 ms than fit into it. What is recorded, and means of it, keep that tick.
 */
export function atMost(values: readonly (number | null)[], most: number): (number | null)[] {
  return values.map((value) => (value === null ? null : Math.min(value, most)));
}
