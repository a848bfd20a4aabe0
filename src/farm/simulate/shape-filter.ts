// Which of the lab's shapes a workload means: `encoder=libx264 height=1080`.

import { nearestName } from '#core/nearest-name';
import type { ShapeFilter } from '#lab/shapes/shape-relation';

const TEXTS = ['kind', 'codec', 'encoder', 'engine', 'title'] as const;
const NUMBERS = ['width', 'height'] as const;
const KEYS: readonly string[] = [...TEXTS, ...NUMBERS];

export type ShapeFilterResult =
  | { readonly ok: true; readonly filter: ShapeFilter }
  | { readonly ok: false; readonly what: string; readonly todo: string };

/** Terms `key=value` between spaces, which must all hold; an empty text means every whole piece that ended well. */
export function parseShapeFilter(text: string): ShapeFilterResult {
  const filter: Record<string, string | number> = { outcome: 'ok' };
  for (const term of text.split(/\s+/).filter((one) => one !== '')) {
    const [, key, value] = /^([a-z]+)=(\S+)$/.exec(term) ?? [];
    if (key === undefined || !KEYS.includes(key)) {
      const nearest = key === undefined ? null : nearestName(key, KEYS);
      const todo = nearest === null ? `write key=value with one of: ${KEYS.join(', ')}` : `did you mean ${nearest}=?`;
      return { ok: false, what: `'${term.slice(0, 60)}' chooses no shapes`, todo };
    }
    const isNumber = (NUMBERS as readonly string[]).includes(key);
    if (isNumber && !/^\d{1,5}$/.test(value!))
      return {
        ok: false,
        what: `${key} is a number of pixels, not '${value!.slice(0, 60)}'`,
        todo: `write ${key}=1080`,
      };
    if (filter[key] !== undefined)
      return { ok: false, what: `${key} is there twice`, todo: 'ask for each in a class of its own' };
    filter[key] = isNumber ? Number(value) : value!;
  }
  return { ok: true, filter };
}
