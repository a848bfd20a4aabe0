import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { addHostOthers } from '#analysis/role-means';
import type { SessionColumns } from '#analysis/session-metrics';
import { AgentBench } from '../../../test/live/agent-bench.ts';

/** So much CPU is used while it is measured, however many want the cores of this machine; and for how long at most. */
const MEASURED_S = 1;
const LONGEST_MS = 15_000;
/** The kernel's ticks, and the edges of the time that is measured, of two that should tell the same. */
const SAME_SHARE = 0.3;
const BUSY = 'for (;;);';
const bench = AgentBench.forEach();

/** Seconds of CPU of a process, as the kernel counts them in ticks of 10 ms. */
function usedS(pid: number | 'self'): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Cores over some time: of a process by the kernel, of the agent by itself, and of others as a run tells them. */
async function measured(pid: number | 'self') {
  const names = ['agent.cpu', 'cpu.busy'];
  const before = names.map((name) => bench.collector.valuesOf(name).length);
  const [beganMs, beganS] = [performance.now(), usedS(pid)];
  while (usedS(pid) - beganS < MEASURED_S && performance.now() - beganMs < LONGEST_MS) await sleep(50);
  const used = (usedS(pid) - beganS) / ((performance.now() - beganMs) / 1000);
  const [own, busy] = names.map((name, place) => {
    const values = bench.collector.valuesOf(name).slice(before[place]);
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  }) as [number, number];
  const core = (value: number) => ({ value, unit: 'core' });
  const means = new Map([
    ['guest/agent.cpu', core(own)],
    ['guest/cpu.busy', core(busy)],
    ['guest/sender.cpu', core(0)],
  ]);
  const steps = [{ role: 'guest' }] as unknown as SessionColumns['steps'];
  let others = NaN;
  addHostOthers((_, value) => (others = value), { means, rolesOnGuest: ['guest'], steps });
  return { used, own, busy, others };
}

test('an agent that is busy is none of the others on its machine, a foreign process is', async () => {
  await bench.start();
  await expect.poll(() => bench.collector.valuesOf('agent.cpu').length, { timeout: 30_000 }).toBeGreaterThan(3);
  // The agent is this process.
  const worker = new Worker(BUSY, { eval: true });
  await once(worker, 'online');
  const busy = await measured('self');
  await worker.terminate();
  expect(Math.abs(busy.own - busy.used)).toBeLessThan(SAME_SHARE * busy.used);
  expect(busy.others).toBeLessThan(busy.busy - (1 - SAME_SHARE) * busy.used);

  const foreign = spawn(process.execPath, ['-e', BUSY]);
  await once(foreign, 'spawn');
  const other = await measured(foreign.pid!);
  foreign.kill('SIGKILL');
  expect(other.others).toBeGreaterThan((1 - SAME_SHARE) * other.used);
});
