// What the encoding child tells besides rows of frames and steps.

import type { PhaseRow } from '#core/recording';

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
