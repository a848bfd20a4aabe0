// The sender and the receiver that a recording follows: it joins them at its first frame, and again when one was started anew.

import { join } from 'node:path';
import { outputFile } from '#core/recording';
import { liveSourceOf, SESSION_PARTS } from '#core/session';
import { UserError } from '#core/user-error';
import type { StreamRun } from '#run/stream-run';
import type { Agent } from './agent.ts';
import type { AgentHub } from './agent-hub.ts';
import type { Director } from './director.ts';
import { FOLDER, MARKED, readAnswer } from './read-answer.ts';
import { withHolder, type KeptFile, type RecordMemo } from './record-memo.ts';
import { MAX_KEPT_BYTES } from './score-files.ts';

/** From the order to the first frame: the way to the sender, and some frames that are encoded already. */
export const LEAD_MS = 300;
/** Of source pictures, lossless: two per second of 1080p for more than five minutes. */
const MAX_SOURCE_BYTES = 2 * 1024 * 1024 * 1024;
const SOURCE_EVERY_FRAMES = 15;

export class RecordedParts {
  readonly #stream: StreamRun;
  readonly #around: { readonly hub: AgentHub; readonly director: Director };
  /** What tells the sender and the receiver apart that are recorded now. */
  #sender: { readonly stream: string; readonly first: number } | null = null;
  #receiverPid: number | null = null;
  #actual: Readonly<Record<string, string>> = {};
  #joining = false;

  constructor(stream: StreamRun, around: { readonly hub: AgentHub; readonly director: Director }) {
    this.#stream = stream;
    this.#around = around;
  }

  /** Where a collector before us recorded already. */
  resume(): void {
    const last = this.#stream.state.windows.at(-1);
    if (last !== undefined) this.#sender = { stream: last.stream, first: last.first };
  }

  /** Values that the sender had in force when it was asked last. */
  get actual(): Readonly<Record<string, string>> {
    return this.#actual;
  }

  /** Which of the two is another one than what is recorded; null where neither is, one does not work, or it is joined just now. */
  changed(): 'sender' | 'receiver' | null {
    if (this.#joining) return null;
    const sender = this.#around.director.holder('sender');
    const receiver = this.#around.director.holder('receiver');
    if (sender === null || receiver === null) return null;
    this.#receiverPid ??= receiver.state.pid;
    if (sender.state.stream !== this.#sender?.stream) return 'sender';
    return this.#receiverPid === receiver.state.pid ? null : 'receiver';
  }

  /**
   * Marks the first frame of a new stream, and lets the receiver keep what it gets.
   * @param memo the recording's, as it is then
   * @returns the memo with what is kept where
   * @throws UserError where sender or receiver don't work or refuse
   */
  async join(memo: () => RecordMemo): Promise<RecordMemo> {
    const { director } = this.#around;
    const sender = director.holder('sender');
    const receiver = director.holder('receiver');
    if (sender === null || receiver === null)
      throw new UserError({
        what: `the ${sender === null ? 'sender' : 'receiver'} does not work`,
        todo: 'Start a session, and wait until its parts run.',
      });
    this.#joining = true;
    try {
      const isNewStream = sender.state.stream !== this.#sender?.stream;
      const number = memo().files.filter(({ what }) => what === 'received').length;
      const received = outputFile('kept', number);
      const source = `source${number === 0 ? '' : `-${number + 1}`}.kept`;
      const keepsSource = isNewStream && memo().quality !== null && !sourceIsHere(memo(), this.#around.hub);
      const folder = await this.#folderAt(receiver.agent);
      const sourceFolder = keepsSource ? await this.#folderAt(sender.agent) : '';
      let fromFrame = 0;
      if (isNewStream) {
        const keep = keepsSource
          ? { path: join(sourceFolder, source), everyFrames: SOURCE_EVERY_FRAMES, maxBytes: MAX_SOURCE_BYTES }
          : null;
        // Cells of a benchmark are compared: all of them show the same pictures.
        const rewind = this.#stream.run.benchmark !== null;
        const ask = { leadMs: LEAD_MS, rewind, keep };
        const answer = await sender.agent.ask({ name: 'part', part: 'sender', command: 'mark', ask });
        const { stream, frame } = readAnswer(MARKED, answer, sender.agent);
        fromFrame = frame;
        this.#sender = { stream, first: frame };
        await this.#stream.window({ stream, first: frame, last: null });
      }
      const { stream } = this.#sender!;
      const ask = { path: join(folder, received), fromFrame, stream, maxBytes: MAX_KEPT_BYTES };
      await receiver.agent.ask({ name: 'part', part: 'receiver', command: 'keep', ask });
      this.#receiverPid = receiver.state.pid;
      this.#actual = sender.state.actual;
      const files: KeptFile[] = [{ file: received, agent: receiver.agent.name, what: 'received', stream }];
      if (keepsSource) files.push({ file: source, agent: sender.agent.name, what: 'source', stream });
      let joined: RecordMemo = { ...memo(), files: [...memo().files, ...files] };
      for (const part of SESSION_PARTS) {
        const holder = director.holder(part);
        if (holder !== null) joined = withHolder(joined, part, holder.agent.name);
      }
      return joined;
    } finally {
      this.#joining = false;
    }
  }

  /**
   * Marks the last frame.
   * @returns false where no sender works
   * @throws UserError where it refuses
   */
  async unmark(): Promise<boolean> {
    const sender = this.#around.director.holder('sender');
    if (sender === null || this.#sender === null) return false;
    const answer = await sender.agent.ask({ name: 'part', part: 'sender', command: 'unmark', ask: {} });
    const { stream, frame } = readAnswer(MARKED, answer, sender.agent);
    this.#actual = sender.state.actual;
    if (stream === this.#sender.stream) await this.#stream.window({ stream, first: this.#sender.first, last: frame });
    return true;
  }

  async #folderAt(agent: Agent): Promise<string> {
    return readAnswer(FOLDER, await agent.ask({ name: 'keep-folder', run: this.#stream.run.id }), agent);
  }
}

/** A live capture can't be played again, and a file of another machine can't be read here. */
export function sourceIsHere({ source, sourceHost }: RecordMemo, hub: AgentHub): boolean {
  return liveSourceOf(source) === null && (source.startsWith('lavfi:') || sourceHost === hub.hostId);
}
