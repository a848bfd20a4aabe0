// What was asked for when a title was made: enough to make all of it again.

import type { Json } from '#core/queue';
import type { SourceFault } from '#core/source-check';
import type { Ladder } from '#core/title';

export interface TitleRequest {
  readonly version: 1;
  /** Absolute path of the source. */
  readonly source: string;
  /** Of the source's file when it was asked for (`fileIdentity`); null for a generated source. */
  readonly identity: string | null;
  /** As it was then: a ladder's file may change meanwhile. */
  readonly ladder: Ladder;
  /** Seconds of a chunk; null where the plan decides. */
  readonly chunkS: number | null;
  /** Folder that it is published to; null for the lab's own. */
  readonly out: string | null;
  /** Faults of the source that are accepted. */
  readonly accept: readonly SourceFault[];
  /** Title whose place in the lab's published folder it takes; absent where it has a place of its own. */
  readonly replaces?: { readonly id: string; readonly name: string } | undefined;
  /** Seconds of the source, where a title before it has told them. */
  readonly durationS?: number | undefined;
}

export function requestJson(request: TitleRequest): Json {
  return request as unknown as Json;
}

/** @throws Error where a newer encodelab wrote it */
export function readRequest(value: Json): TitleRequest {
  const request = value as unknown as TitleRequest;
  if (request.version !== 1) throw new Error(`a title's request has version ${String(request.version)}`);
  return request;
}

/** True where both ask for the same product at the same place. */
export function isSameRequest(a: TitleRequest, b: TitleRequest): boolean {
  return wanted(a) === wanted(b);
}

/** True where both ask for the same but for the state of the source's file: moved away and back, touched, or changed. */
export function isSameOfAnyFile(a: TitleRequest, b: TitleRequest): boolean {
  return wanted({ ...a, identity: null }) === wanted({ ...b, identity: null });
}

function wanted({ source, identity, ladder, chunkS, out, accept }: TitleRequest): string {
  return JSON.stringify([source, identity, ladder, chunkS, out, accept.toSorted()]);
}
