// What is written beside a recording, so that a collector that comes after a killed one can go on with it.

import type { QualityWanted } from '#core/quality';
import type { SessionPart } from '#core/session';
import { formatSettingValue, type Settings } from '#core/settings';

const MEMO_VERSION = 2;

/** A file that an agent writes for the recording. */
export interface KeptFile {
  readonly file: string;
  readonly agent: string;
  readonly what: 'received' | 'source';
  readonly stream: string;
}

/** What a collector that goes on with the recording has to know. */
export interface RecordMemo {
  readonly version: typeof MEMO_VERSION;
  readonly name: string;
  readonly forS: number | null;
  readonly quality: QualityWanted | null;
  readonly keepOutput: boolean;
  /** As the sender opens it. */
  readonly source: string;
  /** Whose machine the source is on. */
  readonly sourceHost: string;
  /** Names of the agents that are recorded from the start. */
  readonly agents: readonly string[];
  readonly files: readonly KeptFile[];
  /** Agents that have, or had, a part of the session meanwhile: rows of its streams come from them. */
  readonly holders: readonly { readonly part: SessionPart; readonly agent: string }[];
  /** Why it is no result, whatever it comes to; null where it is one. */
  readonly spoilt: string | null;
}

export function recordMemo(request: Omit<RecordMemo, 'version' | 'files' | 'holders' | 'spoilt'>): RecordMemo {
  return { version: MEMO_VERSION, ...request, files: [], holders: [], spoilt: null };
}

/** Null where it is of another version, or none. */
export function parseRecordMemo(memo: unknown): RecordMemo | null {
  const found = memo as RecordMemo | null;
  return found?.version === MEMO_VERSION && Array.isArray(found.files) && Array.isArray(found.holders) ? found : null;
}

/** What the sender opens: a display may be all that is said. */
export function sourceText(settings: Settings): string {
  const { source, display } = settings;
  if (source !== undefined) return formatSettingValue(source).trim();
  return `x11:${display === undefined ? '' : formatSettingValue(display)}`;
}

export function withHolder(memo: RecordMemo, part: SessionPart, agent: string): RecordMemo {
  if (memo.holders.some((holder) => holder.part === part && holder.agent === agent)) return memo;
  return { ...memo, holders: [...memo.holders, { part, agent }] };
}
