// All that an agent measures by itself: its host, the processes of the parts that run on it, and plug-in probes.

import type { Indicator } from '#core/indicator';
import type { SeriesBatch } from '#core/recording';
import { SESSION_PARTS, type SessionPart } from '#core/session';
import { startSampler, type Sampler } from '#measure/sampler';
import { IndicatorList } from './indicator-list.ts';
import { PlugInProbe } from './plug-in-probe.ts';

export interface ProbesOptions {
  /** Name of the agent in the rows. */
  readonly agent: string;
  readonly intervalMs: number;
  /** Files of plug-in probes. */
  readonly plugIns: readonly string[];
  /** Rows of one sampling, to be sent now. */
  readonly onRows: (batch: SeriesBatch) => void;
  /** Rows of a plug-in probe, whenever they come. */
  readonly onPlugInRows: (batch: SeriesBatch) => void;
  /** Indicators were added, or what is absent is another now. */
  readonly onChanged: () => void;
  /** For the feed. */
  readonly onMessage: (text: string) => void;
}

export class Probes {
  readonly #list = new IndicatorList();
  readonly #sampler: Sampler;
  readonly #plugIns: PlugInProbe[] = [];
  readonly #onChanged: () => void;
  /** Where the sampler's indicators stand in the list; -1 for those of parts that never ran here. */
  readonly #positions: Int32Array;
  readonly #followed = new Set<SessionPart>();
  #absentTold = '';

  constructor(options: ProbesOptions) {
    this.#onChanged = options.onChanged;
    const early: SeriesBatch[] = [];
    const receive = { rows: (batch: SeriesBatch): void => void early.push(batch) };
    this.#sampler = startSampler({
      agent: options.agent,
      intervalMs: options.intervalMs,
      // Half an interval: every sampling is handed over, however late its timer comes.
      flushMs: Math.max(options.intervalMs / 2, SHORTEST_FLUSH_MS),
      prefixes: SESSION_PARTS,
      own: 'agent',
      onBatch: (batch) => receive.rows(batch),
    });
    const { indicators } = this.#sampler;
    this.#positions = Int32Array.from(indicators, (one) => (partOf(one) === null ? this.#list.position(one) : -1));
    receive.rows = (batch) => {
      for (let i = 0; i < batch.indicator.length; i++) batch.indicator[i] = this.#positions[batch.indicator[i]!]!;
      options.onRows(batch);
      this.#tellAbsent();
    };
    for (const batch of early) receive.rows(batch);
    for (const file of options.plugIns) {
      this.#plugIns.push(
        new PlugInProbe(file, {
          agent: options.agent,
          intervalMs: options.intervalMs,
          list: this.#list,
          onRows: options.onPlugInRows,
          onChanged: options.onChanged,
          onMessage: options.onMessage,
        }),
      );
    }
    this.#absentTold = this.absent.join('\n');
  }

  get indicators(): readonly Indicator[] {
    return this.#list.all;
  }

  /** What can't be measured, and why. Parts that do not run here are no news. */
  get absent(): readonly string[] {
    const plugIns = this.#plugIns.flatMap(({ failure }) => (failure === null ? [] : [failure]));
    const ofHost = this.#sampler.absent.filter((reason) => !this.#isOfIdlePart(reason));
    return [...ofHost, ...plugIns];
  }

  /** The process of a part runs: its indicators begin, under the part's name. */
  follow(part: SessionPart, pid: number): void {
    const before = this.#list.all.length;
    this.#followed.add(part);
    this.#sampler.indicators.forEach((one, index) => {
      if (partOf(one) === part) this.#positions[index] = this.#list.position(one);
    });
    this.#sampler.follow(pid, null, part);
    if (this.#list.all.length > before) this.#onChanged();
  }

  #isOfIdlePart(reason: string): boolean {
    const part = SESSION_PARTS.find((one) => reason.startsWith(one));
    return part !== undefined && !this.#followed.has(part);
  }

  unfollow(part: SessionPart): void {
    this.#sampler.unfollow(part);
  }

  async close(): Promise<void> {
    this.#sampler.stop();
    await Promise.all(this.#plugIns.map((probe) => probe.close()));
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

function partOf({ name }: Indicator): SessionPart | null {
  return SESSION_PARTS.find((part) => name.startsWith(`${part}.`)) ?? null;
}
