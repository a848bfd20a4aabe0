// One connection of an agent: questions and their answers, pings, and pieces of files. It knows no agent, only a socket.

import { UserError } from '#core/user-error';
import { packAgentMessage } from '../agent-packing.ts';
import type { AgentCommand, FromAgent, FromCollector } from '../agent-wire.ts';
import type { AgentSocket } from '../collector-types.ts';

/** An answer takes longer only where the agent is told how long it may take. */
const ANSWER_MS = 15_000;
/** Questions that wait for their answers; more are refused. */
const MAX_QUESTIONS = 1_000;
/** What waits to be sent to an agent that does not read; then it is cut off. */
const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;
/** Between a refusal and the end of the socket, so that the agent can read why. */
const REFUSAL_MS = 1_000;
/** Pings that were not answered yet: older ones are forgotten. */
const MAX_PINGS = 20;

interface Question {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
  readonly onPiece: ((piece: FilePiece) => void) | null;
  readonly timeoutMs: number;
}

export type FilePiece = Extract<FromAgent, { kind: 'file' }>;
type Answer = Extract<FromAgent, { kind: 'answer' }>;

export class AgentLink {
  readonly #socket: AgentSocket;
  readonly #questions = new Map<number, Question>();
  readonly #pings = new Map<number, number>();
  #lastId = 0;
  #open = true;

  constructor(socket: AgentSocket) {
    this.#socket = socket;
  }

  get open(): boolean {
    return this.#open;
  }

  /** @returns false where the agent is gone, or reads so slowly that it is cut off now */
  send(message: FromCollector): boolean {
    if (!this.#open) return false;
    if (this.#socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      this.#socket.terminate();
      return false;
    }
    this.#socket.send(packAgentMessage(message));
    return true;
  }

  /**
   * Asks the agent to do something.
   * @param onPiece gets the pieces of a file that was asked for; each gives the agent the time anew
   * @throws UserError where the agent refuses, is gone, or does not answer in time
   */
  ask(
    command: AgentCommand,
    {
      timeoutMs = ANSWER_MS,
      onPiece = null,
    }: { timeoutMs?: number; onPiece?: ((piece: FilePiece) => void) | null } = {},
  ): Promise<unknown> {
    if (this.#questions.size >= MAX_QUESTIONS)
      throw new UserError({ what: 'the agent has too many questions to answer' });
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#giveUp(id), timeoutMs);
      this.#questions.set(id, { resolve, reject, timer, onPiece, timeoutMs });
      if (!this.send({ kind: 'command', id, command })) this.#settle(id)?.reject(gone());
    });
  }

  answered(answer: Answer): void {
    const question = this.#settle(answer.id);
    if (answer.ok) question?.resolve(answer.value);
    else
      question?.reject(
        new UserError({ what: answer.what, ...(answer.todo === undefined ? {} : { todo: answer.todo }) }),
      );
  }

  piece(piece: FilePiece): void {
    const question = this.#questions.get(piece.id);
    if (question === undefined || question.onPiece === null) return;
    question.timer.refresh();
    try {
      question.onPiece(piece);
    } catch (error) {
      this.#settle(piece.id)?.reject(error as Error);
    }
  }

  /** @param nowUs of the collector's monotonic clock */
  ping(nowUs: number): void {
    const id = ++this.#lastId;
    if (this.#pings.size >= MAX_PINGS) this.#pings.delete(this.#pings.keys().next().value!);
    this.#pings.set(id, nowUs);
    this.send({ kind: 'ping', id });
  }

  /** When the ping was sent; null where nobody asked, or it was answered already. */
  pinged(id: number): number | null {
    const sentUs = this.#pings.get(id) ?? null;
    this.#pings.delete(id);
    return sentUs;
  }

  refuse(reason: string, retry: boolean): void {
    this.send({ kind: 'refuse', reason, retry });
    this.end(1008, 'refused');
  }

  /** Closes the socket; questions without an answer are refused. */
  end(code: number, reason: string): void {
    if (!this.#open) return;
    this.#socket.close(code, reason);
    setTimeout(() => this.#socket.terminate(), REFUSAL_MS).unref();
    this.closed();
  }

  /** The socket is gone. */
  closed(): void {
    this.#open = false;
    for (const id of this.#questions.keys()) this.#settle(id)?.reject(gone());
  }

  #giveUp(id: number): void {
    const question = this.#settle(id);
    const seconds = Math.round((question?.timeoutMs ?? 0) / 1000);
    question?.reject(new UserError({ what: `the agent did not answer in ${seconds} s` }));
  }

  #settle(id: number): Question | undefined {
    const question = this.#questions.get(id);
    if (question === undefined) return undefined;
    clearTimeout(question.timer);
    this.#questions.delete(id);
    return question;
  }
}

function gone(): UserError {
  return new UserError({ what: 'the agent is gone', todo: 'It comes back by itself where its process still runs.' });
}
