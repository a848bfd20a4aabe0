// Reads what perf recorded, finds the names, and writes the tables; prints what the recording must know of them. A child, for
// the memory and the work are nothing that a bench should feel.

import type { Profile } from '#core/profile';
import { withUnwound } from '#profile/unwound-stacks';
import { writeProfile } from '#recording/profile-tables';
import { profileFromPerf } from './assemble/profile-from-perf.ts';
import { withInspected } from './inspected.ts';
import { unwoundProfile } from './record/unwound-profile.ts';
import type { StoreJob } from './store-profile.ts';
import { openImages } from './symbols/open-images.ts';

const job = JSON.parse(process.argv[2]!) as StoreJob;
const stored = await writeProfile(job.folder, await withInspected(await readJob(), job));
process.stdout.write(JSON.stringify(stored));

async function readJob(): Promise<Profile> {
  const { data, processes, wanted } = job;
  const profile = withFacts(await profileFromPerf(data, { images: openImages(), processes }));
  if (wanted.stacks !== 'dwarf') return profile;
  const unwound = await unwoundProfile(data, profile.header.processes ?? processes);
  if (!('reason' in unwound)) return withUnwound(withoutBytesRemark(profile), unwound);
  const absent = [...profile.header.absent, `Callers: perf could not unwind the stacks (${unwound.reason})`];
  return { ...profile, header: { ...profile.header, absent } };
}

/** The reader's own: it does not unwind. */
function withoutBytesRemark(profile: Profile): Profile {
  const absent = profile.header.absent.filter((one) => !one.startsWith('Callers outside the kernel'));
  return { ...profile, header: { ...profile.header, absent } };
}

/** What perf's file does not tell. */
function withFacts(profile: Profile): Profile {
  const { tool, wanted, overheadCpuS, absent } = job;
  const { header } = profile;
  const missing = [...new Set([...absent, ...header.absent])];
  const frequencyHz = wanted.frequencyHz;
  return { ...profile, header: { ...header, tool, file: null, frequencyHz, overheadCpuS, absent: missing } };
}
