// One part of the session on this agent: its child process, started again where it dies by itself.

import type { PartState } from '#core/live';
import type { SessionPart } from '#core/session';
import { UserError } from '#core/user-error';
import type { PartCommands, PartEnd, PartSink, PartSpec, RelayAddress, RunningPart } from '#session/part';

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;
/** One that worked for so long begins with the shortest wait again. */
const STEADY_MS = 10_000;
/** A relay that failed so often in a row does not insist on the port that it had. */
const PORT_FAILURES = 3;
/** One that told of frames tells of more, every few milliseconds. */
const SILENT_MS = 4_000;
const LISTEN_MS = 1_000;
/** How long a part may take to end in good order. */
const STOP_MS = 4_000;

export interface PartEvents extends Pick<PartSink, 'frames' | 'steps' | 'message' | 'picture'> {
  /** A value that a part measured: `tap.report.drops` of the tap. */
  value(name: string, unit: string, timeUs: number, value: number): void;
  state(state: PartState): void;
  started(part: SessionPart, pid: number): void;
  gone(part: SessionPart): void;
}

export interface KeptPartOptions {
  /** Name of the agent. */
  readonly agent: string;
  readonly start: (spec: PartSpec, sink: PartSink) => RunningPart;
  /** Address of a relay as others reach it. */
  readonly reachable: (address: RelayAddress) => RelayAddress;
  readonly events: PartEvents;
}

export class KeptPart {
  readonly #options: KeptPartOptions;
  readonly #wanted: PartSpec;
  #spec: PartSpec;
  #running: RunningPart | null = null;
  #state: PartState;
  #failures = 0;
  #startedMs = 0;
  #retry: NodeJS.Timeout | undefined;
  /** When rows came from it last; null before the first. */
  #heardMs: number | null = null;
  #silent = false;
  readonly #watch: NodeJS.Timeout;
  #stopping: Promise<void> | null = null;

