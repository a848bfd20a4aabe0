// Samples of trace events' object form: `samples` point into `stackFrames`, which name their callers.

import { UserError } from '#core/user-error';
import type { ProfileBuilder } from '../profile-builder.ts';
import { idText, isObject, listOf, numberOf, textOf, type JsonObject } from './json-values.ts';
import type { TraceThreads } from './trace-threads.ts';

const US = 1000;

/** @throws UserError where a sample names a stack that is not there, or has no time */
export function readTraceSamples(
  builder: ProfileBuilder,
  trace: JsonObject,
  threads: TraceThreads,
  file: string,
): void {
  const frames = isObject(trace['stackFrames']) ? trace['stackFrames'] : {};
  const nodes = new Map<string, number>();
  const nodeOf = (id: string): number => {
    const path: string[] = [];
    let at: string | null = id;
    for (; at !== null && !nodes.has(at);) {
      const frame: unknown = Object.hasOwn(frames, at) ? frames[at] : undefined;
      if (!isObject(frame)) throw damaged(`there is no stack frame ${at}`, file);
      path.push(at);
      if (path.length > MAX_DEPTH) throw damaged(`stack frame ${id} is below itself`, file);
      at = frame['parent'] === undefined ? null : idText(frame['parent']);
    }
    let node = at === null ? -1 : nodes.get(at)!;
    for (const step of path.toReversed()) {
      const frame = frames[step] as JsonObject;
      const library = textOf(frame['category']) ?? '[trace]';
      const called = builder.function(textOf(frame['name']) ?? '(unnamed)', library, 'unknown', 'given');
      node = builder.stacks.add(node, called);
      nodes.set(step, node);
    }
    return node;
  };
  const samples = listOf(trace['samples']);
  for (const [i, sample] of samples.entries()) {
    const timeUs = isObject(sample) ? numberOf(sample['ts']) : Number.NaN;
    if (!isObject(sample) || Number.isNaN(timeUs)) throw damaged(`sample ${i} has no time (ts)`, file);
    const thread = threads.of(sample['pid'], sample['tid']);
    const cpu = numberOf(sample['cpu']);
    const stack = sample['sf'] === undefined ? -1 : nodeOf(idText(sample['sf']));
    const weight = numberOf(sample['weight']);
    const isCpu = Number.isInteger(cpu) && cpu >= 0 && cpu < 2 ** 15;
    builder.addSample(timeUs * US, isCpu ? cpu : -1, thread, stack, 0, weight >= 0 ? weight : 1);
  }
}

/** Functions in one stack. */
const MAX_DEPTH = 16_384;

function damaged(what: string, where: string): UserError {
  return new UserError({ what, where, todo: 'The file is damaged: export it again.' });
}
