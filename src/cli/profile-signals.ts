// The signals of whoever takes a profile of a command: each more than the one before.

/** What signals end. */
export interface SignalledCommand {
  readonly isOver: boolean;
  /** As Ctrl-C at its own terminal would. */
  interrupt(): void;
}

const STAGES = ['runs', 'interrupted', 'killed', 'given up'] as const;
type Stage = (typeof STAGES)[number];

/**
 * Ctrl-C interrupts the command, again kills it, and a third time gives the profile up. SIGTERM and SIGHUP begin with the second of these,
 * and so does Ctrl-C where the command is over.
 */
export class ProfileSignals {
  readonly #command: SignalledCommand;
  readonly #tell: (text: string) => void;
  readonly #kill = new AbortController();
  readonly #giveUp = new AbortController();
  #stage: Stage = 'runs';
  #heard: NodeJS.Signals | null = null;

  constructor(command: SignalledCommand, tell: (text: string) => void) {
    this.#command = command;
    this.#tell = tell;
  }

  /** Aborts where the command is to be killed. */
  get kill(): AbortSignal {
    return this.#kill.signal;
  }

  /** Aborts where nobody wants the profile any more. */
  get giveUp(): AbortSignal {
    return this.#giveUp.signal;
  }

  /** What the command was ended for: SIGINT unless it was another signal's turn; null where none came. */
  get heard(): NodeJS.Signals | null {
    return this.#heard;
  }

  hear(signal: NodeJS.Signals): void {
    if (this.#heard === null || this.#heard === 'SIGINT') this.#heard = signal;
    const { isOver } = this.#command;
    const least = signal === 'SIGINT' && !isOver ? 1 : 2;
    const stage = STAGES[Math.min(Math.max(STAGES.indexOf(this.#stage) + 1, least), STAGES.length - 1)]!;
    if (stage === this.#stage) return;
    this.#stage = stage;
    this.#tell(wordsOf(stage, isOver));
    if (stage === 'interrupted') this.#command.interrupt();
    if (stage === 'killed') this.#kill.abort();
    if (stage === 'given up') this.#giveUp.abort();
  }

  /** @returns takes the listeners away again */
  listen(): () => void {
    const listener = (signal: NodeJS.Signals) => this.hear(signal);
    for (const signal of HEARD) process.on(signal, listener);
    return () => {
      for (const signal of HEARD) process.off(signal, listener);
    };
  }
}

const HEARD = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function wordsOf(stage: Stage, isOver: boolean): string {
  if (stage === 'given up') return 'giving the profile up';
  if (isOver) return 'the command is over, and its profile is made; Ctrl-C again gives it up';
  return stage === 'interrupted'
    ? 'ending the command; Ctrl-C again kills it'
    : 'killing the command, its profile is kept; Ctrl-C again gives it up';
}
