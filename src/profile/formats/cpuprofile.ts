// `.cpuprofile` of Chrome and Node (Chrome DevTools Protocol, Profiler.Profile): a call tree, and samples that point into it.

import type { Profile } from '#core/profile';
import { UserError } from '#core/user-error';
import { ProfileBuilder } from '../profile-builder.ts';
import { finishGiven } from './given-profile.ts';
import { JavaScriptNodes } from './javascript-nodes.ts';
import { isObject, listOf, numberOf, type JsonObject } from './json-values.ts';

export function isCpuProfile(value: unknown): boolean {
  return isObject(value) && Array.isArray(value['nodes']) && Array.isArray(value['samples']);
}

/**
 * Each sample stands for the time until the next one; those of an idle thread belong to thread 0, as those of idle CPUs do.
 * @throws UserError where its parts do not fit together
 */
export function readCpuProfile(value: unknown, file: string): Profile {
  const { nodes, samples, timeDeltas, startTime, endTime } = value as JsonObject;
  const builder = new ProfileBuilder();
  const tree = new JavaScriptNodes(builder, file);
  for (const node of listOf(nodes)) tree.add(node);
  const ids = listOf(samples);
  const deltas = listOf(timeDeltas);
  if (deltas.length !== ids.length)
    throw new UserError({
      what: `it has ${ids.length} samples, and ${deltas.length} times between them`,
      where: file,
      todo: 'Record it again, with a version that writes `timeDeltas`: Node 12, Chrome 58 or later.',
    });
  const script = new JavaScriptSamples(builder, tree, { process: -1, thread: -1, processName: '', name: 'JavaScript' });
  let timeUs = numberOf(startTime);
  if (Number.isNaN(timeUs)) timeUs = 0;
  for (const [i, id] of ids.entries()) {
    const delta = numberOf(deltas[i]);
    if (Number.isNaN(delta))
      throw new UserError({
        what: `time ${i} between samples is no number`,
        where: file,
        todo: 'The file is damaged.',
      });
    timeUs += delta;
    script.add(timeUs, numberOf(id));
  }
  script.finish(numberOf(endTime));
  return finishGiven(builder, { tool: 'JavaScript CPU profile', file, clock: 'own', weightUnit: 'ns' });
}

/** Of which the samples are. */
export interface JavaScriptThread {
  readonly process: number;
  readonly thread: number;
  readonly processName: string;
  readonly name: string;
}

/** Samples of one JavaScript thread: how long each is shows when the next one comes. */
export class JavaScriptSamples {
  readonly #builder: ProfileBuilder;
  readonly #tree: JavaScriptNodes;
  readonly #of: JavaScriptThread;
  readonly #thread: number;
  #idle: number | null = null;
  readonly #times: number[] = [];
  readonly #stacks: number[] = [];

  constructor(builder: ProfileBuilder, tree: JavaScriptNodes, of: JavaScriptThread) {
    this.#builder = builder;
    this.#tree = tree;
    this.#of = of;
    this.#thread = builder.addThread(of.process, of.thread, of.processName, of.name);
  }

  /**
   * @param node its id in the tree
   * @throws UserError where there is no such node
   */
  add(timeUs: number, node: number): void {
    this.#times.push(timeUs);
    this.#stacks.push(this.#tree.stackOf(node));
  }

  /** @param endUs NaN where it is not known: the last one is then as long as the others are on average */
  finish(endUs: number): void {
    // Times between samples may be negative: V8 writes them as they were taken.
    const order = Uint32Array.from(this.#times.keys()).sort((a, b) => this.#times[a]! - this.#times[b]!);
    const last = this.#times[order.at(-1) ?? -1] ?? 0;
    const first = this.#times[order[0] ?? -1] ?? 0;
    const usual = order.length > 1 ? (last - first) / (order.length - 1) : 0;
    for (const [i, row] of order.entries()) {
      const timeUs = this.#times[row]!;
      const next = order[i + 1];
      const endedUs = next === undefined ? (endUs > timeUs ? endUs : timeUs + usual) : this.#times[next]!;
      const stack = this.#stacks[row]!;
      // The time in which it was not running is an idle CPU's.
      const thread = stack >= 0 && stack === this.#tree.idleStack ? this.#idleThread() : this.#thread;
      this.#builder.addSample(timeUs * 1000, -1, thread, stack, 0, (endedUs - timeUs) * 1000);
    }
  }

  #idleThread(): number {
    return (this.#idle ??= this.#builder.addThread(this.#of.process, 0, this.#of.processName, 'idle'));
  }
}
