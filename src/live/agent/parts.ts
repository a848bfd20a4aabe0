// The parts of the session that run on this agent: at most one of each.

import { networkInterfaces } from 'node:os';
import type { PartState } from '#core/live';
import { SESSION_PARTS, type SessionPart } from '#core/session';
import { UserError } from '#core/user-error';
import type { PartCommands, PartSpec, RelayAddress } from '#session/part';
import { KeptPart, type KeptPartOptions } from './kept-part.ts';

export interface PartsOptions extends Pick<KeptPartOptions, 'agent' | 'start' | 'events'> {
  /** Host under which others reach a relay on this machine; null where the address that it listens on will do. */
  readonly mediaAddress: string | null;
  /** Our address on the way to the collector. */
  readonly localAddress: () => string | null;
}

export class Parts {
  readonly #options: PartsOptions;
  readonly #parts = new Map<SessionPart, KeptPart>();
  /** Starts and ends of one part, one after the other. */
  readonly #turns = new Map<SessionPart, Promise<unknown>>();
  #closed = false;

  constructor(options: PartsOptions) {
    this.#options = options;
  }

  /** What runs or is to run, with what it was started with. */
  running(): { readonly state: PartState; readonly spec: PartSpec }[] {
    return [...this.#parts.values()].map(({ state, spec }) => ({ state, spec }));
  }

  /** Starts it; one that runs already ends before. */
  start(spec: PartSpec): Promise<PartState> {
    return this.#inTurn(spec.part, async () => {
      await this.#stop(spec.part);
      if (this.#closed) throw new UserError({ what: 'the agent ends' });
      const { agent, start, events } = this.#options;
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
    const found = this.#parts.get(part);
    if (found === undefined) throw new UserError({ what: `no ${part} runs on this agent` });
    if (name === 'stop') return this.stop(part).then(() => null);
    return found.command(name, ask);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(SESSION_PARTS.map((name) => this.stop(name)));
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

const LOOPBACK = '127.0.0.1';

/** The first address of this machine that is not for itself alone; null where there is none. */
function outwardAddress(): string | null {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return all.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? null;
}
