// Which process a number means: numbers are given away anew, the time of the start tells them apart.

import { readFileSync } from 'node:fs';
import { ByteCursor } from './byte-cursor.ts';
import { codeOf } from './held-file.ts';
import { COUNTERS, parseProcessStat, type ProcessStat } from './process-usage.ts';

/**
 * When a process began, in clock ticks since the system started (field 22 of /proc/PID/stat).
 * @returns null where there is no such process, or no /proc
 */
export function processStartTicks(pid: number): number | null {
  let text: Buffer;
  try {
    text = readFileSync(`/proc/${pid}/stat`);
  } catch (error) {
    codeOf(error);
    return null;
  }
  const stat: ProcessStat = {
    counters: new Float64Array(COUNTERS),
    childFaults: 0,
    ppid: 0,
    session: 0,
    threads: 0,
    startTicks: NaN,
    residentPages: 0,
  };
  return parseProcessStat(new ByteCursor(text), stat) ? stat.startTicks : null;
}
