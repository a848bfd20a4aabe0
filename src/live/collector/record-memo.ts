// What is written beside a recording, so that a collector that comes after a killed one can go on with it.

import type { QualityWanted } from '#core/quality';
import { formatSettingValue, type Settings } from '#core/settings';

const MEMO_VERSION = 1;

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
}

export function recordMemo(request: Omit<RecordMemo, 'version' | 'files'>): RecordMemo {
  return { version: MEMO_VERSION, ...request, files: [] };
}

/** Null where it is of another version, or none. */
export function parseRecordMemo(memo: unknown): RecordMemo | null {
  const found = memo as RecordMemo | null;
  return found?.version === MEMO_VERSION && Array.isArray(found.files) ? found : null;
}

/** What the sender opens: a display may be all that is said. */
export function sourceText(settings: Settings): string {
  const { source, display } = settings;
  if (source !== undefined) return formatSettingValue(source).trim();
  return `x11:${display === undefined ? '' : formatSettingValue(display)}`;
}
