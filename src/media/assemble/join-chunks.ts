// Joins the chunks of a rendition into one MP4 file, packet by packet, without encoding anything anew.

import type { Joined, JoinJob } from './assemble-job.ts';
import { runAssembly, type AssembleOptions } from './run-assembly.ts';

export type { ChunkFile, Joined, JoinJob } from './assemble-job.ts';

/**
 * Copies the packets of all chunks into one file. The times are the planned ones, exactly; the same chunks always give the
 * same bytes. One chunk is open at a time, however many there are. The file at `output` is whole only when this resolves.
 * @throws UserError where the chunks can't be joined, whoever tries it; Error for what another try may mend (a full disk)
 */
export async function joinChunks(job: JoinJob, options: Pick<AssembleOptions, 'signal'> = {}): Promise<Joined> {
  const { joined } = await runAssembly({ join: job, check: null }, options);
  return joined!;
}
