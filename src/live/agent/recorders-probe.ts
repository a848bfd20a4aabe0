// A patched SPICE process of 2020 as a probe: what it tells of its frames becomes indicators, what it says goes into the feed.

import { addressText } from '#core/address-text';
import type { SeriesBatch } from '#core/recording';
import { SeriesBuffer } from '#measure/series-buffer';
import { ProcessClock } from '#session/spice/recorders/process-clock';
import { RecorderClient, RETRY_MS } from '#session/spice/recorders/recorder-client';
import type { RecorderFact } from '#session/spice/recorders/recorder-facts';
import {
  RecorderIndicators,
  recorderIndicator,
  type RecorderQuantity,
} from '#session/spice/recorders/recorder-indicators';
import { shortText, shownText } from '#session/spice/recorders/shown-text';
import { monotonicUs } from '#system/clock';
import type { IndicatorList } from './indicator-list.ts';

/** Rows are handed over together after so long, and so many of them at most: the others are left out. */
const FLUSH_MS = 100;
const MAX_ROWS = 2_000;
/** Texts of the process that a second takes in, and of one connection those that tell what is not understood. */
const MAX_TEXTS = 20;
const MAX_UNREAD_TOLD = 5;
/** Of a text: a pipeline as a picture is longer than anything that is read. */
const MAX_TEXT = 500;

export interface RecordersOptions {
  readonly agent: string;
  /** Of the agent: what the process says in another name is told with it. */
  readonly role: string;
  /** Its position among several processes that this agent listens to; null where it is the only one. */
  readonly member: number | null;
  readonly list: IndicatorList;
  readonly onRows: (batch: SeriesBatch) => void;
  readonly onChanged: () => void;
  /** For the feed. */
  readonly onMessage: (text: string) => void;
  /** A process of this machine wants to be measured; null where that is settled already. */
  readonly follow: ((pid: number) => void) | null;
  /** Milliseconds; 5,000 by default. */
  readonly retryMs?: number | undefined;
}

export class RecordersProbe {
  readonly #name: string;
  readonly #options: RecordersOptions;
  readonly #client: RecorderClient;
  readonly #running: Promise<void>;
  readonly #buffer: SeriesBuffer;
  readonly #timer: NodeJS.Timeout;
  /** Of the connection; null while there is none. */
  #process: { readonly indicators: RecorderIndicators; readonly isHere: boolean; pid: number | null } | null = null;
  #heardUs = 0;
  #rows = 0;
  #tellsLoss = true;
  readonly #positions = new Map<RecorderQuantity, number>();
  /** Indicators that nobody was told of. */
  #hasNew = false;
  #textsLeft = MAX_TEXTS;
  #textsUntilUs = 0;
  #unreadTold = 0;
  /** Why it was gone, since it was there last. */
  readonly #told = new Set<string>();
  #closed = false;
  /** Why it does not tell, with its name; null while it does. */
  failure: string | null = null;

