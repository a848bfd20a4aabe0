// Which metrics a report page shows: families of metrics by the role that they were measured in.

import type { MetricColumn } from '../data/dataset.ts';

/** The talk's reports. */
export const REPORTS = ['all', 'cpu', 'gpu', 'decode'] as const;
export type Report = (typeof REPORTS)[number];

interface Family {
  readonly title: string;
  readonly report: Exclude<Report, 'all'>;
  /** Names after the role, the first that a role has. */
  readonly ofRole: readonly string[];
  /** Metrics of the run itself: one machine, no roles. */
  readonly ofRun: readonly string[];
  /** Of a stream the role whose metric that is. */
  readonly runRole?: string;
}

const FAMILIES: readonly Family[] = [
  { title: 'CPU busy', report: 'cpu', ofRole: ['cpu.busy'], ofRun: ['host.busy'] },
  {
    title: "CPU of the run's processes",
    report: 'cpu',
    ofRole: ['sender.cpu', 'relay.cpu', 'receiver.cpu'],
    ofRun: ['cpu.cores'],
  },
  { title: 'CPU of the agent', report: 'cpu', ofRole: ['agent.cpu'], ofRun: [] },
  { title: 'CPU a frame', report: 'cpu', ofRole: [], ofRun: ['cpu.time per frame'] },
  { title: 'power of the processors', report: 'cpu', ofRole: ['power.package'], ofRun: ['host.power'] },
  { title: 'GPU busy', report: 'gpu', ofRole: ['gpu.busy'], ofRun: ['gpu.busy'] },
  { title: 'GPU video engine', report: 'gpu', ofRole: ['gpu.video'], ofRun: ['gpu.video'] },
  { title: 'GPU encoder', report: 'gpu', ofRole: ['gpu.encoder'], ofRun: [] },
  { title: 'GPU decoder', report: 'gpu', ofRole: ['gpu.decoder'], ofRun: [] },
  { title: 'power of the GPU', report: 'gpu', ofRole: ['gpu.power'], ofRun: ['gpu.power'] },
  { title: 'decode time', report: 'decode', ofRole: [], ofRun: ['decode.time'], runRole: 'client' },
  { title: 'decode time, p95', report: 'decode', ofRole: [], ofRun: ['decode.time p95'], runRole: 'client' },
  { title: "decoder's video engine", report: 'decode', ofRole: ['receiver.gpu.video'], ofRun: [] },
  { title: "decoder's memory", report: 'decode', ofRole: ['receiver.memory'], ofRun: [] },
];

const ROLES = ['guest', 'server', 'client'];
/** Where a metric is of the run as a whole. */
export const RUN_ROLE = 'the run';

export interface ReportCell {
  readonly family: string;
  readonly role: string;
  readonly metric: MetricColumn;
  /** Whether other roles could have it too. */
  readonly isOfRole: boolean;
}

export interface ReportPage {
  /** Lines of the page, in their order. */
  readonly families: readonly string[];
  /** Its columns. */
  readonly roles: readonly string[];
  readonly cells: readonly ReportCell[];
  /** Families that none of the rows has. */
  readonly absent: readonly string[];
}

/** What any of the rows has of a report. */
export function reportPage(metrics: readonly MetricColumn[], rows: Uint32Array, report: Report): ReportPage {
  const byName = new Map(metrics.map((metric) => [metric.name, metric]));
  const measured = (names: readonly string[]) =>
    names
      .map((name) => byName.get(name))
      .find((metric) => metric !== undefined && rows.some((row) => !Number.isNaN(metric.values[row]!)));
  const wanted = FAMILIES.filter((family) => report === 'all' || family.report === report);
  const hasRoles = FAMILIES.some(({ ofRole }) =>
    ROLES.some((role) => measured(ofRole.map((name) => `${role}.${name}`)) !== undefined),
  );
  const cells = wanted.flatMap(({ title, ofRole, ofRun, runRole }): ReportCell[] => {
    const byRole = ROLES.flatMap((role): ReportCell[] => {
      const metric = measured(ofRole.map((name) => `${role}.${name}`));
      return metric === undefined ? [] : [{ family: title, role, metric, isOfRole: true }];
    });
    const metric = measured(ofRun);
    if (metric === undefined) return byRole;
    return [
      ...byRole,
      { family: title, role: hasRoles && runRole !== undefined ? runRole : RUN_ROLE, metric, isOfRole: false },
    ];
  });
  const families = wanted.map(({ title }) => title);
  return {
    families: families.filter((title) => cells.some(({ family }) => family === title)),
    roles: [...ROLES, RUN_ROLE].filter((name) => cells.some(({ role }) => role === name)),
    cells,
    absent: families.filter((title) => !cells.some(({ family }) => family === title)),
  };
}
