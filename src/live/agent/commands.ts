// What the collector may ask of an agent.

import { UserError } from '#core/user-error';
import type { AgentCommand, FromAgent } from '../agent-wire.ts';
import { parseCommand } from './collector-message.ts';
import type { Hooks } from './hooks.ts';
import type { KeptFolders } from './kept-folders.ts';
import type { Parts } from './parts.ts';
import type { Stress } from './stress.ts';

/** At once; more are refused. */
const MAX_COMMANDS = 64;
/** A piece of a file waits while more than this is on its way: live data goes first. */
const MAX_BUFFERED_BYTES = 1024 * 1024;
const ROOM_CHECK_MS = 5;
const MAX_WORDS = 4_000;

export interface CommandTools {
  readonly parts: Parts;
  readonly hooks: Hooks;
  readonly stress: Stress;
  readonly folders: KeptFolders;
  /** Sends what was measured so far. */
  readonly flush: () => void;
}

/** The connection that a command came by: its answer goes nowhere else. */
export interface AnswerWay {
  /** False where it broke. */
  readonly open: boolean;
  readonly bufferedBytes: number;
  send(message: FromAgent): void;
}

export class Commands {
  readonly #tools: CommandTools;
  #running = 0;

  constructor(tools: CommandTools) {
    this.#tools = tools;
  }

  /** Carries a command out and answers it, also where it is none that we know. Never throws. */
  async take(id: number, value: unknown, way: AnswerWay): Promise<void> {
    if (this.#running >= MAX_COMMANDS)
      return way.send(refusal(id, `${MAX_COMMANDS} commands run on this agent already`));
    this.#running++;
    try {
      const command = parseCommand(value);
      if (command === null) throw new UserError({ what: 'this agent does not know such a command' });
      way.send({ kind: 'answer', id, ok: true, value: await this.#run(command, id, way) });
    } catch (error) {
      const problem = error instanceof UserError ? error.problems[0] : undefined;
      way.send(refusal(id, problem?.what ?? (error as Error).message, problem?.todo));
    } finally {
      this.#running--;
    }
  }

  async #run(command: AgentCommand, id: number, way: AnswerWay): Promise<unknown> {
    const { parts, hooks, stress, folders, flush } = this.#tools;
    switch (command.name) {
      case 'start-part':
        return parts.start(command.spec);
      case 'stop-part':
        await parts.stop(command.part);
        return null;
      case 'part':
        return parts.command(command.part, command.command, command.ask);
      case 'hook':
        return hooks.run(command);
      case 'stress':
        await stress.set(command.stress, command.leaseMs);
        return null;
      case 'keep-folder':
        return folders.make(command.run);
      case 'fetch':
        return this.#fetch(command.run, command.file, id, way);
      case 'drop-folder':
        folders.drop(command.run);
        return null;
      case 'flush':
        flush();
        return null;
    }
  }

  async #fetch(run: string, file: string, id: number, way: AnswerWay): Promise<null> {
    try {
      for await (const piece of this.#tools.folders.read(run, file)) {
        while (way.open && way.bufferedBytes > MAX_BUFFERED_BYTES) await roomLater();
        if (!way.open) return null;
        way.send({ kind: 'file', id, ...piece, problem: null });
      }
    } catch (error) {
      const problem = (error as Error).message.slice(0, MAX_WORDS);
      way.send({ kind: 'file', id, offset: 0, bytes: new Uint8Array(0), last: true, problem });
      throw error;
    }
    return null;
  }
}

function roomLater(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ROOM_CHECK_MS));
}

function refusal(id: number, what: string, todo?: string): FromAgent {
  return { kind: 'answer', id, ok: false, what: what.slice(0, MAX_WORDS), todo };
}
