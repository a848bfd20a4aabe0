// Rows of the collector, on their way to the pages that look at them: collected for a moment, packed once, sent to all.

import type { LiveState } from '#core/live';
import { liveChanges } from '#core/live-changes';
import type { FrameBatch, SeriesBatch, StepBatch } from '#core/recording';
import type { AgentClock, Collector, CollectorListener } from '#live/collector-types';
import { STREAM_WIRE_VERSION, type StreamRequest } from './live-wire.ts';
import { packMessage } from './stream-packing.ts';
import { StreamPage, type PageSocket } from './stream-page.ts';
import { collectorSeconds, FrameRows, SeriesRows, StepRows, type WaitingRows } from './stream-rows.ts';
import { StreamPast } from './stream-past.ts';

/** Sixteen packets a second and page. */
const FLUSH_MS = 62;
/** Rows of one indicator that wait at most: an agent that comes back brings many at once. */
const MAX_WAITING_ROWS = 8_192;
/** Packing the state takes at most this share of the time: that of a thousand agents is large. */
const STATE_SHARE = 0.05;
/** Bytes of state that a page is sent in a second, about. */
const STATE_BYTES_PER_S = 1_000_000;
/** Some of the state changes without being told: when agents were heard last. */
const STATE_AT_LEAST_MS = 1_000;
const PICTURE_EVERY_MS = 500;
/** Streams whose columns keep their room. */
const MAX_STREAMS = 64;

interface Topic {
  readonly rows: SeriesRows;
  readonly pages: Set<StreamPage>;
}

export class StreamHub {
  readonly #collector: Collector;
  readonly #pages = new Set<StreamPage>();
  readonly #topics = new Map<string, Topic>();
  /** By agent, then by position of the indicator in the agent's list. */
  readonly #tables = new Map<string, (Topic | undefined)[]>();
  readonly #waitingTopics = new Set<Topic>();
  readonly #frames = new Map<string, FrameRows>();
  readonly #steps = new Map<string, StepRows>();
  #picture: Parameters<CollectorListener['picture']>[0] | null = null;
  #unlisten: (() => void) | null = null;
  #timer: NodeJS.Timeout | null = null;
  #stateAfterMs = 0;
  #statePackedMs = -Infinity;
  /** As it was sent last, counted from 1. */
  #state: LiveState | null = null;
  #stateNumber = 0;
  #looksForNames = true;
  #pictures = false;

  constructor(collector: Collector) {
    this.#collector = collector;
  }

  /** A page that came; it is sent the state at once. */
  open(socket: PageSocket): StreamPage {
    const page = new StreamPage(socket);
    this.#pages.add(page);
    this.#unlisten ??= this.#collector.listen(this.#listener(), 0);
    this.#timer ??= setInterval(() => this.#flush(), FLUSH_MS);
    this.#sendState(
      [...this.#pages].filter((each) => each === page || each.hasRoom),
      performance.now(),
    );
    page.flush(performance.now());
    return page;
  }