  constructor(spec: PartSpec, options: KeptPartOptions) {
    this.#spec = spec;
    this.#wanted = spec;
    this.#options = options;
    const { part, stream } = spec;
    this.#state = {
      part,
      stream,
      agent: options.agent,
      state: 'starting',
      pid: null,
      address: null,
      actual: {},
      note: null,
    };
    this.#watch = setInterval(() => this.#listen(), LISTEN_MS).unref();
    this.#launch(spec);
  }

  get state(): PartState {
    return this.#state;
  }

  /** What it was started with last: a sender that was started anew has another stream. */
  get spec(): PartSpec {
    return this.#spec;
  }

  /** What it works on from now on, and where it is started again; whoever calls tells it so by a command. */
  become(spec: PartSpec): void {
    this.#spec = spec;
    this.#tell({ stream: spec.stream });
  }

  /** @throws UserError where it refuses or does not run */
  async command<Name extends keyof PartCommands>(name: Name, ask: PartCommands[Name]['ask']): Promise<unknown> {
    if (this.#running === null) {
      throw new UserError({ what: `the ${this.#spec.part} does not run: ${this.#state.note ?? this.#state.state}` });
    }
    const answer = await this.#running.command(name, ask);
    this.#remember(name, ask, answer);
    return answer;
  }

  /** Ends it; resolves when it is gone. */
  stop(): Promise<void> {
    this.#stopping ??= this.#end();
    return this.#stopping;
  }

  async #end(): Promise<void> {
    clearTimeout(this.#retry);
    clearInterval(this.#watch);
    const running = this.#running;
    if (running !== null) {
      const timer = setTimeout(() => running.kill(), STOP_MS);
      // One that does not listen is killed: that it refused is no news.
      running.command('stop', {}).catch(() => running.kill());
      await running.result;
      clearTimeout(timer);
    }
    this.#tell({ state: 'stopped', pid: null, address: null, note: null });
  }

  #launch(spec: PartSpec): void {
    this.#spec = spec;
    this.#startedMs = performance.now();
    const { events, reachable } = this.#options;
    const isCurrent = () => this.#running === null || this.#running === running;
    const sink: PartSink = {
      frames: (batch) => {
        this.#heard();
        events.frames(batch);
      },
      steps: (batch) => {
        this.#heard();
        events.steps(batch);
      },
      message: (text) => events.message(text.includes(spec.part) ? text : `${spec.part}: ${text}`),
      picture: (picture) => events.picture(picture),
      series: (name, unit, timeUs, value) => events.value(`${seriesOf(spec)}.${name}`, unit, timeUs, value),
      running: ({ actual, address, note }) => {
        if (this.#stopping !== null || !isCurrent()) return;
        if (address !== null) this.#takeAddress(address);
        this.#silent = false;
        this.#tell({ state: 'running', actual, address: address === null ? null : reachable(address), note });
      },
    };
    let running: RunningPart | null = null;
    this.#tell({ state: 'starting', pid: null, actual: {}, stream: spec.stream });
    try {
      running = this.#options.start(spec, sink);
    } catch (error) {
      this.#failed({ ok: false, reason: error instanceof Error ? error.message : String(error) });
      return;
    }
    this.#running = running;
    if (running.pid !== undefined) {
      events.started(spec.part, running.pid);
      this.#tell({ pid: running.pid });
    }
    void running.result.then((end) => {
      this.#running = null;
      this.#heardMs = null;
      this.#silent = false;
      events.gone(spec.part);
      if (this.#stopping === null) this.#failed(end);
    });
  }

  #heard(): void {
    this.#heardMs = performance.now();
    if (!this.#silent) return;
    this.#silent = false;
    this.#options.events.message(`${this.#spec.part}: rows come from it again`);
    if (this.#state.state === 'running') this.#tell({ note: null });
  }

  /** One that streamed and tells nothing any more hangs, was stopped, or gets nothing: whoever looks should know. */
  #listen(): void {
    if (this.#heardMs === null || this.#silent || this.#state.state !== 'running' || isQuiet(this.#spec)) return;
    if (performance.now() - this.#heardMs < SILENT_MS) return;
    this.#silent = true;
    const note = `nothing came from it for ${SILENT_MS / 1000} s, though its process is there`;
    this.#options.events.message(`${this.#spec.part}: ${note}`);
    this.#tell({ note });
  }

  /** A relay that is started again listens where it did, so that the others find it. */
  #takeAddress({ port }: RelayAddress): void {
    if (this.#spec.part === 'relay') this.#spec = { ...this.#spec, listen: { ...this.#spec.listen, port } };
  }

  /** Another may have taken the port meanwhile. */
  #giveUpPort(): void {
    const [spec, wanted] = [this.#spec, this.#wanted];
    if (this.#failures < PORT_FAILURES || spec.part !== 'relay' || wanted.part !== 'relay') return;
    this.#spec = { ...spec, listen: wanted.listen };
  }

  /** What was changed while it ran holds after a restart too. */
  #remember(name: keyof PartCommands, ask: object, answer: unknown): void {
    const spec = this.#spec;
    if (name === 'connect' && spec.part !== 'relay') {
      this.#spec = { ...spec, relay: (ask as PartCommands['connect']['ask']).relay };
    } else if (name === 'network' && spec.part === 'relay') {
      this.#spec = { ...spec, network: (ask as PartCommands['network']['ask']).network };
    } else if (name === 'prefer' && spec.part === 'relay' && spec.spice !== undefined) {
      const wish = { ...spec.spice.wish, ...(ask as PartCommands['prefer']['ask']).wish };
      this.#spec = { ...spec, spice: { ...spec.spice, wish } };
    } else if (name === 'control' && spec.part === 'sender') {
      const settings = { ...spec.settings };
      const { changes } = ask as PartCommands['control']['ask'];
      for (const { name: setting, how } of answer as PartCommands['control']['answer']) {
        const value = changes[setting] ?? null;
        if (how === 'refused' || !(setting in changes)) continue;
        if (value === null) delete settings[setting];
        else settings[setting] = value;
      }
      this.#spec = { ...spec, settings };
    }
  }

  #failed(end: PartEnd): void {
    if (performance.now() - this.#startedMs >= STEADY_MS) this.#failures = 0;
    const waitMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#failures++, 10));
    const reason = (end.reason ?? 'it ended by itself').slice(0, MAX_REASON).replace(/\.$/, '');
    const note = `${reason}; it is started again in ${waitMs / 1000} s`;
    this.#options.events.message(`the ${this.#spec.part} failed: ${note}`);
    this.#tell({ state: 'failed', pid: null, address: null, note });
    this.#giveUpPort();
    this.#retry = setTimeout(() => this.#launch(anew(this.#spec)), waitMs);
  }

  #tell(change: Partial<PartState>): void {
    this.#state = { ...this.#state, ...change };
    this.#options.events.state(this.#state);
  }
}

const MAX_REASON = 1_000;

/** A SPICE server sends nothing of a screen that stands still: then there is nothing to tell. */
function isQuiet(spec: PartSpec): boolean {
  return spec.part !== 'sender' && spec.spice !== undefined;
}

/** What begins the names of values that a part tells. */
function seriesOf(spec: PartSpec): string {
  return spec.part === 'relay' && spec.spice !== undefined ? 'tap' : spec.part;
}

/** Whose frames are numbered from 0 again has another stream: `video 2` after `video`. */
function anew(spec: PartSpec): PartSpec {
  if (spec.part !== 'sender' && !(spec.part === 'relay' && spec.spice?.numberedBy === 'tap')) return spec;
  const [, name, number] = /^(.*?)(?: (\d+))?$/s.exec(spec.stream)!;
  return { ...spec, stream: `${name} ${Number(number ?? 1) + 1}` };
}
