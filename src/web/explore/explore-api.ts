// What the explorer's page asks the server besides its runs.

import type { DisplayNames } from '#explore/data/dataset';
import type { View } from '#explore/view';
import type {
  ExclusionChange,
  FactsProgress,
  FindingsPage,
  SavedNames,
  SavedView,
  SavedViewList,
} from '#server/explore-wire';
import { read } from '../shell/api.ts';

const BASE = '/api/v1/explore';

/** Every function throws RequestFailed in the server's words. */
export const exploreApi = {
  views: () => read<SavedViewList>(fetch(`${BASE}/views`)),
  view: (name: string) => read<SavedView>(fetch(viewAddress(name))),
  saveView: (name: string, view: View) => read<SavedView>(send('PUT', viewAddress(name), { view })),
  deleteView: (name: string) => read<object>(send('DELETE', viewAddress(name))),

  names: async (): Promise<DisplayNames> => (await read<SavedNames>(fetch(`${BASE}/names`))).names,
  saveNames: async (names: DisplayNames): Promise<DisplayNames> =>
    (await read<SavedNames>(send('PUT', `${BASE}/names`, { names }))).names,

  /** @param reason null takes them in again */
  exclude: (runs: readonly string[], reason: string | null) =>
    read<object>(send('PUT', `${BASE}/exclusions`, { runs, reason } satisfies ExclusionChange)),
  /** With their recordings. */
  deleteRuns: async (runs: readonly string[]): Promise<number> =>
    (await read<{ deleted: number }>(send('POST', `${BASE}/delete`, { runs }))).deleted,

  /** Looks for about half a second into recordings; true once machine, host, kernel and build of every run are known. */
  completeFacts: async (): Promise<boolean> => (await read<FactsProgress>(send('POST', `${BASE}/facts`))).complete,

  /** @param benchmarks names; none for every run of the lab */
  findings: (benchmarks: readonly string[]) =>
    read<FindingsPage>(fetch(`${BASE}/findings?${new URLSearchParams(benchmarks.map((name) => ['benchmark', name]))}`)),
};

function viewAddress(name: string): string {
  return `${BASE}/views/${encodeURIComponent(name)}`;
}

function send(method: string, address: string, body?: object): Promise<Response> {
  return fetch(
    address,
    body === undefined
      ? { method }
      : { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
  );
}
