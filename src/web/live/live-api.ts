// What the live page asks the server for, beside the stream of rows.

import type { ControlResult, FeedMessage, LiveState } from '#core/live';
import type { QualityMetric } from '#core/quality';
import type { RunRecord } from '#core/run';
import type { Settings, SettingValue } from '#core/settings';
import type { AgentLine, SavedLayout } from '#server/live-wire';
import { read } from '../shell/api.ts';

const ROOT = '/api/v1/live';
/** Who asks, as others see it. Kept by this browser. */
const OPERATOR_KEY = 'encodelab.operator';

export const liveApi = {
  state: () => read<LiveState>(fetch(`${ROOT}/state`)),
  start: (settings: Settings) =>
    send<LiveState>('POST', 'session', { action: 'start', settings, operator: operator() }),
  stop: () => send<LiveState>('POST', 'session', { action: 'stop', operator: operator() }),
  /** New values by name; null takes a setting back. */
  control: async (changes: Readonly<Record<string, SettingValue | null>>) =>
    (await send<{ results: ControlResult[] }>('POST', 'control', { changes, operator: operator() })).results,
  reset: async () =>
    (await send<{ results: ControlResult[] }>('POST', 'control', { reset: true, operator: operator() })).results,
  profile: (action: 'start' | 'stop') => send<LiveState>('POST', 'profile', { action, operator: operator() }),
  say: (text: string) => send<FeedMessage>('POST', 'messages', { source: operator(), text }),
  clearFeed: () => send<object>('DELETE', 'messages'),
  /** @param forS seconds; null until it is ended */
  record: (name: string, forS: number | null, metrics: readonly QualityMetric[]) =>
    send<{ run: string }>('POST', 'recordings', {
      name,
      forS,
      quality: metrics.length === 0 ? null : { metrics },
    }),
  endRecording: (run: string) => send<object>('POST', `recordings/${encodeURIComponent(run)}/end`, {}),
  /** Null while it goes on. */
  recorded: async (run: string) =>
    (await read<{ run: RunRecord | null }>(fetch(`${ROOT}/recordings/${encodeURIComponent(run)}`))).run,
  layouts: async () => (await read<{ layouts: string[] }>(fetch(`${ROOT}/layouts`))).layouts,
  layout: (name: string) => read<SavedLayout>(fetch(`${ROOT}/layouts/${encodeURIComponent(name)}`)),
  saveLayout: (name: string, layout: unknown) =>
    send<SavedLayout>('PUT', `layouts/${encodeURIComponent(name)}`, { layout }),
  deleteLayout: (name: string) => send<object>('DELETE', `layouts/${encodeURIComponent(name)}`),
  agentLine: (role: string) => read<AgentLine>(fetch(`${ROOT}/agent-line?${new URLSearchParams({ role })}`)),
};

export function operator(): string {
  const name = localStorage.getItem(OPERATOR_KEY)?.trim() ?? '';
  return name === '' ? 'operator' : name;
}

export function setOperator(name: string): void {
  localStorage.setItem(OPERATOR_KEY, name.trim().slice(0, 64));
}

function send<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<T> {
  return read<T>(
    fetch(
      `${ROOT}/${path}`,
      body === undefined
        ? { method }
        : { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
    ),
  );
}
