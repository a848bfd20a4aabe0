// The parts of the session that run on this agent: at most one of each.

import { networkInterfaces } from 'node:os';
import type { AgentSpice, PartState } from '#core/live';
import { SESSION_PARTS, type SessionPart } from '#core/session';
import { UserError } from '#core/user-error';
import type { PartCommands, PartSpec, RelayAddress } from '#session/part';
import { KeptPart, type KeptPartOptions } from './kept-part.ts';
import { withOwnSpice } from './own-spice.ts';
import { StandingTap } from './standing-tap.ts';

export interface PartsOptions extends Pick<KeptPartOptions, 'agent' | 'start' | 'events'> {
  /** Of the agent. */
  readonly role: string;
  /** What of a SPICE desktop it was started beside; null for nothing. */
  readonly spice: AgentSpice | null;
  /** For the person at its terminal. */
  readonly onNews: (text: string) => void;
  /** Host under which others reach a relay on this machine; null where the address that it listens on will do. */
  readonly mediaAddress: string | null;
  /** Our address on the way to the collector. */
  readonly localAddress: () => string | null;
}

export class Parts {
  readonly #options: PartsOptions;
  readonly #parts = new Map<SessionPart, KeptPart>();
  /** Of an agent beside a SPICE server: in a session it is the relay. */
  readonly #tap: StandingTap | null;
  /** Starts and ends of one part, one after the other. */
  readonly #turns = new Map<SessionPart, Promise<unknown>>();
  #closed = false;

  constructor(options: PartsOptions) {
    this.#options = options;
    const { spice: own, agent, start, events, role, onNews } = options;
    const reachable = (address: RelayAddress) => this.#reachable(address);
    this.#tap = hasTap(own) ? new StandingTap({ role, own, agent, start, events, reachable, onNews }) : null;
  }

  /** What runs or is to run, with what it was started with. */
  running(): { readonly state: PartState; readonly spec: PartSpec }[] {
    const tap = this.#tap?.watched ?? null;
    return [...this.#parts.values(), ...(tap === null ? [] : [tap])].map(({ state, spec }) => ({ state, spec }));
  }

  /**
   * Starts it; one that runs already ends before.
   * @throws UserError where it has to work beside what this agent does not have
   */
  start(asked: PartSpec): Promise<PartState> {
    return this.#inTurn(asked.part, async () => {
      const { agent, start, events, spice } = this.#options;
      const spec = withOwnSpice(asked, spice);
      await this.#stop(spec.part);
      if (this.#closed) throw new UserError({ what: 'the agent ends' });
      if (this.#tap !== null && spec.part === 'relay' && spec.spice !== undefined) return this.#tap.watch(spec);
      const part = new KeptPart(this.#bound(spec), {
        agent,
        start,
        events,
        reachable: (address) => this.#reachable(address),
      });
      this.#parts.set(spec.part, part);
      return part.state;
    });
  }

  /** Resolves when it is gone. */
  stop(name: SessionPart): Promise<void> {
    return this.#inTurn(name, () => this.#stop(name));
  }

  async #stop(name: SessionPart): Promise<void> {
    if (name === 'relay' && !this.#closed) await this.#tap?.unwatch();
    await this.#parts.get(name)?.stop();
    this.#parts.delete(name);
  }

  #inTurn<T>(name: SessionPart, act: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(name) ?? Promise.resolve();
    const turn = before.then(act, act);
    this.#turns.set(name, turn);
    return turn;
  }

  /** @throws UserError where there is no such part, or it refuses */
  async command<Name extends keyof PartCommands>(
    part: SessionPart,
    name: Name,
    ask: PartCommands[Name]['ask'],
  ): Promise<unknown> {
    const found = this.#parts.get(part) ?? (part === 'relay' ? this.#tap?.watched : null) ?? null;
    if (found === null) throw new UserError({ what: `no ${part} runs on this agent` });
    if (name === 'stop') return this.stop(part).then(() => null);
    if (name === 'watch' || name === 'unwatch')
      throw new UserError({ what: `${name} is the agent's own`, todo: 'start-part and stop-part do that.' });
    return found.command(name, ask);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...SESSION_PARTS.map((name) => this.stop(name)), this.#tap?.stop()]);
  }

  /** A relay that others are to reach listens on that address, or on all where it is none of this machine's own. */
  #bound(spec: PartSpec): PartSpec {
    const { mediaAddress } = this.#options;
    if (spec.part !== 'relay' || mediaAddress === null) return spec;
    const own = Object.values(networkInterfaces()).some((each) =>
      each?.some(({ address }) => address === mediaAddress),
    );
    const all = mediaAddress.includes(':') ? '::' : '0.0.0.0';
    return { ...spec, listen: { ...spec.listen, host: own ? mediaAddress : all } };
  }

  #reachable({ host, port }: RelayAddress): RelayAddress {
    const { mediaAddress, localAddress } = this.#options;
    if (mediaAddress !== null) return { host: mediaAddress, port };
    if (host !== '0.0.0.0' && host !== '::') return { host, port };
    const local = localAddress()?.replace('::ffff:', '') ?? LOOPBACK;
    return { host: local === LOOPBACK ? (outwardAddress() ?? local) : local, port };
  }
}

function hasTap(own: AgentSpice | null): own is AgentSpice & { readonly tap: object } {
  return own !== null && own.tap !== null;
}

const LOOPBACK = '127.0.0.1';

/** The first address of this machine that is not for itself alone; null where there is none. */
function outwardAddress(): string | null {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return all.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? null;
}
