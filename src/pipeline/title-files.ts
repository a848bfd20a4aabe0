// The checked source and the plan of a title, kept while its items come after each other: neither changes once it is written.

import type { CheckedSource } from '#core/source-check';
import type { TitlePlan } from '#core/title';
import { readCheckedSource } from '#media/source-check/checked-file';
import { readPlan } from './plan-file.ts';

export const checkedOf: (file: string) => Promise<CheckedSource> = keepLast(readCheckedSource);

/** Null while there is none. */
export const planOf: (file: string) => Promise<TitlePlan | null> = keepLast(readPlan);

function keepLast<Content>(read: (file: string) => Promise<Content>): (file: string) => Promise<Content> {
  let last: { readonly file: string; readonly content: Promise<Content> } | null = null;
  return (file) => {
    if (last?.file === file) return last.content;
    const content = read(file);
    const one = { file, content };
    last = one;
    const forget = () => {
      if (last === one) last = null;
    };
    content.then((found) => (found === null ? forget() : undefined), forget);
    return content;
  };
}
