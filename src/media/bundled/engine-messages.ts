// What the encoding child is told, and tells besides rows of frames and steps.

import type { PhaseRow } from '#core/recording';
import type { EncodeJob } from '../encode-job.ts';
import type { JavaScriptProfileWanted } from '../running-encode.ts';

/** What the child is told. */
export interface EngineJob extends EncodeJob {
  /** Null where no profile is taken of its JavaScript. */
  readonly javascript: JavaScriptProfileWanted | null;
}

/** The line that lets a child which is ready begin. */
export const BEGIN_LINE = 'begin';

export type EngineMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'phase'; readonly row: PhaseRow }
  | { readonly kind: 'progress'; readonly frames: number; readonly of: number | null }
  | {
      readonly kind: 'end';
      readonly ok: boolean;
      readonly reason: string | null;
      /** True where the system did not let the output be written. */
      readonly unwritable: boolean;
      readonly frames: number;
      readonly bytes: number;
      readonly actual: Readonly<Record<string, string>>;
    };
