// A benchmark: a matrix of settings, expanded into cells.

import type { CommandSpec } from './command.ts';
import type { ProfileWanted } from './profile.ts';
import type { QualityWanted } from './quality.ts';
import type { SessionKind } from './session.ts';
import type { Settings, SettingValue } from './settings.ts';

/** The system that a command of a hook is for; without one it runs where the bench runs. */
export const HOOK_ROLES = ['guest', 'server', 'client'] as const;
export type HookRole = (typeof HOOK_ROLES)[number];

/** One thing that a hook runs: an argument list, or a line for `/bin/sh` where the file says `shell:`. */
export type HookCommand =
  | {
      readonly kind: 'argv';
      readonly argv: readonly string[];
      readonly where: string;
      /** Whose agent runs it. */
      readonly role?: HookRole | undefined;
    }
  | {
      readonly kind: 'shell';
      readonly line: string;
      readonly where: string;
      /** Values that the line may use as variables: they are never pasted into its text. */
      readonly env?: Readonly<Record<string, string>> | undefined;
      readonly role?: HookRole | undefined;
    };

/** A property whose change runs commands; it forms blocks, so that they run only when its value changes. */
export interface PropertyHooks {
  readonly property: string;
  readonly before: readonly HookCommand[];
  readonly after: readonly HookCommand[];
}

export interface Threshold {
  /** As written: `encode.fps p5 >= 20`. */
  readonly text: string;
  /** Name of a run's metric, its own statistic included: `encode.fps p5`. */
  readonly metric: string;
  /** Statistic over a cell's repeats: `median` (the default), `mean`, `min` or `max`. */
  readonly statistic: string;
  readonly comparison: '>=' | '>' | '<=' | '<' | '==';
  readonly value: number;
  readonly where: string;
}

export interface Cell {
  /** Position in the plan, from 0. */
  readonly index: number;
  /** `codec=x264 bitrate=1M preset=medium`: the properties that vary, in the file's order. */
  readonly label: string;
  /** Value names of the properties that vary. */
  readonly properties: Readonly<Record<string, string>>;
  /** Everything that a run needs, fixed settings included. */
  readonly settings: Settings;
  /** Names in `settings` that only name a group of others. */
  readonly labels: readonly string[];
}

export interface Benchmark {
  readonly name: string;
  /** Path of the file it was read from. */
  readonly file: string;
  readonly session: SessionKind;
  /** Properties that vary, in the file's order, with the names of their values. */
  readonly properties: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly cells: readonly Cell[];
  readonly repeat: number;
  readonly warmup: number;
  /** Seconds a run may take; null where the bench picks its own generous limit. */
  readonly timeoutS: number | null;
  readonly order: 'random' | 'listed';
  /** Given in the file or by the caller; null means one is drawn and kept. */
  readonly seed: number | null;
  readonly setup: readonly HookCommand[];
  readonly teardown: readonly HookCommand[];
  readonly hooks: readonly PropertyHooks[];
  /** Seconds a hook may take. */
  readonly hookTimeoutS: number;
  readonly thresholds: readonly Threshold[];
  /** Sampling interval of the probes, milliseconds. */
  readonly intervalMs: number;
  /** Keep the encoded files beside the recordings. */
  readonly keepOutput: boolean;
  /** What is measured of the pictures after each encode; null for nothing. */
  readonly quality: QualityWanted | null;
  /** How a profile of each run is taken; null for none. */
  readonly profile: ProfileWanted | null;
  /** What a session of kind `command` runs; null for the others. */
  readonly command: CommandSpec | null;
  /** Seconds to record, where a session streams (an encode ends by itself). */
  readonly recordTimeS: number | null;
  /** Seconds from a stream's last change to its recording. */
  readonly settleS: number;
  /** `file:line:column` of each setting by name, and of each of its values by `name=` and the value as JSON. */
  readonly positions: ReadonlyMap<string, string>;
  /** What is understood and yet can't be honoured by this kind of session. */
  readonly warnings: readonly string[];
}

export type { SettingValue };
