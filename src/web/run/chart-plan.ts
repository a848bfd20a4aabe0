// Which charts a run gets from the indicators that it recorded: the telling ones first, the others on demand.

export interface IndicatorName {
  readonly name: string;
  readonly unit: string;
}

export interface PlannedChart {
  /** In the address, where it was added by hand. */
  readonly key: string;
  readonly title: string;
  readonly unit: string;
  /** Indicators that it draws, in this order. */
  readonly members: readonly string[];
}

export interface ChartPlan {
  readonly always: readonly PlannedChart[];
  readonly more: readonly PlannedChart[];
}

/** `cpu.busy[3]` is of the family `cpu.busy`; its member is `3`. */
const MEMBER = /^(.+)\[(.+)\]$/;

export function planCharts(indicators: readonly IndicatorName[]): ChartPlan {
  const byName = new Map(indicators.map((indicator) => [indicator.name, indicator]));
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
  const processCpu = indicators
    .filter(({ name, unit }) => unit === 'core' && isOfProcess(name, 'cpu'))
    .map(({ name }) => name);
  const cpu = [...processCpu, ...(byName.has('cpu.busy') ? ['cpu.busy'] : [])];
  if (cpu.length > 0) always.push({ key: 'process.cpu', title: 'CPU of the encode', unit: 'core', members: take(cpu) });
  const memory = indicators
    .filter(({ name, unit }) => unit === 'byte' && isOfProcess(name, 'memory'))
    .map(({ name }) => name);
  if (memory.length > 0)
    always.push({ key: 'process.memory', title: 'Memory of the encode', unit: 'byte', members: take(memory) });

  const more: PlannedChart[] = [];
  for (const { name, unit } of indicators) {
    if (taken.has(name)) continue;
    const family = MEMBER.exec(name)?.[1];
    if (family === undefined) more.push({ key: name, title: name, unit, members: take([name]) });
    else more.push({ key: `${family}[]`, title: family, unit, members: take(families.get(family)!) });
  }
  return { always, more: more.toSorted((a, b) => a.key.localeCompare(b.key)) };
}

/** `encoder.cpu`, `run.cpu`: what belongs to the processes of the run, whatever their tree is called; not the host's. */
function isOfProcess(name: string, what: string): boolean {
  return name.endsWith(`.${what}`) && !/^(host|pressure)\./.test(name);
}

/** Name of a member in a legend: `core 3`, or what stands before the dot. */
export function memberLabel(name: string, chart: PlannedChart): string {
  const member = MEMBER.exec(name)?.[2];
  if (member !== undefined) return chart.key === 'cpu.busy[]' || /^\d+$/.test(member) ? `core ${member}` : member;
  if (name === 'cpu.busy') return 'whole host';
  return chart.members.length === 1 ? name : name.split('.')[0]!;
}
