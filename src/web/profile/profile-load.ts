// A run's profile as the server sends it: bytes that are unpacked here.

import type { Profile } from '#core/profile';
import { unpackProfile } from '#profile/pack';
import { answered } from '../shell/api.ts';

export interface LoadedProfile {
  readonly profile: Profile;
  /** Where second 0 of the run lies on the profile's clock, nanoseconds. */
  readonly originNs: number;
}

/** @throws RequestFailed where the run has none, PackError where what came is none */
export async function loadProfile(run: string): Promise<LoadedProfile> {
  const response = await answered(fetch(`/api/v1/runs/${encodeURIComponent(run)}/profile`));
  const originNs = Number(response.headers.get('x-profile-origin-ns'));
  performance.mark('encodelab:profile-answered');
  const profile = unpackProfile(new Uint8Array(await response.arrayBuffer()));
  performance.mark('encodelab:profile-unpacked');
  return { profile, originNs };
}
