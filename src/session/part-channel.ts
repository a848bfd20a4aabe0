// The child's side of a part: reads its spec and commands from standard input as they come, sends rows and messages to the
// agent, and ends where the agent is gone. Shared by sender, relay and receiver.

import { STEPS, STEP_OUTCOMES, type Step, type StepOutcome } from '#core/recording';
import { UserError } from '#core/user-error';
import { FrameRows, StepRows } from '#media/channel/rows';
import { ChannelWriter } from '#media/channel/writer';
import type { PartMessage, PartRequest } from './part-messages.ts';
import { SESSION_TIME_BASE, type PartCommands, type PartSpec, type RelayAddress } from './part.ts';

/** Settings of an encoder and names of files: more than this in one line is a mistake. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;
/** Rows wait so long at most, milliseconds, or until so many are there. */
const FLUSH_MS = 100;
const FLUSH_ROWS = 64;
const TIME_BASE = { num: SESSION_TIME_BASE[0], den: SESSION_TIME_BASE[1] };
const STEP_CODES = codesOf(STEPS);
const OUTCOME_CODES = codesOf(STEP_OUTCOMES);

/** Answers of a part to the commands that it knows; `stop` is known to all. Throw a UserError to refuse. */
export type PartHandlers = {
  readonly [Name in Exclude<keyof PartCommands, 'stop'>]?: (
    ask: PartCommands[Name]['ask'],
  ) => PartCommands[Name]['answer'] | Promise<PartCommands[Name]['answer']>;
};

export interface PartWork {
  readonly commands: PartHandlers;
  /** Ends in good order. */
  stop(): void | Promise<void>;
}

/**
 * Runs a part in this process: `start` gets the spec that the agent wrote. Ends the process with the part.
 * @param start throws a UserError where the part can't work
 */
export function runPart<Spec extends PartSpec>(
  start: (spec: Spec, channel: PartChannel) => PartWork | Promise<PartWork>,
): void {
  const channel = new PartChannel();
  let work: Promise<PartWork> | null = null;
  readLines((line) => {
    const value: unknown = JSON.parse(line);
    if (work !== null) {
      void obey(work, channel, value as PartRequest);
      return;
    }
    work = Promise.resolve().then(() => start(value as Spec, channel));
    work.catch((error: unknown) => {
      if (!(error instanceof UserError)) throw error;
      channel.end(false, error.message);
    });
  });
}

/** Rows and messages on their way to the agent. */
export class PartChannel {
  readonly #writer = new ChannelWriter();
  readonly #frames = new FrameRows();
  readonly #steps = new StepRows();
  #timer: NodeJS.Timeout | null = null;
  #stream: string | null = null;

  /**
   * One encoded frame.
   * @param captureUs monotonic microseconds
   * @param type code in FRAME_TYPES
   * @param quantizer NaN where it is not known
   */
  frame(
    frame: number,
    sourceFrame: number,
    captureUs: number,
    type: number,
    key: boolean,
    bytes: number,
    quantizer: number,
  ): void {
    this.#frames.add(frame, sourceFrame, captureUs, type, key, bytes, quantizer);
    this.#added(this.#frames.count);
  }

  /**
   * What happened to a frame in a step.
   * @param startUs monotonic microseconds
   * @param durationUs -1 where it is not known, as `busyUs`
   */
  step(frame: number, step: Step, startUs: number, durationUs: number, busyUs: number, outcome: StepOutcome): void {
    this.#steps.add(frame, STEP_CODES[step], startUs, durationUs, busyUs, OUTCOME_CODES[outcome]);
    this.#added(this.#steps.count);
  }

  /** Rows from now on belong to this stream. */
  stream(stream: string): void {
    if (stream === this.#stream) return;
    this.flush();
    this.#stream = stream;
    this.#send({ kind: 'stream', stream });
  }

  /** @param note what keeps it from being of use though it works; null where nothing does */
  running(
    actual: Readonly<Record<string, string>>,
    address: RelayAddress | null = null,
    note: string | null = null,
  ): void {
    this.#send({ kind: 'running', actual, address, note });
  }

  message(text: string): void {
    this.#send({ kind: 'message', text });
  }

  /** One value of an indicator of the part's own. @param timeUs monotonic microseconds */
  series(name: string, unit: string, timeUs: number, value: number): void {
    this.#send({ kind: 'value', name, unit, timeUs, value });
  }

  picture(picture: { frame: number; width: number; height: number; jpeg: Uint8Array }): void {
    this.#send({ kind: 'picture', ...picture, jpeg: Buffer.from(picture.jpeg).toString('base64') });
  }

  answer(id: number, value: unknown): void {
    this.flush();
    this.#send({ kind: 'answer', id, ok: true, value });
  }

  refuse(id: number, what: string, todo?: string): void {
    this.#send({ kind: 'answer', id, ok: false, what, ...(todo === undefined ? {} : { todo }) });
  }

  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#writer.frames(this.#frames, TIME_BASE);
    this.#writer.steps(this.#steps);
  }

  /** Sends what is left, says why it ends, and ends the process. */
  end(ok: boolean, reason: string | null): never {
    this.flush();
    this.#send({ kind: 'end', ok, reason });
    process.exit(ok ? 0 : 1);
  }

  #added(count: number): void {
    if (count >= FLUSH_ROWS) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), FLUSH_MS);
  }

  #send(message: PartMessage): void {
    this.#writer.json(message);
  }
}

async function obey(starting: Promise<PartWork>, channel: PartChannel, request: PartRequest): Promise<void> {
  const { id, command, ask } = request;
  try {
    const work = await starting;
    if (command === 'stop') {
      await work.stop();
      channel.answer(id, null);
      channel.end(true, null);
    }
    const handlers = work.commands as Readonly<Record<string, ((ask: unknown) => unknown) | undefined>>;
    const handler = Object.hasOwn(handlers, command) ? handlers[command] : undefined;
    if (handler === undefined) channel.refuse(id, `this part does not know the command ${command}`);
    else channel.answer(id, (await handler(ask)) ?? null);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const [first] = error.problems;
    if (error.problems.length === 1 && first !== undefined) channel.refuse(id, first.what, first.todo);
    else channel.refuse(id, error.message);
  }
}

/** Standard input line by line; its end means that the agent is gone, and this process has no use any more. */
function readLines(onLine: (line: string) => void): void {
  let pending: Buffer = Buffer.alloc(0);
  process.stdin.on('data', (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    let from = 0;
    for (let end = pending.indexOf(10); end >= 0; end = pending.indexOf(10, from)) {
      onLine(pending.toString('utf8', from, end));
      from = end + 1;
    }
    pending = pending.subarray(from);
    if (pending.length > MAX_LINE_BYTES) throw new Error(`a line of more than ${MAX_LINE_BYTES} bytes`);
  });
  process.stdin.on('end', () => process.exit(0));
  process.stdin.on('error', () => process.exit(0));
}

function codesOf<Name extends string>(names: readonly Name[]): Readonly<Record<Name, number>> {
  return Object.fromEntries(names.map((name, code) => [name, code])) as Record<Name, number>;
}
