// The steps of a frame's way as times per frame, group by group: what an encoding stack is made of.

import type { MetricColumn } from '../data/dataset.ts';
import type { Look } from '../scene/scene.ts';
import { mediansOf } from './group-medians.ts';
import type { Groups } from './grouping.ts';
import { plainLook, seriesLook } from './looks.ts';

/** Which of a run's times per frame: ` p50` and so on at the end of the metrics' names. */
export const STEP_TIMES = ['mean', 'p50', 'p95'] as const;
export type StepTime = (typeof STEP_TIMES)[number];

interface StepSource {
  readonly title: string;
  /** The metric whose time it is. */
  readonly metric: string;
  /** Metrics of steps that are part of it and are told by themselves. */
  readonly without: readonly string[];
}

/**
 * In the order of a frame's way. `network.time` holds sending and the relay (docs/metrics.md): what is left of it is the way from the one
 * machine to the other and the receiver's reading. A file is decoded before it is encoded, a stream after it; the order below is a stream's.
 */
const STEPS: readonly StepSource[] = [
  { title: 'capture', metric: 'capture.time', without: [] },
  { title: 'scale', metric: 'scale.time', without: [] },
  { title: 'encode', metric: 'encode.time', without: [] },
  { title: 'send', metric: 'send.time', without: [] },
  { title: 'relay', metric: 'relay.time', without: [] },
  { title: 'receive', metric: 'network.time', without: ['send.time', 'relay.time'] },
  { title: 'decode', metric: 'decode.time', without: [] },
  { title: 'wait to present', metric: 'present.time', without: [] },
];

/** Every step looks the same in every stack; there are as many colours as steps that work, and waiting is pale. */
function lookOf(position: number): Look {
  return STEPS[position]!.metric === 'present.time' ? WAITING : seriesLook(position);
}

/** The look of the step in which nobody works: it needs an outline. */
export const WAITING = plainLook('line');

/** What tells that a run is a stream: its frames are captured, sent or presented. */
const OF_STREAMS = ['capture.time', 'send.time', 'network.time', 'present.time'];

export interface StackStep {
  readonly title: string;
  readonly look: Look;
  /** Of each group milliseconds per frame, the median over its runs; NaN where no run has it. */
  readonly ms: Float64Array;
}

export interface Stack {
  /** Steps that some group has, the first of a frame's way first. */
  readonly steps: readonly StackStep[];
  /** Of each group the sum of its steps. */
  readonly totalMs: Float64Array;
  /** Groups in which what is part of a time was more than it: 0 is left of it. */
  readonly overfull: number;
  readonly isStream: boolean;
}

/** Whether there is a time of any step for a row, and a metric column of it: 0 where there is, NaN where not. */
export function anyStep(metrics: readonly MetricColumn[], count: number, time: StepTime): Float64Array {
  const any = new Float64Array(count).fill(NaN);
  for (const { metric } of STEPS) {
    const values = columnOf(metrics, metric, time);
    if (values === null) continue;
    for (let row = 0; row < count; row++) if (!Number.isNaN(values[row]!)) any[row] = 0;
  }
  return any;
}

/** The stack of each group: medians over its runs, step by step. */
export function stackOf(groups: Groups, metrics: readonly MetricColumn[], time: StepTime): Stack {
  const medians = new Map<string, Float64Array>();
  for (const { metric } of STEPS) {
    const values = columnOf(metrics, metric, time);
    if (values !== null) medians.set(metric, mediansOf(groups, values));
  }
  let overfull = 0;
  const steps = STEPS.flatMap(({ title, metric, without }, position): StackStep[] => {
    const whole = medians.get(metric);
    if (whole === undefined || whole.every(Number.isNaN)) return [];
    const parts = without.flatMap((part) => medians.get(part) ?? []);
    const ms = whole.map((value, group) => {
      let rest = value;
      for (const part of parts) if (!Number.isNaN(part[group]!)) rest -= part[group]!;
      if (rest < 0) overfull++;
      return Number.isNaN(rest) ? NaN : Math.max(0, rest);
    });
    return [{ title, look: lookOf(position), ms }];
  });
  const isStream = OF_STREAMS.some((metric) => medians.has(metric));
  const ordered = isStream ? steps : decodedFirst(steps);
  const totalMs = new Float64Array(groups.count);
  for (const { ms } of ordered) for (let group = 0; group < ms.length; group++) totalMs[group]! += ms[group]! || 0;
  return { steps: ordered, totalMs, overfull, isStream };
}

function decodedFirst(steps: readonly StackStep[]): StackStep[] {
  return steps.toSorted((a, b) => Number(b.title === 'decode') - Number(a.title === 'decode'));
}

function columnOf(metrics: readonly MetricColumn[], name: string, time: StepTime): Float64Array | null {
  return metrics.find((one) => one.name === (time === 'mean' ? name : `${name} ${time}`))?.values ?? null;
}
