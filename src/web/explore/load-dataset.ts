// The runs that the explorer's page looks at, as the server sends them.

import type { Dataset } from '#explore/data/dataset';
import { unpackDataset } from '#explore/data/unpack-dataset';
import type { RunsAbout } from '#server/explore-wire';
import { answered } from '../shell/api.ts';

export interface LoadedRuns {
  readonly dataset: Dataset;
  readonly about: RunsAbout;
}

const UTF16 = new TextDecoder('utf-16le');

/** Asked for while the page itself was on its way still; taken once. */
let begun: { readonly address: string; readonly response: Promise<Response> } | null = null;

/** Asks for runs that will be loaded in a moment. */
export function beginDataset(benchmarks: readonly string[]): void {
  const address = addressOf(benchmarks);
  const response = fetch(address);
  begun = { address, response };
  // Who loads it is told; where nobody does, nobody need know.
  response.catch(() => {});
}

function addressOf(benchmarks: readonly string[]): string {
  return `/api/v1/explore/runs?${new URLSearchParams(benchmarks.map((name) => ['benchmark', name]))}`;
}

/**
 * @param benchmarks names; none for every run of the lab
 * @throws RequestFailed in the server's words; DatasetError where the answer is not whole
 */
export async function loadDataset(benchmarks: readonly string[], signal?: AbortSignal): Promise<LoadedRuns> {
  const address = addressOf(benchmarks);
  const asked = begun?.address === address ? begun.response : fetch(address, { signal: signal ?? null });
  begun = null;
  const response = await answered(asked);
  const { dataset, more } = unpackDataset(await response.arrayBuffer(), (utf16) => UTF16.decode(utf16));
  return { dataset, about: more as RunsAbout };
}
