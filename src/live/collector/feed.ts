// The feed: what agents, operators and the system itself have to say, in order, and bounded.

import type { FeedMessage } from '#core/live';
import { UserError } from '#core/user-error';

/** Older ones are forgotten; a recording keeps all that came while it ran. */
const MAX_KEPT = 1_000;
/** Characters of one message. */
const MAX_TEXT = 1_000;
const MAX_SOURCE = 64;

/** Told of what is new, and where the feed was cleared. */
type FeedListener = (messages: readonly FeedMessage[], cleared: boolean) => void;

export class Feed {
  #messages: FeedMessage[] = [];
  #lastId = 0;
  readonly #tell: FeedListener;

  constructor(tell: FeedListener) {
    this.#tell = tell;
  }

  get messages(): readonly FeedMessage[] {
    return this.#messages;
  }

  /** A sentence of a person. @throws UserError where it is empty or too long */
  say(source: string, text: string, timeS: number): FeedMessage {
    const trimmed = text.trim();
    if (trimmed === '' || trimmed === '!')
      throw new UserError({
        what: 'the message is empty',
        todo: 'Write something; `!text` puts a marker on every chart.',
      });
    if (trimmed.length > MAX_TEXT)
      throw new UserError({
        what: `the message has ${trimmed.length} characters`,
        todo: `Write at most ${MAX_TEXT}.`,
      });
    return this.add(source, trimmed, timeS);
  }

  /** A sentence of an agent or of the system: it is cut where it is too long. */
  add(source: string, text: string, timeS: number): FeedMessage {
    const cut = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text;
    const message = { id: ++this.#lastId, timeS, source: source.slice(0, MAX_SOURCE), text: cut };
    this.#messages.push(message);
    if (this.#messages.length > MAX_KEPT) this.#messages = this.#messages.slice(-MAX_KEPT);
    this.#tell([message], false);
    return message;
  }

  clear(): void {
    this.#messages = [];
    this.#tell([], true);
  }
}
