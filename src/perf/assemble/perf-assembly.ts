// Makes a profile of a perf.data's records, as they come.

import type { Profile, ProfileHeader } from '#core/profile';
import { libraryQuality } from '#profile/library-quality';
import { ownThreads } from '#profile/selection';
import { ProfileBuilder } from '#profile/profile-builder';
import { SchedulerSpans, UNTOLD_REMARK } from '#profile/scheduler-spans';
import type { Images } from '../image.ts';
import type { PerfDataReader } from '../perf-data/perf-data-reader.ts';
import type { PerfEvent } from '../perf-data/perf-event.ts';
import type { PerfMapping, PerfRecords } from '../perf-data/perf-records.ts';
import type { PerfSample } from '../perf-data/perf-sample.ts';
import { noMapTodo } from '../symbols/perf-map-image.ts';
import { isCpuEvent, roleOf, type EventRole } from './event-roles.ts';
import { reasonOf, reasonOfSwitch } from './leaving-reasons.ts';
import { withOpenSpans } from './open-spans.ts';
import { perfHeader } from './perf-header.ts';
import { StackResolver } from './stack-resolver.ts';
import { Threads, type WatchedThread } from './threads.ts';

/** How perf names the kernel that was recorded: `[kernel.kallsyms]_text`. */
const KERNEL_MAPPING = '[kernel.kallsyms]';
/** Of all that was lost: what is counted by event must be nearly all of it, for other records than samples are lost too. */
const TOLD_APART = 0.9;

export class PerfAssembly implements PerfRecords {
  readonly #builder = new ProfileBuilder();
  readonly #threads = new Threads();
  /** Those of the profile, by their rows. */
  readonly #rows: WatchedThread[] = [];
  readonly #spans = new SchedulerSpans(this.#builder, (thread: WatchedThread) => this.#row(thread));
  readonly #resolver: StackResolver;
  readonly #roles: (EventRole | undefined)[] = [];
  readonly #cpus = new Set<number>();
  readonly #leftOut = new Map<string, number>();
  #reader: PerfDataReader | null = null;
  #startNs = Infinity;
  #endNs = -Infinity;
  /** Where the last slice ended, with what it had told; null before the first. */
  #sliced: { readonly endNs: number; readonly lost: number; readonly throttled: number } | null = null;
  #lost = 0;
  #lostSamples = 0;
  /** Of those, of the event that the samples are of. */
  #lostCpuSamples = 0;
  #throttled = 0;
  #idleSeen = false;
  /** Of the scheduler: perf's own records count only where there is no tracepoint. */
  #hasSwitchEvent = false;
  /** Whether samples and the scheduler number threads alike: not from within a container. Null until a switch was told. */
  #numbersAgree: boolean | null = null;

  constructor(images: Images) {
    const buildId = (path: string) => this.#reader?.features.buildIds.get(path) ?? null;
    this.#resolver = new StackResolver(this.#builder, images, buildId);
  }

  /** The next records are from this reader; what was known before stays known. */
  readFrom(reader: PerfDataReader): void {
    this.#reader = reader;
    this.#roles.length = 0;
  }

  get sampleCount(): number {
    return this.#builder.sampleCount;
  }

