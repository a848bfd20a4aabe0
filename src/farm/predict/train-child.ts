// The child that trains: it takes seconds and a core, and whoever waits for it has leases to prolong.

import { setPriority } from 'node:os';
import { WHOLE } from '#core/shape';
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
  const columns = await readShapes({ path: job.lab }, { phase: WHOLE, outcome: 'ok' }, { limit: MAX_READ });
  const rows = Array.from(columns.duration_s, (_, row) => shapeRow(columns, row));
  const trained = trainModel(rows, { seed: job.seed, trainedAt: Date.now() });
  const message: TrainMessage =
    typeof trained === 'string'
      ? { kind: 'refused', reason: trained }
      : { kind: 'trained', number: (await writeModel(job.lab, trained)).number };
  channel.json({ ...message });
}

await main();
