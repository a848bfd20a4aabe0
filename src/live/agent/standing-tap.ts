// The tap before a SPICE server: it runs as long as its agent, so that connections of clients outlive sessions. A session that wants it
// has it watched; in between it is no part of any, and nothing of it is told but where it listens.

import { addressText } from '#core/address-text';
import type { AgentSpice, PartState } from '#core/live';
import type { RelaySpec } from '#session/part';
import { NO_NETWORK } from '#session/network-setting';
import { KeptPart, type KeptPartOptions } from './kept-part.ts';

export interface StandingTapOptions extends KeptPartOptions {
  readonly role: string;
  /** What the agent was started beside, with the tap's addresses. */
  readonly own: AgentSpice & { readonly tap: object };
  /** Where clients connect, or why they can't: for the person at the agent's terminal. */
  readonly onNews: (text: string) => void;
}

export class StandingTap {
  readonly #options: StandingTapOptions;
  readonly #idle: RelaySpec;
  readonly #part: KeptPart;
  #watched = false;
  #news = '';

  constructor(options: StandingTapOptions) {
    this.#options = options;
    const { role, own, events } = options;
    this.#idle = {
      part: 'relay',
      session: '',
      stream: 'video',
      role,
      listen: own.tap.listen,
      network: NO_NETWORK,
      token: '',
      spice: { wish: {}, numberedBy: 'tap', agent: own },
    };
    this.#part = new KeptPart(this.#idle, {
      ...options,
      events: {
        ...events,
        state: (state) => this.#told(state),
        started: (part, pid) => this.#watched && events.started(part, pid),
        gone: (part) => this.#watched && events.gone(part),
      },
    });
  }

  /** Null while no session wants it. */
  get watched(): KeptPart | null {
    return this.#watched ? this.#part : null;
  }

  /**
   * Makes it the relay of that session. One that does not run at the moment is started again as such.
   * @param spec with the agent's own addresses
   * @throws UserError where it refuses
   */
  async watch(spec: RelaySpec): Promise<PartState> {
    const { session, stream, network } = spec;
    const { wish, numberedBy } = spec.spice!;
    const { pid } = this.#part.state;
    this.#watched = true;
    if (pid !== null) this.#options.events.started('relay', pid);
    this.#part.become(spec);
    try {
      if (pid !== null) await this.#part.command('watch', { session, stream, network, wish, numberedBy });
    } catch (error) {
      await this.unwatch();
      throw error;
    }
    return this.#part.state;
  }

  /** Takes it back from its session, which is told that it stopped. */
  async unwatch(): Promise<void> {
    if (!this.#watched) return;
    this.#watched = false;
    const { events } = this.#options;
    const { state } = this.#part;
    this.#part.become(this.#idle);
    // One that is gone has forgotten the session already.
    if (state.pid !== null) await this.#part.command('unwatch', {}).catch(() => null);
    events.gone('relay');
    events.state({ ...state, state: 'stopped', pid: null, address: null, note: null });
  }

  /** Ends it; resolves when it is gone. */
  stop(): Promise<void> {
    return this.#part.stop();
  }

  #told(state: PartState): void {
    if (this.#watched) this.#options.events.state(state);
    const { tap } = this.#options.own;
    const server = addressText(tap.server);
    let news = '';
    if (state.state === 'running' && state.address !== null)
      news = `SPICE clients connect to ${addressText(state.address)}; the server is ${server}`;
    else if (state.state === 'failed') news = `the tap before ${server} failed: ${state.note}`;
    if (news === '' || news === this.#news) return;
    this.#news = news;
    this.#options.onNews(news);
  }
}
