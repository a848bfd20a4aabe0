// All that an agent measures by itself: its host, the processes of the parts that run on it, a program beside them, what parts tell,
// and plug-in probes.

import type { Indicator } from '#core/indicator';
import type { SpiceAddress } from '#core/live';
import type { SeriesBatch } from '#core/recording';
import { SESSION_PARTS, type SessionPart } from '#core/session';
import { startSampler, type Sampler } from '#measure/sampler';
import { FollowedProgram } from './followed-program.ts';
import { IndicatorList } from './indicator-list.ts';
import { PartValues } from './part-values.ts';
import { PlugInProbe } from './plug-in-probe.ts';
import { RecordersProbe } from './recorders-probe.ts';

/** Name of the followed program in its indicators: `program.cpu`. */
const PROGRAM = 'program';
type Tree = SessionPart | typeof PROGRAM;
const TREES: readonly Tree[] = [...SESSION_PARTS, PROGRAM];

export interface ProbesOptions {
  /** Name of the agent in the rows. */
  readonly agent: string;
  readonly role: string;
  readonly intervalMs: number;
  /** Files of plug-in probes. */
  readonly plugIns: readonly string[];
  /** Name or process id of a program to measure. */
  readonly program: string | null;
  /** Patched SPICE processes that tell of themselves. */
  readonly recorders: readonly SpiceAddress[];
  /** Rows of one sampling, to be sent now. */
  readonly onRows: (batch: SeriesBatch) => void;
  /** Rows of a plug-in probe and of values that parts tell, whenever they come. */
  readonly onOtherRows: (batch: SeriesBatch) => void;
  /** Indicators were added, or what is absent is another now. */
  readonly onChanged: () => void;
  /** For the feed. */
  readonly onMessage: (text: string) => void;
}

export class Probes {
  readonly #list = new IndicatorList();
  readonly #sampler: Sampler;
  readonly #plugIns: PlugInProbe[] = [];
  readonly #values: PartValues;
  readonly #recorders: readonly RecordersProbe[];
  #program: FollowedProgram | null;
  readonly #trees: readonly Tree[];
  readonly #onMessage: (text: string) => void;
  /** Nothing is told before all of it is there. */
  #onChanged: () => void = () => undefined;
  /** Where the sampler's indicators stand in the list; -1 for those of processes that never ran here. */
  readonly #positions: Int32Array;
  readonly #followed = new Set<Tree>();
  #absentTold = '';

  constructor(options: ProbesOptions) {
    const { agent, program, recorders, onOtherRows, onChanged } = options;
    this.#trees = program === null && recorders.length === 0 ? SESSION_PARTS : TREES;
    this.#onMessage = options.onMessage;
    this.#values = new PartValues({ agent, list: this.#list, onRows: onOtherRows, onChanged });
    const early: SeriesBatch[] = [];
    const receive = { rows: (batch: SeriesBatch): void => void early.push(batch) };
    this.#sampler = startSampler({
      agent: options.agent,
      intervalMs: options.intervalMs,
      // Half an interval: every sampling is handed over, however late its timer comes.
      flushMs: Math.max(options.intervalMs / 2, SHORTEST_FLUSH_MS),
      prefixes: this.#trees,
      own: 'agent',
      onBatch: (batch) => receive.rows(batch),
    });
    const { indicators } = this.#sampler;
    this.#positions = Int32Array.from(indicators, (one) => (treeOf(one) === null ? this.#list.position(one) : -1));
    receive.rows = (batch) => {
      for (let i = 0; i < batch.indicator.length; i++) batch.indicator[i] = this.#positions[batch.indicator[i]!]!;
      this.#values.flush();
      options.onRows(batch);
      this.#tellAbsent();
    };
    for (const batch of early) receive.rows(batch);
    this.#program = program === null ? null : this.#startFollowing(program);
    for (const file of options.plugIns) {
      this.#plugIns.push(
        new PlugInProbe(file, {
          agent,
          intervalMs: options.intervalMs,
          list: this.#list,
          onRows: onOtherRows,
          onChanged,
          onMessage: options.onMessage,
        }),
      );
    }
    this.#recorders = this.#startRecorders(options);
    this.#absentTold = this.absent.join('\n');
    this.#onChanged = onChanged;
  }

  get indicators(): readonly Indicator[] {
    return this.#list.all;
  }

  /** What can't be measured, and why. Processes that do not run here are no news. */
  get absent(): readonly string[] {
    const others = [...this.#plugIns, ...this.#recorders];
    const failures = others.flatMap(({ failure }) => (failure === null ? [] : [failure]));
    const ofHost = this.#sampler.absent.filter((reason) => !this.#isOfIdle(reason));
    const { failure = null } = this.#program ?? {};
    return [...ofHost, ...(failure === null ? [] : [failure]), ...failures];
  }

  /** A value that a part told: `tap.report.drops`, monotonic microseconds. */
  value(name: string, unit: string, timeUs: number, value: number): void {
    this.#values.add(name, unit, timeUs, value);
  }

  /** Hands over values that wait. */
  flush(): void {
    this.#values.flush();
  }

  /** The process of a part runs: its indicators begin, under the part's name. */
  follow(tree: Tree, pid: number): void {
    const before = this.#list.all.length;
    this.#followed.add(tree);
    this.#sampler.indicators.forEach((one, index) => {
      if (treeOf(one) === tree) this.#positions[index] = this.#list.position(one);
    });
    this.#sampler.follow(pid, null, tree);
    if (this.#list.all.length > before) this.#onChanged();
  }

  unfollow(tree: Tree): void {
    this.#sampler.unfollow(tree);
  }

  #startFollowing(program: string): FollowedProgram {
    return new FollowedProgram({
      program,
      follow: (pid) => this.follow(PROGRAM, pid),
      unfollow: () => this.unfollow(PROGRAM),
      onChanged: () => this.#onChanged(),
      onMessage: this.#onMessage,
    });
  }

  #startRecorders({ agent, role, program, recorders, onOtherRows, onChanged, onMessage }: ProbesOptions) {
    const follow = (pid: number) => this.#followTold(pid);
    const options = { agent, role, list: this.#list, onRows: onOtherRows, onChanged, onMessage };
    return recorders.map((address, index) => {
      const member = recorders.length > 1 ? index : null;
      return new RecordersProbe(address, { ...options, member, follow: program === null ? follow : null });
    });
  }

  /** The process that a patched SPICE told of takes the place of the one before. */
  #followTold(pid: number): void {
    this.#program?.close();
    this.unfollow(PROGRAM);
    this.#program = this.#startFollowing(String(pid));
    this.#onChanged();
  }

  #isOfIdle(reason: string): boolean {
    const tree = this.#trees.find((one) => reason.startsWith(one));
    return tree !== undefined && !this.#followed.has(tree);
  }

  async close(): Promise<void> {
    this.#program?.close();
    this.#sampler.stop();
    this.#values.flush();
    await Promise.all([...this.#plugIns, ...this.#recorders].map((probe) => probe.close()));
  }

  /** The list of reasons grows rarely: comparing it costs less than telling it. */
  #tellAbsent(): void {
    const absent = this.absent.join('\n');
    if (absent === this.#absentTold) return;
    this.#absentTold = absent;
    this.#onChanged();
  }
}

/** Batches are not made more often than that. */
const SHORTEST_FLUSH_MS = 50;

function treeOf({ name }: Indicator): Tree | null {
  return TREES.find((tree) => name.startsWith(`${tree}.`)) ?? null;
}
