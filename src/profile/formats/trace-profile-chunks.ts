// Chrome's CPU profile in pieces among trace events: `Profile` begins one, each `ProfileChunk` brings nodes and samples.

import { UserError } from '#core/user-error';
import type { ProfileBuilder } from '../profile-builder.ts';
import { JavaScriptSamples } from './cpuprofile.ts';
import { JavaScriptNodes } from './javascript-nodes.ts';
import { idOf, isObject, listOf, numberOf, type JsonObject } from './json-values.ts';
import type { TraceThreads } from './trace-threads.ts';

interface Pieces {
  readonly tree: JavaScriptNodes;
  readonly samples: JavaScriptSamples;
  timeUs: number;
  endUs: number;
}

export function isChunk(event: JsonObject): boolean {
  return event['name'] === 'ProfileChunk' && event['ph'] === 'P';
}

/** @throws UserError where a piece does not fit to those before it */
export function readProfileChunks(
  builder: ProfileBuilder,
  events: readonly JsonObject[],
  threads: TraceThreads,
  file: string,
): void {
  const profiles = new Map<string, Pieces>();
  // The profile's own event tells its thread; pieces are written by another.
  const begun = new Map<string, JsonObject>();
  for (const event of events) if (event['name'] === 'Profile' && event['ph'] === 'P') begun.set(keyOf(event), event);
  const piecesOf = (event: JsonObject): Pieces => {
    const known = profiles.get(keyOf(event));
    if (known !== undefined) return known;
    const first = begun.get(keyOf(event)) ?? event;
    const { processName, name } = threads.names(first['pid'], first['tid']);
    const start = numberOf(dataOf(first)['startTime']);
    const tree = new JavaScriptNodes(builder, file);
    const of = { process: idOf(first['pid']), thread: idOf(first['tid']) || -1, processName, name };
    const made = {
      tree,
      samples: new JavaScriptSamples(builder, tree, of),
      timeUs: Number.isNaN(start) ? numberOf(first['ts']) || 0 : start,
      endUs: Number.NaN,
    };
    profiles.set(keyOf(event), made);
    return made;
  };
  // Threads write them when they can: their own times tell the order.
  const chunks = events.filter((event) => isChunk(event));
  for (const event of chunks.toSorted((a, b) => (numberOf(a['ts']) || 0) - (numberOf(b['ts']) || 0)))
    readChunk(piecesOf(event), dataOf(event), file);
  for (const { samples, endUs } of profiles.values()) samples.finish(endUs);
}

function readChunk(pieces: Pieces, data: JsonObject, file: string): void {
  const profile = isObject(data['cpuProfile']) ? data['cpuProfile'] : {};
  for (const node of listOf(profile['nodes'])) pieces.tree.add(node);
  const ids = listOf(profile['samples']);
  const deltas = listOf(data['timeDeltas']);
  if (ids.length !== deltas.length)
    throw new UserError({
      what: `a ProfileChunk has ${ids.length} samples, and ${deltas.length} times between them`,
      where: file,
      todo: 'The file is damaged: record it again.',
    });
  for (const [i, id] of ids.entries()) {
    pieces.timeUs += numberOf(deltas[i]) || 0;
    pieces.samples.add(pieces.timeUs, numberOf(id));
  }
  const endUs = numberOf(data['endTime']);
  if (!Number.isNaN(endUs)) pieces.endUs = endUs;
}

function keyOf(event: JsonObject): string {
  return JSON.stringify([event['pid'], event['id']]);
}

function dataOf(event: JsonObject): JsonObject {
  const args = event['args'];
  return isObject(args) && isObject(args['data']) ? args['data'] : {};
}
