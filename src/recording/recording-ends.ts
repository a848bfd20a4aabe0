// What a recorder is told at the beginning of a recording, and at its end.

import type { Indicator } from '#core/indicator';
import type { RecordingHeader } from '#core/recording';
import type { StoredProfile } from './profile-tables.ts';

/** What is known when a recording begins. */
export type RecordingStart = Omit<RecordingHeader, 'version' | 'state' | 'rows' | 'indicators'> & {
  readonly indicators?: readonly Indicator[];
};

/** What is only known at its end, the `result` of the run included; `absent` is added to what was absent from the start. */
export type RecordingEnd = Partial<
  Pick<
    RecordingHeader,
    'settings' | 'actual' | 'environment' | 'agents' | 'absent' | 'accounting' | 'quality' | 'result'
  >
> & {
  /** Whose tables `writeProfile` has put into the folder. */
  readonly profile?: StoredProfile | undefined;
};
