// The server's interface, typed by the server itself.

import { hc } from 'hono/client';
import type { Api } from '#server/api';
import type {
  BenchmarkPage,
  BenchmarkSummary,
  FrameColumns,
  RunPage,
  ScriptAction,
  ScriptFile,
  ScriptState,
  SeriesColumn,
} from '#server/wire';
import type { EncoderList, EncoderPage, EngineState, ProofState } from '#server/encoders-wire';
import type { QualityColumns, QualityPage } from '#server/quality-wire';
import type { CurvesPage } from '#server/curve-wire';
import type { Drift } from '#analysis/drift';
import type { RunRecord } from '#core/run';

/** The address is that of the page. Names are escaped here: the client puts them into the path as they are. */
const client = hc<Api>('/api/v1');

/** What went wrong, in the server's words; `status` is 0 where it did not answer. */
export class RequestFailed extends Error {
  readonly status: number;
  readonly todo: string | null;

  constructor(status: number, message: string, todo: string | null) {
    super(message);
    this.status = status;
    this.todo = todo;
  }
}

/** `what is wrong; what to do about it`. */
export function problemWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const todo = error instanceof RequestFailed ? error.todo : null;
  return todo === null || todo === '' ? error.message : `${error.message}; ${todo}`;
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

export const api = {
  benchmarks: async () => (await read<{ benchmarks: BenchmarkSummary[] }>(client.benchmarks.$get())).benchmarks,
  /** @param metrics those whose values are wanted */
  benchmark: (name: string, metrics: Iterable<string>) => {
    const wanted = new URLSearchParams([...metrics].map((metric) => ['metric', metric]));
    return read<BenchmarkPage>(fetch(`/api/v1/benchmarks/${encodeURIComponent(name)}?${wanted}`));
  },
  drift: async (name: string) =>
    (
      await read<{ drift: Drift | null }>(
        client.benchmarks[':name'].drift.$get({ param: { name: encodeURIComponent(name) } }),
      )
    ).drift,
  /** @param query metric, against, hull: what is empty is left to the server */
  curves: (name: string, query: Readonly<Record<string, string>>) =>
    read<CurvesPage>(fetch(`/api/v1/benchmarks/${encodeURIComponent(name)}/curves?${new URLSearchParams(query)}`)),
  latestRuns: async (limit: number) => (await read<{ runs: RunRecord[] }>(fetch(`/api/v1/runs?limit=${limit}`))).runs,
  run: (id: string) => read<RunPage>(client.runs[':id'].$get({ param: { id: encodeURIComponent(id) } })),
  /** @param stream null for the first */
  frames: (id: string, stream: string | null, range: Range | null) => {
    const wanted = new URLSearchParams(range === null ? {} : { from: String(range.from), to: String(range.to) });
    if (stream !== null) wanted.set('stream', stream);
    return read<FrameColumns>(fetch(`/api/v1/runs/${encodeURIComponent(id)}/frames?${wanted}`));
  },
  series: async (id: string, range: Range | null) =>
    (await read<{ series: SeriesColumn[] }>(fetch(`/api/v1/runs/${encodeURIComponent(id)}/series${rangeQuery(range)}`)))
      .series,
  quality: (id: string) => read<QualityPage>(fetch(`/api/v1/runs/${encodeURIComponent(id)}/quality`)),
  scores: (id: string, metric: string, range: Range | null) =>
    read<QualityColumns>(
      fetch(`/api/v1/runs/${encodeURIComponent(id)}/quality/${encodeURIComponent(metric)}${rangeQuery(range)}`),
    ),
  engines: async () => (await read<{ engines: EngineState[] }>(client.engines.$get())).engines,
  encoders: (engine: string) => read<EncoderList>(fetch(`/api/v1/encoders?${new URLSearchParams({ engine })}`)),
  encoder: (engine: string, name: string) => read<EncoderPage>(fetch(encoderAddress(engine, name, ''))),
  proveEncoder: async (engine: string, name: string) =>
    (await read<{ proof: ProofState }>(fetch(encoderAddress(engine, name, '/prove'), { method: 'POST' }))).proof,
  proof: async () => (await read<{ proof: ProofState | null }>(client.proof.$get())).proof,
  stopProof: async () => (await read<{ proof: ProofState | null }>(client.proof.stop.$post())).proof,
  scripts: () => read<{ scripts: ScriptFile[]; state: ScriptState | null }>(client.scripts.$get()),
  actOnScript: (name: string, action: ScriptAction) =>
    read<ScriptState>(client.scripts[':name'][':action'].$post({ param: { name: encodeURIComponent(name), action } })),
};

export const exportPath = {
  benchmark: (name: string, format: string) => `/api/v1/benchmarks/${encodeURIComponent(name)}/export.${format}`,
  run: (id: string, table: string, format: string) =>
    `/api/v1/runs/${encodeURIComponent(id)}/export/${table}.${format}`,
};

/** Address of a picture of a run, by the path that its recording has for it: `pictures/12-source.png`. */
export function pictureAddress(id: string, path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return `/api/v1/runs/${encodeURIComponent(id)}/pictures/${encodeURIComponent(name)}`;
}

function encoderAddress(engine: string, name: string, action: string): string {
  return `/api/v1/encoders/${encodeURIComponent(name)}${action}?${new URLSearchParams({ engine })}`;
}

function rangeQuery(range: Range | null): string {
  return range === null ? '' : `?from=${range.from}&to=${range.to}`;
}

/**
 * The answer to a request.
 * @throws RequestFailed in the server's words
 */
export async function read<T>(request: Promise<Response> | Promise<{ ok: boolean }>): Promise<T> {
  return (await (await answered(request)).json()) as T;
}

/**
 * The same for what is no JSON.
 * @throws RequestFailed in the server's words
 */
export async function answered(request: Promise<Response> | Promise<{ ok: boolean }>): Promise<Response> {
  let response: Response;
  try {
    response = (await request) as Response;
  } catch (cause) {
    throw new RequestFailed(0, 'the server does not answer', cause instanceof Error ? cause.message : null);
  }
  if (response.ok) return response;
  const { what, todo } = await firstProblem(response);
  throw new RequestFailed(response.status, what, todo);
}

async function firstProblem(response: Response): Promise<{ what: string; todo: string | null }> {
  const text = await response.text();
  try {
    const { problems } = JSON.parse(text) as { problems: { what: string; todo?: string }[] };
    return { what: problems[0]!.what, todo: problems[0]!.todo ?? null };
  } catch {
    // Not an answer of our server: what it says may help all the same.
    return { what: `the server answered ${response.status}`, todo: text.slice(0, 200) || null };
  }
}
