// The page of a profile is a chunk of its own: who looks at benchmarks does not wait for it.

import { useMemo } from 'preact/hooks';
import { Show } from '../shell/messages.tsx';
import { resource } from '../shell/resource.ts';

export function ProfilePageChunk({ id }: { id: string }) {
  const chunk = useMemo(() => resource(() => import('../pages/profile-page.tsx')), []);
  return <Show of={chunk}>{({ ProfilePageView }) => <ProfilePageView key={id} id={id} />}</Show>;
}