  leave(page: StreamPage): void {
    this.#pages.delete(page);
    this.#unsubscribe(page);
    this.#askForPictures();
    if (this.#pages.size > 0) return;
    this.#unlisten?.();
    this.#unlisten = null;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#frames.clear();
    this.#steps.clear();
  }

  /** Sets what a page wants, and sends it the past of what is new. */
  request(page: StreamPage, request: StreamRequest): void {
    if (!this.#pages.has(page)) return;
    // What waits belongs to the past of the new subscription: it goes to the others first.
    this.#flush();
    const before = page.wanted;
    this.#unsubscribe(page);
    page.wanted = { ...request, indicators: new Set(request.indicators) };
    for (const key of page.wanted.indicators) this.#topic(key)?.pages.add(page);
    this.#looksForNames = true;
    this.#askForPictures();
    if (request.pastS === 0) return;
    const fresh = request.indicators.filter((key) => !before.indicators.has(key));
    const past = new StreamPast(this.#collector, fresh, request.frames && !before.frames);
    for (const piece of past.read(request.pastS)) page.addOnce(piece);
    page.flush(performance.now());
  }

  close(): void {
    for (const page of this.#pages) this.leave(page);
  }

  #topic(key: string): Topic | null {
    const slash = key.indexOf('/');
    if (slash <= 0) return null;
    let topic = this.#topics.get(key);
    if (topic === undefined) {
      topic = { rows: new SeriesRows(key.slice(0, slash), key.slice(slash + 1)), pages: new Set() };
      this.#topics.set(key, topic);
    }
    return topic;
  }

  #unsubscribe(page: StreamPage): void {
    for (const key of page.wanted.indicators) {
      const topic = this.#topics.get(key);
      topic?.pages.delete(page);
      if (topic?.pages.size !== 0) continue;
      this.#topics.delete(key);
      this.#waitingTopics.delete(topic);
      this.#looksForNames = true;
    }
  }

  #askForPictures(): void {
    const wanted = [...this.#pages].some((page) => page.wanted.pictures);
    if (wanted === this.#pictures) return;
    this.#pictures = wanted;
    this.#collector.wantPictures(wanted ? PICTURE_EVERY_MS : 0);
  }

  #listener(): CollectorListener {
    return {
      series: (agent, batch, clock) => this.#addSeries(agent, batch, clock),
      frames: (_agent, batch, clock) => this.#addFrames(batch, clock),
      steps: (_agent, batch, clock) => this.#addSteps(batch, clock),
      picture: (picture) => (this.#picture = picture),
      feed: (messages, cleared) => {
        const piece = packMessage({ type: 'feed', messages, cleared });
        for (const page of this.#pages) page.add(piece);
      },
      changed: () => {
        for (const page of this.#pages) page.owesState = true;
        this.#looksForNames = true;
      },
    };
  }

  #addSeries(agent: string, batch: SeriesBatch, clock: AgentClock | null): void {
    if (this.#looksForNames) this.#findNames();
    const table = this.#tables.get(agent);
    // A value that stands at no known time belongs on no chart; a recording has it all the same.
    if (table === undefined || clock === null) return;
    const { epochUs } = this.#collector;
    for (let row = 0; row < batch.indicator.length; row++) {
      const topic = table[batch.indicator[row]!];
      if (topic === undefined) continue;
      topic.rows.add(collectorSeconds(batch.timeUs[row]!, clock, epochUs), batch.value[row]!);
      this.#waitingTopics.add(topic);
      if (topic.rows.count === MAX_WAITING_ROWS) this.#flush();
    }
  }

  #addFrames(batch: FrameBatch, clock: AgentClock | null): void {
    let rows = this.#frames.get(batch.stream);
    if (rows === undefined) this.#frames.set(batch.stream, (rows = new FrameRows(batch.stream)));
    rows.add(batch, clock, this.#collector.epochUs);
    if (rows.count >= MAX_WAITING_ROWS) this.#flush();
  }

  #addSteps(batch: StepBatch, clock: AgentClock | null): void {
    const key = `${batch.role}/${batch.stream}`;
    let rows = this.#steps.get(key);
    if (rows === undefined) this.#steps.set(key, (rows = new StepRows(batch.stream, batch.role)));
    rows.add(batch, clock, this.#collector.epochUs);
    if (rows.count >= MAX_WAITING_ROWS) this.#flush();
  }

  /** Which position in an agent's list is which topic. */
  #findNames(): void {
    this.#looksForNames = false;
    const wanted = new Set([...this.#topics.values()].map(({ rows }) => rows.agent));
    this.#tables.clear();
    if (wanted.size === 0) return;
    for (const { name, indicators } of this.#collector.state().agents) {
      if (!wanted.has(name)) continue;
      const table = indicators.map((indicator) => this.#topics.get(`${name}/${indicator.name}`));
      this.#tables.set(name, table);
    }
  }

  #flush(): void {
    const nowMs = performance.now();
    for (const page of this.#pages) page.adjust(nowMs);
    this.#addState(nowMs);
    for (const topic of this.#waitingTopics) give(topic.rows, topic.pages);
    this.#waitingTopics.clear();
    const watchers = [...this.#pages].filter((page) => page.wanted.frames);
    for (const rows of this.#frames.values()) give(rows, watchers);
    for (const rows of this.#steps.values()) give(rows, watchers);
    this.#addPicture();
    if (this.#frames.size > MAX_STREAMS) this.#frames.clear();
    if (this.#steps.size > MAX_STREAMS) this.#steps.clear();
    for (const page of this.#pages) page.flush(nowMs);
  }

  #addState(nowMs: number): void {
    if (nowMs < this.#stateAfterMs) return;
    const isDue = nowMs - this.#statePackedMs >= STATE_AT_LEAST_MS;
    const pages = [...this.#pages].filter((page) => (isDue || page.owesState) && page.hasRoom);
    if (pages.length === 0) return;
    this.#sendState(pages, nowMs);
  }

  /** A page that knows the state that was sent last gets what has changed since; any other all of it. */
  #sendState(pages: readonly StreamPage[], nowMs: number): void {
    const before = this.#state;
    const state = this.#collector.state();
    this.#state = state;
    const known = this.#stateNumber++;
    const isDue = nowMs - this.#statePackedMs >= STATE_AT_LEAST_MS;
    if (isDue) this.#statePackedMs = nowMs;
    let changes: Uint8Array | null = null;
    let whole: Uint8Array | null = null;
    for (const page of pages) {
      page.owesState = false;
      if (before !== null && page.knownState === known)
        page.add((changes ??= packMessage({ type: 'changes', ...liveChanges(before, state, isDue) })));
      else page.addOnce((whole ??= packMessage({ type: 'state', version: STREAM_WIRE_VERSION, state })));
      page.knownState = this.#stateNumber;
    }
    const tookMs = performance.now() - nowMs;
    const bytes = (changes?.length ?? 0) + (whole?.length ?? 0);
    this.#stateAfterMs = nowMs + Math.max(tookMs / STATE_SHARE, (bytes / STATE_BYTES_PER_S) * 1000);
  }

  /** The latest one only, to pages that have room for it. */
  #addPicture(): void {
    if (this.#picture === null) return;
    const piece = packMessage({ type: 'picture', ...this.#picture });
    this.#picture = null;
    for (const page of this.#pages) if (page.wanted.pictures && page.hasRoom) page.add(piece);
  }
}

/** Packs what waits once for each degree of thinning, and clears it. */
function give(rows: WaitingRows, pages: Iterable<StreamPage>): void {
  if (rows.count === 0) return;
  const packed = new Map<number, Uint8Array | null>();
  for (const page of pages) {
    let piece = packed.get(page.every);
    if (piece === undefined) {
      const message = rows.message(page.every);
      piece = message === null ? null : packMessage(message);
      packed.set(page.every, piece);
    }
    if (piece !== null) page.add(piece);
  }
  rows.clear();
}
