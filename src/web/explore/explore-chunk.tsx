// The explorer is a chunk of its own: who looks at one run does not wait for it.

import { useMemo } from 'preact/hooks';
import { readViewText } from '#explore/view-text';
import { Show } from '../shell/messages.tsx';
import { resource } from '../shell/resource.ts';
import { query, route } from '../shell/route.ts';
import { beginDataset } from './load-dataset.ts';

const load = () => import('../pages/explore-page.tsx');

// Who comes here first waits for the chunk and for the runs: both are asked for before anything is drawn.
if (route.peek().page === 'explore') {
  // Where it fails the page says so when it asks again.
  load().catch(() => {});
  beginDataset(readViewText(query.peek().toString()).view.benchmarks);
}

export function ExplorePageChunk() {
  const chunk = useMemo(() => resource(load), []);
  return <Show of={chunk}>{({ ExplorePageView }) => <ExplorePageView />}</Show>;
}
