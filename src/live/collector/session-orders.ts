// Starts and stops of the session, one after the other: the last one decides, and those that it overtakes don't wait for it.

import { UserError } from '#core/user-error';

export class SessionOrders {
  readonly #endStart: (why: UserError) => void;
  #newest = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** @param endStart ends a start that waits for its parts */
  constructor(endStart: (why: UserError) => void) {
    this.#endStart = endStart;
  }

  /** @throws UserError where a later order came before its turn, or while it waited for its parts */
  start(act: () => Promise<void>): Promise<void> {
    return this.#inTurn(act, () => {
      throw overtaken();
    });
  }

  /** One that is overtaken has nothing to do: a later start takes the place of what runs, a later stop ends it. */
  stop(act: () => Promise<void>): Promise<void> {
    return this.#inTurn(act, () => undefined);
  }

  #inTurn(act: () => Promise<void>, late: () => void): Promise<void> {
    const number = ++this.#newest;
    this.#endStart(overtaken());
    const done = this.#last.then(() => (number === this.#newest ? act() : late()));
    this.#last = done.catch(() => undefined);
    return done;
  }
}

function overtaken(): UserError {
  return new UserError({
    what: 'another start or stop of the session came after this one',
    todo: 'The last one decides; start it again where that was yours.',
  });
}
