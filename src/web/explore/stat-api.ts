// What the explorer's page asks the server of stats of people's own.

import type { SavedStat, SavedStatList, StatColumns, StatValues } from '#server/explore-wire';
import { read } from '../shell/api.ts';

const BASE = '/api/v1/explore/stats';

/** Every function throws RequestFailed in the server's words. */
export const statApi = {
  list: () => read<SavedStatList>(fetch(BASE)),
  /** @param run id */
  columns: async (run: string) =>
    (await read<StatColumns>(fetch(`${BASE}/columns?${new URLSearchParams({ run })}`))).columns,
  /**
   * @param runs ids, MAX_STAT_RUNS at most
   * @param trial nothing need be kept for later
   */
  values: (expression: string, runs: readonly string[], trial: boolean, signal: AbortSignal) =>
    read<StatValues>(fetch(`${BASE}/values`, { ...json('POST', { expression, runs, trial }), signal })),
  save: ({ name, ...stat }: SavedStat) => read<SavedStat>(fetch(address(name), json('PUT', stat))),
  delete: (name: string) => read<object>(fetch(address(name), { method: 'DELETE' })),
};

function address(name: string): string {
  return `${BASE}/${encodeURIComponent(name)}`;
}

function json(method: string, body: object): RequestInit {
  return { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