  sample(sample: PerfSample): void {
    const { timeNs, cpu, event } = sample;
    if (timeNs < this.#startNs) this.#startNs = timeNs;
    if (timeNs > this.#endNs) this.#endNs = timeNs;
    const role = this.#roles[event.position] ?? this.#newRole(sample);
    if (role.kind === 'cpu') {
      const thread = this.#threads.of(sample.process, sample.thread);
      const { space } = thread.process;
      const stack = this.#resolver.stackOf(sample, space);
      if (sample.thread === 0) this.#idleSeen = true;
      this.#builder.addSample(timeNs, cpu, this.#row(thread), stack, this.#resolver.instruction);
      this.#cpus.add(cpu);
      if (this.#numbersAgree === true) this.#spans.seen(timeNs, cpu, thread);
    } else if (role.kind === 'switch') this.#switch(sample, role);
    else if (role.kind === 'wake') {
      const woken = integer(sample, role.woken.offset);
      const waker = this.#threads.of(sample.process, sample.thread);
      if (this.#numbersAgree === true) this.#spans.seen(timeNs, cpu, waker);
      if (woken > 0) this.#spans.woken(timeNs, this.#threads.byNumber(woken), waker);
    } else this.#leftOut.set(event.name, (this.#leftOut.get(event.name) ?? 0) + 1);
  }

  mapped(mapping: PerfMapping): void {
    if (mapping.process < 0) {
      if (mapping.path.startsWith(KERNEL_MAPPING)) this.#resolver.kernelTextAt(mapping.fileOffset);
      return;
    }
    if (mapping.end <= mapping.start) return;
    const process = this.#threads.process(mapping.process);
    process.space = process.space.with(mapping);
  }

  named(process: number, thread: number, name: string, exec: boolean): void {
    this.#threads.named(process, thread, name, exec);
  }

  forked(process: number, parent: number, thread: number, parentThread: number, madeUp: boolean): void {
    this.#threads.forked(process, parent, thread, parentThread, madeUp);
  }

  lost(timeNs: number, cpu: number, count: number): void {
    this.#lost += count;
    this.#spans.lost(cpu);
    if (timeNs > 0) this.#builder.addLoss(timeNs, cpu, count);
  }

  lostSamples(_timeNs: number, _cpu: number, count: number, event: PerfEvent | undefined): void {
    this.#lostSamples += count;
    if (event !== undefined && isCpuEvent(event, this.#reader?.events ?? [])) this.#lostCpuSamples += count;
  }

  throttled(): void {
    this.#throttled++;
  }

  switched(timeNs: number, cpu: number, process: number, thread: number, out: boolean, preempted: boolean): void {
    if (this.#hasSwitchEvent || timeNs === 0) return;
    this.#builder.expectSpans();
    const who = this.#threads.of(process, thread);
    if (out) this.#spans.left(timeNs, cpu, who, reasonOfSwitch(preempted), -1, NaN);
    else this.#spans.came(timeNs, cpu, who);
  }

  kernelSymbol(start: number, end: number, name: string): void {
    this.#resolver.addKernelSymbol(start, end, name);
  }

  /**
   * The profile of what there is so far: a copy, in tens of milliseconds for a million samples.
   * @param file the name of the file that it is read from; null where it is taken right now
   * @param remarks what more is missing, sentences
   */
  profile(file: string | null, remarks: readonly string[] = []): Profile {
    for (const [row, { process, name }] of this.#rows.entries()) this.#builder.renameThread(row, process.name, name);
    const isTimed = this.#endNs > 0 && this.#startNs <= this.#endNs;
    const header = perfHeader({
      file,
      reader: this.#reader,
      startNs: isTimed ? (this.#sliced?.endNs ?? this.#startNs) : 0,
      endNs: isTimed ? this.#endNs : 0,
      cpusSeen: this.#cpus,
      idleSeen: this.#idleSeen,
      ...this.#losses(),
      throttled: this.#throttled,
      leftOut: this.#leftOut,
      remarks: this.#spans.isUntold ? [...remarks, UNTOLD_REMARK] : remarks,
    });
    const open = this.#spans.open(this.#endNs);
    const profile = this.#builder.finish(header);
    const spans = profile.spans === null ? null : withOpenSpans(profile.spans, open);
    return { ...profile, spans, header: { ...profile.header, quality: libraryQuality(profile, this.#todos(null)) } };
  }

  /** A profile of here, whose header tells that it was taken of these processes and of all that they started. */
  takenOf(roots: readonly number[], profile: Profile): Profile {
    const header = { ...profile.header, processes: this.#threads.family(roots) };
    const own = ownThreads({ ...profile, header });
    if (own === null) return { ...profile, header };
    return {
      ...profile,
      header: { ...header, ownQuality: libraryQuality(profile, this.#todos(new Set(header.processes)), own) },
    };
  }

  /**
   * What would help the names of a library.
   * @param of processes whose own code counts; null for all
   */
  #todos(of: ReadonlySet<number> | null): Map<string, string> {
    const todos = new Map<string, string>();
    const withoutMap: number[] = [];
    for (const { library, todo, process } of this.#resolver.images) {
      if (todo === null || (process !== undefined && of?.has(process) === false)) continue;
      if (process !== undefined) withoutMap.push(process);
      todos.set(library, process === undefined ? todo : noMapTodo(withoutMap));
    }
    return todos;
  }

  /**
   * What came since the last slice, with the counts of that time alone; it is forgotten here. Spans that go on end with the slice, for
   * no known reason, and are told again as a whole in the slice in which they end.
   * @param remarks what more is missing, sentences
   * @returns null where nothing came
   */
  slice(remarks: readonly string[] = []): Profile | null {
    const before = this.#sliced ?? { endNs: -Infinity, lost: 0, throttled: 0 };
    if (!(this.#endNs > before.endNs)) return null;
    const { header, ...tables } = this.profile(null, remarks);
    this.#builder.forgetRows();
    const lost = Math.max(this.#lost, this.#lostSamples);
    this.#sliced = { endNs: this.#endNs, lost, throttled: this.#throttled };
    const counts = { lost: lost - before.lost, throttled: this.#throttled - before.throttled };
    const { lostEvents: _, ...facts } = header;
    return { ...tables, header: { ...facts, ...counts } };
  }

  /** Perf counts by event at its very end, where the kernel does (6.0 on); the kernel's records on the way are of all events together. */
  #losses(): Pick<ProfileHeader, 'lost' | 'lostEvents'> {
    const all = Math.max(this.#lost, this.#lostSamples);
    const isToldApart = this.#lostSamples > 0 && this.#lostSamples >= this.#lost * TOLD_APART;
    return isToldApart ? { lost: this.#lostCpuSamples, lostEvents: all - this.#lostCpuSamples } : { lost: all };
  }

  #switch(sample: PerfSample, role: EventRole & { readonly kind: 'switch' }): void {
    const { timeNs, cpu } = sample;
    const previous = integer(sample, role.previous.offset);
    const state = integer(sample, role.state.offset);
    const next = integer(sample, role.next.offset);
    // -1 is a thread at its very end.
    if (sample.thread !== -1) this.#numbersAgree = this.#numbersAgree !== false && sample.thread === previous;
    if (previous > 0) {
      // A thread at its very end has no number of a process any more.
      const isTold = sample.thread === previous && sample.process > 0;
      const thread = isTold ? this.#threads.of(sample.process, previous) : this.#threads.byNumber(previous);
      const stack = this.#resolver.stackOf(sample, thread.process.space);
      this.#spans.left(timeNs, cpu, thread, reasonOf(state), stack, this.#startNs);
    }
    this.#spans.came(timeNs, cpu, this.#threads.byNumber(next));
    this.#cpus.add(cpu);
  }

  #newRole({ event }: PerfSample): EventRole {
    const role = roleOf(event, this.#reader!);
    this.#roles[event.position] = role;
    if (role.kind === 'switch') {
      this.#hasSwitchEvent = true;
      this.#builder.expectSpans();
    }
    return role;
  }

  #row(thread: WatchedThread): number {
    if (thread.row < 0) {
      thread.row = this.#builder.addThread(thread.process.id, thread.id, thread.process.name, thread.name);
      this.#rows.push(thread);
    }
    return thread.row;
  }
}

/** A 32-bit field of a tracepoint; -1 where the sample is too short for it. */
function integer(sample: PerfSample, offset: number): number {
  return offset + 4 > sample.rawBytes ? -1 : sample.view.getInt32(sample.rawAt + offset, true);
}
