// Fetches what agents kept of a recording, has its pictures compared, and leaves what is to be kept.

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { QualityWanted } from '#core/quality';
import { UserError } from '#core/user-error';
import type { StreamRun } from '#run/stream-run';
import type { AgentHub } from './agent-hub.ts';
import { fetchFile } from './fetch-file.ts';
import type { KeptFile } from './record-memo.ts';
import type { Scorer } from './score-record.ts';

/** What one file of a recording may take: an hour at 16 Mbit/s. */
export const MAX_KEPT_BYTES = 8 * 1024 * 1024 * 1024;

interface KeptFiles {
  readonly run: StreamRun;
  readonly hub: AgentHub;
  readonly files: readonly KeptFile[];
  /** Null where nobody wants scores. */
  readonly quality: QualityWanted | null;
  readonly keepOutput: boolean;
  /** Null where it can't be read here. */
  readonly source: string | null;
  readonly miss: (text: string) => void;
  readonly orMiss: (what: string, act: () => Promise<void>) => Promise<void>;
}

/** @returns what the run gets of it: nothing where it can't be had */
export async function scoreFiles(
  { run, hub, files, quality, keepOutput, source, miss, orMiss }: KeptFiles,
  score: Scorer,
  signal: AbortSignal,
): Promise<Awaited<ReturnType<Scorer>>> {
  const here: (KeptFile & { readonly path: string })[] = [];
  for (const kept of files)
    await orMiss(`the file ${kept.file} of ${kept.agent}`, async () => {
      const agent = hub.agent(kept.agent);
      if (agent === undefined) throw new UserError({ what: 'the agent is gone' });
      const path = join(run.folder, kept.file);
      await fetchFile(agent, run.run.id, kept.file, path, MAX_KEPT_BYTES);
      here.push({ ...kept, path });
    });
  try {
    const [first, ...others] = here.filter(({ what }) => what === 'received');
    if (quality === null || first === undefined) return {};
    if (others.length > 0) miss(`quality: only frames of ${first.file} have a score, ${others.length} more were kept`);
    const pictures = here.find(({ what, stream }) => what === 'source' && stream === first.stream)?.path ?? null;
    return await score({ run, stream: first.stream, quality, received: first.path, pictures, source }, signal);
  } finally {
    const unwanted = here.filter(({ what }) => what === 'source' || !keepOutput);
    await Promise.all(unwanted.map(({ path }) => rm(path, { force: true })));
  }
}
