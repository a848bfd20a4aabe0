// The child that joins chunks, and checks what was joined: the file is read again from its beginning.

import { Log } from 'node-av/lib';
import { AV_LOG_ERROR } from 'node-av/constants';
import { readJob } from '../channel/job.ts';
import { ChannelWriter } from '../channel/writer.ts';
import { AssembleFailure } from './assemble-failure.ts';
import type { AssembleJob, AssembleMessage, Work } from './assemble-job.ts';
import { check } from './checking.ts';
import { join } from './joining.ts';

const ALIVE_INTERVAL_MS = 250;

const channel = new ChannelWriter();
const send = (message: AssembleMessage) => channel.json(message);
let toldMs = performance.now();
/** CPU seconds that were told. */
let toldCpuS = 0;

function main(): void {
  const job = readJob<AssembleJob>();
  Log.setLevel(AV_LOG_ERROR);
  let work: Work = 'joining';
  try {
    const joined = job.join === null ? null : join(job.join, alive);
    if (joined !== null) send({ kind: 'joined', joined: { ...joined, cpuS: cpuSeconds() } });
    if (job.check === null) return;
    work = 'checking';
    const reordering = job.check.reordering ?? joined!.reordering;
    const comparedFrames = check(job.check, reordering, { channel, onAlive: alive });
    send({ kind: 'checked', end: { comparedFrames, cpuS: cpuSeconds() } });
  } catch (error) {
    if (!(error instanceof AssembleFailure)) throw error;
    send({ kind: 'failed', work, blame: error.blame, reason: error.message });
  }
}

function alive(): void {
  const nowMs = performance.now();
  if (nowMs - toldMs < ALIVE_INTERVAL_MS) return;
  toldMs = nowMs;
  send({ kind: 'alive' });
}

/** Since the last call. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  const before = toldCpuS;
  toldCpuS = (user + system) / 1e6;
  return toldCpuS - before;
}

main();
