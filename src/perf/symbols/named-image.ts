// An image of which no more than the name is known.

import { INSTRUCTION_KINDS, type FunctionKind } from '#core/profile';
import type { Image } from '../image.ts';

const UNKNOWN = INSTRUCTION_KINDS.indexOf('unknown');

/** Finds nothing and says why. Its addresses are offsets in its file. */
export function namedImage(library: string, kind: FunctionKind, todo: string | null): Image {
  return { library, kind, todo, addressOf: (offset) => offset, find: () => null, instructionAt: () => UNKNOWN };
}
