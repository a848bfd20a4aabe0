// Puts the slices of a profile together, cuts them to a run and writes its tables; prints what the recording must know of them.

import { readFile } from 'node:fs/promises';
import type { Profile } from '#core/profile';
import { unpackProfile } from '#profile/pack';
import { ProfileSlices } from '#profile/profile-slices';
import { writeProfile } from '#recording/profile-tables';
import type { StoreSlicesJob } from './store-slices.ts';

/** A profile that began or ended so much within the run has not all of it. */
const NEARLY_NS = 1.5e9;

const { data, folder, fromNs, toNs } = JSON.parse(process.argv[2]!) as StoreSlicesJob;
const slices = new ProfileSlices();
for (const path of data) {
  const bytes = await readFile(path);
  for (let at = 0; at + 4 <= bytes.length;) {
    const end = at + 4 + bytes.readUInt32LE(at);
    // The last one was cut short where its collector was killed.
    if (end > bytes.length) break;
    slices.add(unpackProfile(Uint8Array.from(bytes.subarray(at + 4, end))));
    at = end;
  }
}
const profile = slices.profile(fromNs, toNs);
if (profile === null) throw new Error('none of it lies in what was recorded');
process.stdout.write(JSON.stringify(await writeProfile(folder, withMissing(profile))));

function withMissing(whole: Profile): Profile {
  const { header } = whole;
  const seconds = (timeNs: number) => `${((timeNs - fromNs) / 1e9).toFixed(1)} s`;
  const missing = [
    ...(header.startNs > fromNs + NEARLY_NS
      ? [`the profile began at ${seconds(header.startNs)} of the recording`]
      : []),
    ...(header.endNs < toNs - NEARLY_NS ? [`the profile ended at ${seconds(header.endNs)} of the recording`] : []),
  ];
  return { ...whole, header: { ...header, absent: [...header.absent, ...missing] } };
}
