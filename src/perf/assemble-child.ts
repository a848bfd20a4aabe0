// Reads what perf recorded, finds the names, and writes the tables; prints what the recording must know of them. A child, for
// the memory and the work are nothing that a bench should feel.

import type { Profile, ProfileHeader } from '#core/profile';
import { writeProfile } from '#recording/profile-tables';
import { profileFromPerf } from './assemble/profile-from-perf.ts';
import { unwoundProfile } from './record/unwound-profile.ts';
import type { StoreJob } from './store-profile.ts';
import { openImages } from './symbols/open-images.ts';

const job = JSON.parse(process.argv[2]!) as StoreJob;
const stored = await writeProfile(job.folder, await readJob());
process.stdout.write(JSON.stringify(stored));

async function readJob(): Promise<Profile> {
  if (job.wanted.stacks !== 'dwarf') return withFacts(await profileFromPerf(job.data, { images: openImages() }));
  const unwound = await unwoundProfile(job.data);
  if (!('reason' in unwound)) return withFacts(unwound, { clock: 'monotonic', scope: job.scope, stacks: 'dwarf' });
  const profile = await profileFromPerf(job.data, { images: openImages() });
  return withFacts(profile, { absent: [`callers: perf could not unwind the stacks (${unwound.reason})`] });
}

/** What perf's file, or its text, does not tell. */
function withFacts(profile: Profile, more: Partial<ProfileHeader> = {}): Profile {
  const { tool, wanted, overheadCpuS, absent } = job;
  const { header } = profile;
  const missing = [...new Set([...absent, ...header.absent, ...(more.absent ?? [])])];
  const frequencyHz = wanted.frequencyHz;
  return { ...profile, header: { ...header, ...more, tool, file: null, frequencyHz, overheadCpuS, absent: missing } };
}
