// The usual other end of a sender: the relay of its session.

import type { SenderSpec } from '../part.ts';
import type { RelayLink, SenderLinkEvents } from '../transport/media.ts';
import { connectSender } from '../transport/sender-link.ts';
import type { SenderEnd } from './stream-sender.ts';

export class RelayEnd implements SenderEnd {
  readonly stream: string;
  readonly transport: string;
  readonly #spec: SenderSpec;
  #link: RelayLink | null = null;

  constructor(spec: SenderSpec) {
    this.stream = spec.stream;
    this.transport = spec.transport;
    this.#spec = spec;
  }

  connect(events: SenderLinkEvents): RelayLink {
    const { transport, relay, token, stream } = this.#spec;
    return (this.#link = connectSender({ transport, relay, token, stream }, events));
  }

  /** The relay is somewhere else now. */
  move(relay: SenderSpec['relay']): void {
    this.#link?.connect(relay);
  }
}
