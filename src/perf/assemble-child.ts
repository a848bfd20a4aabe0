// Reads what perf recorded, finds the names, and writes the tables; prints what the recording must know of them. A child, for
// the memory and the work are nothing that a bench should feel.

import type { Profile } from '#core/profile';
import { writeProfile } from '#recording/profile-tables';
import { profileFromPerf } from './assemble/profile-from-perf.ts';
import type { StoreJob } from './store-profile.ts';
import { openImages } from './symbols/open-images.ts';

const job = JSON.parse(process.argv[2]!) as StoreJob;
const stored = await writeProfile(job.folder, withFacts(await profileFromPerf(job.data, { images: openImages() })));
process.stdout.write(JSON.stringify(stored));

/** What perf's file does not tell. */
function withFacts(profile: Profile): Profile {
  const { tool, wanted, overheadCpuS, absent } = job;
  const { header } = profile;
  return {
    ...profile,
    header: {
      ...header,
      tool,
      file: null,
      frequencyHz: wanted.frequencyHz,
      overheadCpuS,
      absent: [...new Set([...absent, ...header.absent])],
    },
  };
}
