import { expect, test } from 'vitest';
import type { PerfDataReader } from '../perf-data/perf-data-reader.ts';
import { PerfEvent } from '../perf-data/perf-event.ts';
import { perfHeader } from './perf-header.ts';

const SOFTWARE = 1;

function event(config: number, name: string): PerfEvent {
  const attr = new DataView(new ArrayBuffer(128));
  attr.setUint32(0, SOFTWARE, true);
  attr.setUint32(8, config, true);
  const made = new PerfEvent(attr);
  made.name = name;
  return made;
}

test('an event that is left out is another clock, or none of CPU time', () => {
  const events = [event(0, 'cpu-clock/freq=499/'), event(1, 'task-clock/freq=999/'), event(2, 'page-faults')];
  const features = { version: '6.1', commandLine: null, cpusOnline: 2 };
  const reader = { events, features, traceFormats: new Map(), damagedRecords: 0 } as unknown as PerfDataReader;
  const { absent } = perfHeader({
    file: null,
    reader,
    startNs: 0,
    endNs: 1e9,
    cpusSeen: new Set([0]),
    idleSeen: false,
    lost: 0,
    throttled: 0,
    leftOut: new Map([
      ['task-clock/freq=999/', 2007],
      ['page-faults', 12],
    ]),
    remarks: [],
  });
  expect(absent).toEqual([
    'Event task-clock/freq=999/: its 2007 samples are left out: cpu-clock/freq=499/ is read, and its samples tell the same time.',
    'Event page-faults: its 12 samples are not samples of CPU time.',
  ]);
});
