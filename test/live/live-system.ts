// A live system as a user starts it: a server and agents, each a process of its own, from the sources.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveState } from '#core/live';
import type { RunningChild } from '#system/child-process';
import { cli, startCli } from '../cli/run-cli.ts';

const STARTED_MS = 60_000;
const STEP_MS = 100;

export const ROLES = ['guest', 'server', 'client'] as const;
export type Role = (typeof ROLES)[number];

/** Waits until `test` answers something. @throws Error with what was waited for, and the last state */
export async function until<T>(
  what: string,
  test: () => Promise<T | null | false>,
  timeoutMs = STARTED_MS,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const answer = await test();
    if (answer !== null && answer !== false) return answer;
    if (Date.now() > end) throw new Error(`waited ${timeoutMs / 1000} s for ${what}`);
    await sleep(STEP_MS);
  }
}

export class LiveSystem {
  readonly lab: string;
  readonly #children = new Map<string, RunningChild>();
  #url = '';
  #port = 0;

  constructor(lab: string) {
    this.lab = lab;
  }

  get url(): string {
    return this.#url;
  }

  get token(): string {
    return readFileSync(join(this.lab, 'server-token'), 'utf8').trim();
  }

  pid(name: 'collector' | Role): number | undefined {
    return this.#children.get(name)?.pid;
  }

  /** Starts the server; the second time at the same port, as a user would. */
  async startCollector(): Promise<void> {
    let out = '';
    const child = startCli(['serve', '--lab', this.lab, '--port', String(this.#port)], {
      timeoutMs: 600_000,
      onStdout: (chunk) => (out += chunk.toString()),
    });
    this.#children.set('collector', child);
    const line = await until('the address of the server', async () => /http:\/\/\S+/.exec(out)?.[0] ?? null);
    this.#url = new URL(line).origin;
    this.#port = Number(new URL(line).port);
  }

  startAgent(role: Role, ...more: readonly string[]): void {
    const child = startCli(['agent', '--role', role, '--collector', this.#url, ...more], {
      timeoutMs: 600_000,
      env: { ENCODELAB_TOKEN: this.token },
    });
    this.#children.set(role, child);
  }

  async start(...agentOptions: readonly string[]): Promise<void> {
    await this.startCollector();
    for (const role of ROLES) this.startAgent(role, ...agentOptions);
    await until('three agents', async () => {
      const { agents } = await this.state();
      return agents.filter(({ connected }) => connected).length === 3;
    });
  }

  async request<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.#url}/api/v1/live/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    });
    const answer = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${answer}`);
    return JSON.parse(answer) as T;
  }

  state(): Promise<LiveState> {
    return this.request('GET', 'state');
  }

  /** Waits until the client presents a frame that was captured after now. */
  async untilPresented(timeoutMs = STARTED_MS): Promise<void> {
    const { nowS } = await this.state();
    await until(
      'a frame at the client',
      async () => {
        const { presented } = await this.request<{ presented: unknown }>('GET', `presented?since=${nowS}&wait=1`);
        return presented !== null;
      },
      timeoutMs,
    );
  }

  run(...args: readonly string[]) {
    return cli(...args, '--lab', this.lab);
  }

  /** SIGKILL, and gone when it resolves. */
  async kill(name: 'collector' | Role): Promise<void> {
    const child = this.#children.get(name)!;
    child.kill();
    await child.result;
  }

  async close(): Promise<void> {
    const children = [...this.#children.values()];
    for (const child of children) child.end();
    await Promise.all(children.map(({ result }) => result));
  }
}
