// What the server wants of a lab. An opened lab satisfies it; a test may hand in less.

import type { Catalogue } from '#core/catalogue';

export interface LabView {
  /** Absolute path of the lab's folder. */
  readonly path: string;
  readonly catalogue: Catalogue;
  /** What can be made again: discovered encoders. */
  readonly cacheFolder: string;
  readonly recordingsFolder: string;
  /** Absolute path of the folder of a run's recording. */
  recordingFolder(runId: string): string;
}
