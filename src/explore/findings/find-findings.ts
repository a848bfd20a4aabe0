// What is worth seeing in a set of runs, by itself: every search in turn, the weightiest first.

import { NO_NAMES, type Dataset, type DisplayNames } from '../data/dataset.ts';
import { findBimodal } from './bimodal.ts';
import { findDominated } from './dominated.ts';
import { findBenchDrift, findRunDrifts, type FrameColumn } from './drifts.ts';
import { findEffects } from './effects.ts';
import type { Finding } from './finding.ts';
import { NO_RUN_COUNTS } from './nothing-stands-out.ts';
import { findInteractions, interactionFindings } from './interactions.ts';
import { findKnees } from './knees.ts';
import { findMatters, tellingEffects } from './matters.ts';
import { findNeighbours } from './neighbours.ts';
import { findNoEffects } from './no-effect.ts';
import { findNotHonoured } from './not-honoured.ts';
import { groupRuns, type RunGroup } from './run-groups.ts';
import { countedRows, makeStudy } from './study.ts';
import { noteTimeOrder } from './time-order.ts';
import * as words from './wording.ts';

export interface FindingOptions {
  readonly names?: DisplayNames | undefined;
  /** Of some runs what was measured of their frames: without them no drift within a run is seen. */
  readonly frames?: readonly FrameColumn[] | undefined;
  /** The same seed finds the same. */
  readonly seed?: number | undefined;
}

export interface Found {
  /** The weightiest first. */
  readonly findings: readonly Finding[];
  /** What could not be looked for, and why: sentences. */
  readonly notes: readonly string[];
}

const SEED = 20_200_218;

/**
 * Looks for findings in rows of a dataset. Runs that failed or were left out do not count. Findings that are tests hold at 1 % for each kind,
 * corrected for all settings, metrics and cells that were tried (docs/findings.md). Benchmarks that have no cell in common are looked at one by one.
 * @param rows ascending
 */
export function findFindings(dataset: Dataset, rows: Uint32Array, options: FindingOptions = {}): Found {
  const groups = groupRuns(dataset, countedRows(dataset, rows));
  if (groups.length === 0) return { findings: [], notes: rows.length === 0 ? [] : [whyNoneCounts(dataset, rows)] };
  if (groups.length === 1) return findInGroup(dataset, groups[0]!.rows, options);
  const taken = groups.slice(0, MAX_GROUPS);
  const found = taken.map((group) => ({ group, ...findInGroup(dataset, group.rows, options) }));
  const labels = taken.map(({ label }) => label);
  const apart = `benchmarks that have no settings in common were looked at one by one: ${words.listText(labels)}`;
  const rest = groups.length > taken.length ? [`${groups.length - taken.length} smaller ones were not looked at`] : [];
  const notes = Map.groupBy(
    found.flatMap(({ group, notes: own }) => own.map((note) => ({ note, label: group.label }))),
    ({ note }) => note,
  );
  return {
    findings: found
      .flatMap(({ group, findings }) => findings.map((finding) => ofGroup(group, finding)))
      .toSorted((a, b) => b.weight - a.weight),
    notes: [
      apart,
      ...rest,
      ...Array.from(notes, ([note, of]) => `${words.listText(of.map(({ label }) => label))}: ${note}`),
    ],
  };
}

/** Groups that are looked at, the largest ones. */
const MAX_GROUPS = 12;

function ofGroup({ label, benchmarks }: RunGroup, finding: Finding): Finding {
  return {
    ...finding,
    id: `${finding.id}@${label}`,
    title: `${label}: ${finding.title}`,
    view: benchmarks.length === 0 ? finding.view : { ...finding.view, benchmarks },
  };
}

/** `no run counts: 3 failed (most often: no such encoder) and 1 was left out`. */
function whyNoneCounts({ excluded, outcomes, reasons }: Dataset, rows: Uint32Array): string {
  const failed = Array.from(rows).filter((row) => outcomes[row] !== 0);
  const leftOut = rows.filter((row) => outcomes[row] === 0 && excluded.has(row)).length;
  const known = [...Map.groupBy(failed, (row) => reasons.get(row) ?? null)]
    .filter(([reason]) => reason !== null)
    .toSorted(([, a], [, b]) => b.length - a.length);
  const reason = known.length === 0 ? '' : ` (${known.length > 1 ? 'most often: ' : ''}${known[0]![0]!})`;
  const parts = [
    ...(failed.length > 0 ? [`${failed.length} failed${reason}`] : []),
    ...(leftOut > 0 ? [`${leftOut} ${leftOut === 1 ? 'was' : 'were'} left out`] : []),
  ];
  return `${NO_RUN_COUNTS}: ${words.listText(parts)}`;
}

function findInGroup(dataset: Dataset, rows: Uint32Array, options: FindingOptions): Found {
  const study = makeStudy(dataset, rows, options.names ?? NO_NAMES, options.seed ?? SEED);
  noteTimeOrder(study);
  const effects = findEffects(study);
  const telling = tellingEffects(effects);
  const interactions = findInteractions(study, effects);
  const findings: Finding[] = [
    ...findMatters(study, telling),
    ...interactionFindings(study, interactions),
    ...findKnees(study, telling),
    ...findNoEffects(study, effects, interactions),
    ...findNotHonoured(study),
    ...findDominated(study),
    ...findBimodal(study),
    ...findBenchDrift(study),
    ...findRunDrifts(study, options.frames ?? []),
    ...findNeighbours(study),
  ];
  return { findings: findings.toSorted((a, b) => b.weight - a.weight), notes: [...study.notes] };
}
