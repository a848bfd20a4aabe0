// Who numbers the frames (the sender, or the tap before a stock SPICE server) and the receiver that a recording follows: it joins them
// at its first frame, and again when one was started anew.

import { join } from 'node:path';
import { outputFile } from '#core/recording';
import { liveSourceOf, SESSION_PARTS, type SessionPart } from '#core/session';
import { UserError } from '#core/user-error';
import type { StreamRun } from '#run/stream-run';
import type { Agent } from './agent.ts';
import type { AgentHub } from './agent-hub.ts';
import type { Director } from './director.ts';
import { FOLDER, MARKED, readAnswer, UNMARKED } from './read-answer.ts';
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
  /** What tells who numbers the frames and the receiver apart that are recorded now. */
  #lead: { readonly stream: string; readonly first: number } | null = null;
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
    if (last !== undefined) this.#lead = { stream: last.stream, first: last.first };
  }

  /** Values that were in force when it was asked last. */
  get actual(): Readonly<Record<string, string>> {
    return this.#actual;
  }

  /** Which of the two is another one than what is recorded; null where neither is, one does not work, or it is joined just now. */
  changed(): SessionPart | null {
    if (this.#joining) return null;
    const { director } = this.#around;
    const lead = director.holder(director.lead);
    const receiver = director.hasReceiver ? director.holder('receiver') : null;
    if (lead === null || (director.hasReceiver && receiver === null)) return null;
    this.#receiverPid ??= receiver?.state.pid ?? null;
    if (lead.state.stream !== this.#lead?.stream) return director.lead;
    return receiver === null || this.#receiverPid === receiver.state.pid ? null : 'receiver';
  }

  /**
   * Marks the first frame of a new stream, and lets the receiver keep what it gets.
   * @param memo the recording's, as it is then
   * @returns the memo with what is kept where
   * @throws UserError where a part that is needed does not work or refuses
   */
  async join(memo: () => RecordMemo): Promise<RecordMemo> {
    const { director } = this.#around;
    const lead = director.holder(director.lead);
    const receiver = director.hasReceiver ? director.holder('receiver') : null;
    if (lead === null || (director.hasReceiver && receiver === null))
      throw new UserError({
        what: `the ${lead === null ? director.lead : 'receiver'} does not work`,
        todo: 'Start a session, and wait until its parts run.',
      });
    this.#joining = true;
    try {
      const isNewStream = lead.state.stream !== this.#lead?.stream;
      const number = memo().files.filter(({ what }) => what === 'received').length;
      const keepsSource = isNewStream && memo().quality !== null && !sourceIsHere(memo(), this.#around.hub);
      const files: KeptFile[] = [];
      const folder = receiver === null ? '' : await this.#folderAt(receiver.agent);
      let fromFrame = 0;
      if (isNewStream) {
        const source = `source${number === 0 ? '' : `-${number + 1}`}.kept`;
        const keep = keepsSource
          ? {
              path: join(await this.#folderAt(lead.agent), source),
              everyFrames: SOURCE_EVERY_FRAMES,
              maxBytes: MAX_SOURCE_BYTES,
            }
          : null;
        // Cells of a benchmark are compared: all of them show the same pictures.
        const rewind = this.#stream.run.benchmark !== null;
        const ask = { leadMs: LEAD_MS, rewind, keep };
        const answer = await lead.agent.ask({ name: 'part', part: director.lead, command: 'mark', ask });
        const { stream, frame } = readAnswer(MARKED, answer, lead.agent);
        fromFrame = frame;
        this.#lead = { stream, first: frame };
        await this.#stream.window({ stream, first: frame, last: null });
        if (keepsSource) files.push({ file: source, agent: lead.agent.name, what: 'source', stream });
      }
      const { stream } = this.#lead!;
      if (receiver !== null) {
        const received = outputFile('kept', number);
        const ask = { path: join(folder, received), fromFrame, stream, maxBytes: MAX_KEPT_BYTES };
        await receiver.agent.ask({ name: 'part', part: 'receiver', command: 'keep', ask });
        this.#receiverPid = receiver.state.pid;
        files.unshift({ file: received, agent: receiver.agent.name, what: 'received', stream });
      }
      this.#actual = lead.state.actual;
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
   * @returns false where nobody works who numbers them
   * @throws UserError where it refuses
   */
  async unmark(): Promise<boolean> {
    const { director } = this.#around;
    const lead = director.holder(director.lead);
    if (lead === null || this.#lead === null) return false;
    const answer = await lead.agent.ask({ name: 'part', part: director.lead, command: 'unmark', ask: {} });
    const { stream, frame } = readAnswer(UNMARKED, answer, lead.agent);
    this.#actual = lead.state.actual;
    if (stream === this.#lead.stream) await this.#stream.window({ stream, first: this.#lead.first, last: frame });
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
