// Engines and their encoders as they travel to the page.

import type { EncoderInfo } from '#core/encoder';
import type { EngineInfo, EngineSetting } from '#core/engine';

/** An engine that may be asked for, and what it answered. */
export interface EngineState {
  readonly setting: EngineSetting;
  /** Null where it can't be used; `problem` says why. */
  readonly info: EngineInfo | null;
  readonly problem: { readonly what: string; readonly todo: string | null } | null;
  /** Benchmarks of this lab that name it. */
  readonly benchmarks: readonly string[];
}

/** An encoder without its parameters. */
export interface EncoderSummary extends Omit<EncoderInfo, 'parameters' | 'subOptions' | 'pixelFormats'> {
  /** Parameters of its own, counted. */
  readonly parameters: number;
}

export interface EncoderList {
  readonly engine: EngineSetting;
  readonly encoders: readonly EncoderSummary[];
}

/** One encoder, and whether it can be found out here what it takes while it works. */
export interface EncoderPage {
  readonly encoder: EncoderInfo;
  readonly provable: boolean;
  readonly proof: ProofState | null;
}

/** The search for parameters that a working encoder takes; one at a time. */
export interface ProofState {
  readonly engine: EngineSetting;
  readonly encoder: string;
  readonly state: 'running' | 'done' | 'stopped' | 'failed';
  /** Parameters that were tried, and all that will be; null before the first. */
  readonly done: number | null;
  readonly total: number | null;
  /** Why it failed. */
  readonly problem: string | null;
}
