// The child that trains: it takes seconds and a core, and whoever waits for it has leases to prolong.

import { setPriority } from 'node:os';
import { WHOLE } from '#core/shape';
import { UserError } from '#core/user-error';
import { readShapes, shapeRow } from '#lab/shapes/read-shapes';
import { readJob } from '#media/channel/job';
import { ChannelWriter } from '#media/channel/writer';
import { writeModel } from './model-file.ts';
import { trainModel } from './model.ts';
import type { TrainJob, TrainMessage } from './train-messages.ts';

/** Pieces of work that are learned from, the newest. */
const MAX_READ = 200_000;
const LOWEST_PRIORITY = 19;

const channel = new ChannelWriter();

async function main(): Promise<void> {
  const job = readJob<TrainJob>();
  if (job.isBackground) setPriority(LOWEST_PRIORITY);
  try {
    await train(job);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    send({ kind: 'failed', reason: error.message });
  }
}

async function train(job: TrainJob): Promise<void> {
  const lab = { path: job.lab, tell: (text: string) => send({ kind: 'told', text }) };
  const columns = await readShapes(lab, { phase: WHOLE, outcome: 'ok' }, { limit: MAX_READ });
  const rows = Array.from(columns.duration_s, (_, row) => shapeRow(columns, row));
  const trained = trainModel(rows, { seed: job.seed, trainedAt: Date.now() });
  if (typeof trained === 'string') send({ kind: 'refused', reason: trained });
  else send({ kind: 'trained', number: (await writeModel(job.lab, trained)).number });
}

function send(message: TrainMessage): void {
  channel.json({ ...message });
}

await main();
