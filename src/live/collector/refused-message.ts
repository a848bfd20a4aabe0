// Why a message of an agent was refused: the reasons are counted, and the pages show them.

export type RefusalReason =
  | 'garbage'
  | 'wrong shape'
  | 'too long'
  | 'no hello'
  | 'hello twice'
  | 'hello too late'
  | 'other version'
  | 'too many agents'
  | 'batch out of order'
  | 'text instead of bytes'
  | 'disk is behind'
  | 'silent'
  | 'socket error'
  | 'our own fault';

export class RefusedMessage extends Error {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, options?: ErrorOptions) {
    super(reason, options);
    this.name = 'RefusedMessage';
    this.reason = reason;
  }
}
