// When are two runs the same? Same settings, source content, encoder build, CPU model and core count. Never load, time or kernel.

import { createHash } from 'node:crypto';
import type { Environment } from '#core/environment';
import type { RunKind } from '#core/run';
import { canonicalSettings, type Settings } from '#core/settings';

export interface SameRun {
  readonly kind: RunKind;
  /** Normalised: two spellings of one value are one value, labels are left out. */
  readonly settings: Settings;
  /** Empty where there is none, or nobody knows its content: results of others. */
  readonly sourceHash: string;
  readonly encoderBuild: string;
}

/** Counts up when the meaning of a key changes: what was recorded under an older one is then not "the same". */
const KEY_VERSION = 1;

/** SHA-256, hex. */
export function sameKey(run: SameRun, environment: Environment): string {
  const { model, cores } = environment.cpu;
  // Where the content of a source is known, its path says nothing.
  const { source: _, ...others } = run.settings;
  const settings = run.sourceHash === '' ? run.settings : others;
  const parts = [KEY_VERSION, run.kind, canonicalSettings(settings), run.sourceHash, run.encoderBuild, model, cores];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
