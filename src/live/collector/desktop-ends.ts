// Server and client of a SPICE desktop while it is recorded: parts that work are of no use where one of them is gone.

import { PART_ROLES } from '#core/session';
import type { PartState } from '#core/live';
import { endedPrograms } from '../ended-programs.ts';
import { scarceWords } from '../no-frame.ts';

/** What is asked of the live system. */
export interface DesktopSurroundings {
  readonly hub: {
    readonly agents: Iterable<{
      readonly role: string;
      readonly connected: boolean;
      readonly absent: readonly string[];
    }>;
  };
  readonly director: {
    readonly resolved: { readonly kind: string; readonly stream: object | null } | null;
    holder(part: 'relay' | 'receiver'): { readonly state: Pick<PartState, 'note' | 'actual'> } | null;
  };
}

export class DesktopEnds {
  readonly #around: DesktopSurroundings;
  /** A time of the recording, for people. */
  readonly #at: (timeUs: number) => string;
  #away: { readonly what: string; readonly sinceUs: number } | null = null;
  #cameBack: string | null = null;
  /** What the agents said themselves when it began. */
  readonly #goneBefore: readonly string[];

  constructor(around: DesktopSurroundings, at: (timeUs: number) => string) {
    this.#around = around;
    this.#at = at;
    this.#goneBefore = this.#programs();
  }

  /**
   * Looks at what the tap says now.
   * @param fromUs when the recording begins: what was back by then has no part in it
   * @returns that somebody was away until now; null where nobody has come back
   */
  look(nowUs: number, fromUs: number): string | null {
    const tap = this.#note('relay');
    if (tap === undefined) return null;
    const before = this.#away;
    this.#away = tap === null ? null : { what: tap, sinceUs: before?.sinceUs ?? nowUs };
    if (tap !== null || before === null || nowUs <= fromUs) return null;
    this.#cameBack = `${before.what}: from ${this.#at(before.sinceUs)} to ${this.#at(nowUs)}`;
    return this.#cameBack;
  }

  /** The last one that was away for a while; null where nobody was. */
  get cameBack(): string | null {
    return this.#cameBack;
  }

  /** Who is away still, since when, and which of the programs that agents measure are gone; null while both are there. */
  get lost(): string | null {
    if (this.#away === null) return null;
    const { what, sinceUs } = this.#away;
    return [`${what}, since ${this.#at(sinceUs)}`, ...this.#programs()].join('; ');
  }

  /** Programs of server and client that were to be measured, and have gone since it was recorded first. */
  get ended(): string[] {
    return this.#programs().filter((program) => !this.#goneBefore.includes(program));
  }

  #programs(): string[] {
    return endedPrograms(
      [...this.#around.hub.agents].filter(({ connected, role }) => connected && role !== PART_ROLES.sender),
    );
  }

  /** That the client is there and shows nothing, where its log would tell; null where that is not known. */
  get blind(): string | null {
    return this.#note('receiver') ?? null;
  }

  /** What is said where it holds no frame, or few; undefined where it is none of a desktop. */
  get scarce(): ReturnType<typeof scarceWords> | undefined {
    const { director } = this.#around;
    if (director.resolved?.kind !== 'spice') return undefined;
    return scarceWords(director.resolved.stream === null, director.holder('relay')?.state.actual['network'] ?? null);
  }

  /** Undefined where the part does not work, or the session is none of a SPICE desktop. */
  #note(part: 'relay' | 'receiver'): string | null | undefined {
    const { director } = this.#around;
    return director.resolved?.kind === 'spice' ? director.holder(part)?.state.note : undefined;
  }
}
