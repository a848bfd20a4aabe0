// The stats that the tool of 2020 had, for any recorded column: what the editor offers before one writes an expression.

/** A stat that is offered: what it is called, and its expression. */
export interface PresetStat {
  readonly title: string;
  readonly expression: string;
}

/** Of something measured over time: `cpu.busy`, `guest:memory.free`. */
export function indicatorPresets(name: string): PresetStat[] {
  return [
    { title: 'average', expression: `mean(${name})` },
    { title: 'median', expression: `median(${name})` },
    { title: '95th percentile', expression: `p95(${name})` },
    { title: 'largest', expression: `max(${name})` },
    { title: 'end less start', expression: `change(${name})` },
  ];
}

/** Of something that each frame has: `frames.bytes`, `frames.encode`. */
export function framePresets(name: string): PresetStat[] {
  return [
    { title: 'average of a frame', expression: `mean(${name})` },
    { title: 'average of keyframes', expression: `mean(${name} where key)` },
    { title: 'average of the others', expression: `mean(${name} where not key)` },
    { title: 'median', expression: `median(${name})` },
    { title: '95th percentile', expression: `p95(${name})` },
    { title: 'largest', expression: `max(${name})` },
    { title: 'per second', expression: `rate(${name})` },
    { title: 'per frame', expression: `sum(${name}) / count(frames.number)` },
  ];
}

/** Of the stream of frames itself. */
export const STREAM_PRESETS: readonly PresetStat[] = [
  { title: 'actual frame rate', expression: 'count(frames.number) / duration' },
  { title: 'number of keyframes', expression: 'sum(frames.key)' },
  { title: 'keyframe period', expression: 'mean(gaps(frames.number where key))' },
  { title: 'time between keyframes', expression: 'mean(gaps(frames.time where key))' },
  { title: 'time between frames', expression: 'mean(gaps(frames.time))' },
];
