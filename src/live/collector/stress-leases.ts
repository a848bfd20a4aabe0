// Loads that are wanted on agents: told again and again, so that a collector that dies takes them with it.

import { UserError } from '#core/user-error';
import type { StressLoad } from '../agent-wire.ts';
import type { Agent } from './agent.ts';

/** An agent that hears nothing for so long ends the load. */
const LEASE_MS = 30_000;
/** Whoever wants a load says so again within this time; else it is ended. */
const WANTED_MS = 30_000;
const RENEW_MS = 10_000;

interface Wanted {
  readonly load: StressLoad;
  untilMs: number;
}

export class StressLeases {
  readonly #wanted = new Map<string, Wanted>();
  readonly #agentOf: (role: string) => Agent;
  readonly #tell: (text: string) => void;
  readonly #timer: NodeJS.Timeout;

  /** @param agentOf throws UserError where the role has no agent */
  constructor(agentOf: (role: string) => Agent, tell: (text: string) => void) {
    this.#agentOf = agentOf;
    this.#tell = tell;
    this.#timer = setInterval(() => this.#renew(), RENEW_MS);
    this.#timer.unref();
  }

  /** @throws UserError where the role has no agent, or it refuses */
  async set(role: string, load: StressLoad | null): Promise<void> {
    if (load === null) {
      if (!this.#wanted.delete(role)) return;
      return this.#ask(role, null);
    }
    await this.#ask(role, load);
    this.#wanted.set(role, { load, untilMs: performance.now() + WANTED_MS });
  }

  /** Ends all of them, as far as their agents are here. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    const roles = [...this.#wanted.keys()];
    this.#wanted.clear();
    await Promise.all(roles.map((role) => this.#ask(role, null).catch(leaseEndsIt)));
  }

  async #ask(role: string, stress: StressLoad | null): Promise<void> {
    await this.#agentOf(role).ask({ name: 'stress', stress, leaseMs: LEASE_MS });
  }

  #renew(): void {
    for (const [role, { load, untilMs }] of this.#wanted) {
      const isOver = performance.now() > untilMs;
      if (isOver) {
        this.#wanted.delete(role);
        this.#tell(`The load on ${role} was ended: nobody asked for it any more.`);
      }
      this.#ask(role, isOver ? null : load).catch(leaseEndsIt);
    }
  }
}

/** The agent is away, or refuses: it ends the load by itself when its lease is over. */
function leaseEndsIt(error: unknown): void {
  if (!(error instanceof UserError)) throw error;
}