  constructor(address: { readonly host: string; readonly port: number }, options: RecordersOptions) {
    const { retryMs = RETRY_MS } = options;
    this.#name = `recorders ${addressText(address)}`;
    this.#options = options;
    this.#buffer = new SeriesBuffer(options.agent, MAX_ROWS, (batch) => options.onRows(batch));
    this.#client = new RecorderClient(
      address,
      {
        onConnected: (recorders, isHere) => this.#connected(recorders, isHere),
        onFact: (fact) => this.#take(fact),
        onUnread: (why) => this.#unread(why),
        onGone: (why) => this.#gone(why, retryMs),
      },
      retryMs,
    );
    this.#running = this.#client.run();
    this.#timer = setInterval(() => this.#flush(), FLUSH_MS);
  }

  async close(): Promise<void> {
    if (!this.#closed) this.#flush();
    this.#closed = true;
    clearInterval(this.#timer);
    this.#client.close();
    await this.#running;
  }

  #connected(recorders: readonly string[], isHere: boolean): void {
    const clock = new ProcessClock();
    const indicators = new RecorderIndicators(recorders, monotonicUs(), (quantity, atUs, value) => {
      if (!Number.isFinite(value)) return;
      const position = this.#position(quantity);
      if (position === null || this.#rows >= MAX_ROWS) return this.#lose();
      this.#rows++;
      this.#buffer.putAt(position, atUs === null ? this.#heardUs : clock.at(atUs, this.#heardUs), value);
    });
    this.#process = { indicators, isHere, pid: null };
    this.#unreadTold = 0;
    this.#tellsLoss = true;
    this.failure = null;
    this.#options.onChanged();
    this.#options.onMessage(`${this.#name}: it tells ${recorders.join(', ') || 'nothing that is known'}`);
    this.#told.clear();
  }

  /** An indicator begins with its first value. Null where there are too many. */
  #position(quantity: RecorderQuantity): number | null {
    const known = this.#positions.get(quantity);
    if (known !== undefined) return known;
    const { list, member } = this.#options;
    const indicator = recorderIndicator(quantity, this.#name, member);
    if (!list.has(indicator.name) && !list.hasRoomFor(1)) return null;
    const position = list.position(indicator);
    this.#positions.set(quantity, position);
    this.#hasNew = true;
    return position;
  }

  #take(fact: RecorderFact): void {
    const process = this.#process;
    if (process === null) return;
    this.#heardUs = monotonicUs();
    if (fact.kind === 'message') return this.#say(fact.source, fact.text);
    if (fact.kind !== 'process') return process.indicators.take(fact);
    // A process has one number for as long as it lives.
    const isNews = process.pid === null;
    process.pid ??= fact.pid;
    if (isNews) this.#follow(fact.pid, process.isHere);
  }

  /** What begins with `!` is a marker, and stays one. */
  #say(source: string, text: string): void {
    const isMarker = text.startsWith('!');
    const words = shownText(isMarker ? text.slice(1) : text);
    const short = words.length > MAX_TEXT ? `${words.slice(0, MAX_TEXT)}… (${words.length} characters)` : words;
    this.#tell(`${isMarker ? '!' : ''}${source === this.#options.role ? '' : `${shortText(source)}: `}${short}`);
  }

  /** A number of another machine is another process here. */
  #follow(pid: number, isHere: boolean): void {
    const { follow } = this.#options;
    if (follow === null) return;
    if (pid <= 1) return this.#unread(`agent_info: process ${pid} is not its own`);
    if (isHere) return follow(pid);
    this.#tell(`${this.#name}: its process ${pid} is not of this machine, and is not measured`);
  }

  #unread(why: string): void {
    if (++this.#unreadTold <= MAX_UNREAD_TOLD) this.#tell(`${this.#name}: not understood: ${why}`);
  }

  #tell(text: string): void {
    const nowUs = monotonicUs();
    if (nowUs >= this.#textsUntilUs) {
      this.#textsUntilUs = nowUs + 1e6;
      this.#textsLeft = MAX_TEXTS;
    }
    if (this.#textsLeft-- > 0) this.#options.onMessage(text);
  }

  #lose(): void {
    if (this.#tellsLoss) this.#tell(`${this.#name}: it tells more than is kept; some of it is left out`);
    this.#tellsLoss = false;
  }

  /** Rates have room however many values of frames came. */
  #flush(): void {
    this.#handOver();
    this.#heardUs = monotonicUs();
    this.#process?.indicators.tick(this.#heardUs);
    this.#handOver();
  }

  #handOver(): void {
    if (this.#hasNew) this.#options.onChanged();
    this.#hasNew = false;
    this.#buffer.flush();
    this.#rows = 0;
  }

  /** Each reason is told once in the feed, however often it comes again. */
  #gone(reason: string, retryMs: number): void {
    if (this.#closed) return;
    this.#flush();
    this.#process = null;
    const why = reason === 'ECONNREFUSED' ? 'nobody listens there' : reason;
    this.failure = `${this.#name}: ${why}`;
    this.#options.onChanged();
    if (!this.#told.has(why)) this.#options.onMessage(`${this.failure}; it is tried again every ${retryMs / 1000} s`);
    this.#told.add(why);
  }
}
