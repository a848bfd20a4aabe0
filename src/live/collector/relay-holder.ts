// Who has the relay of a session: it is not moved to another agent while its own is only away for a moment.

import { monotonicUs } from '#system/clock';
import type { AgentHub } from './agent-hub.ts';

/** An agent that went away with a relay comes back so soon, or the relay is started elsewhere. */
const GRACE_MS = 3_000;
/** After a collector was away its agents come back one after the other: until then none of them gets another's relay. */
const REUNION_MS = 6_000;

export class RelayHolder {
  readonly #hub: AgentHub;
  #held: { readonly name: string; awayUs: number | null } | null = null;

  constructor(hub: AgentHub) {
    this.#hub = hub;
  }

  has(name: string): void {
    this.#held = { name, awayUs: null };
  }

  forget(): void {
    this.#held = null;
  }

  /** @param wokenUs when we took a session over that ran before our start; null where none did */
  mayMove(wokenUs: number | null): boolean {
    const held = this.#held;
    if (held === null && wokenUs !== null) return monotonicUs() - wokenUs > REUNION_MS * 1000;
    if (held === null || this.#hub.agent(held.name)?.connected === true) return true;
    const nowUs = monotonicUs();
    held.awayUs ??= nowUs;
    if (nowUs - held.awayUs < GRACE_MS * 1000) return false;
    this.#held = null;
    return true;
  }
}
