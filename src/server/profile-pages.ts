// Packed profiles of runs, as their pages ask for them: the last ones are kept, and one that two pages want is read once.

import type { RunRecord } from '#core/run';
import { UserError } from '#core/user-error';
import { recordingOf } from '#lab/run-recording';
import { packProfile } from '#profile/pack';
import { readProfile } from '#recording/profile-tables';
import { readTable } from '#recording/read-recording';
import { whyNoProfile } from '#run/profile-run';
import type { LabView } from './lab-view.ts';
import type { RunPages } from './run-pages.ts';
import type { RunMarker } from './wire.ts';

/** What is kept for the next who asks: that of some million samples each. */
const MAX_KEPT = 4;
/** How a message that is a marker begins. */
const MARKER = '!';
/** More would not be told apart on a page. */
const MAX_MARKERS = 1_000;
const MAX_KEPT_BYTES = 128 * 1024 * 1024;

export interface PackedProfile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where second 0 of the run's charts lies on the profile's clock, nanoseconds. */
  readonly originNs: number;
}

export class ProfilePages {
  readonly #lab: LabView;
  readonly #runs: RunPages;
  /** By run, the one that was asked for last at the end. */
  readonly #kept = new Map<string, Promise<PackedProfile | null>>();
  readonly #bytes = new Map<string, number>();

  constructor(lab: LabView, runs: RunPages) {
    this.#lab = lab;
    this.#runs = runs;
  }

  /**
   * @returns null where the run has ended and has no profile
   * @throws UserError where its recording can't be read, or not yet
   */
  async packed(run: RunRecord): Promise<PackedProfile | null> {
    const { id } = run;
    const packed = this.#kept.get(id) ?? this.#read(run);
    this.#kept.delete(id);
    this.#kept.set(id, packed);
    try {
      const found = await packed;
      this.#bytes.set(id, found?.bytes.length ?? 0);
      this.#forgetOldest();
      return found;
    } catch (error) {
      this.#forget(id);
      throw error;
    }
  }

  async #read(run: RunRecord): Promise<PackedProfile | null> {
    if (run.outcome === null)
      throw new UserError({ what: 'this run is at work still', todo: 'its profile is there when it has ended' });
    if (run.recording === null) return null;
    const profile = await readProfile(await recordingOf(this.#lab, run));
    if (profile === null) return null;
    const { clock, startNs } = profile.header;
    // Times of an imported file are its own.
    const originNs = clock === 'monotonic' ? (await this.#runs.originUs(run.id)) * 1e3 : 0;
    return { bytes: packProfile(profile), originNs: originNs > 0 ? originNs : startNs };
  }

  /** Why a run has no profile; null where its recording does not tell. */
  async whyNone({ id }: RunRecord): Promise<string | null> {
    return whyNoProfile((await this.#runs.readableHeader(id))?.absent ?? []);
  }

  /** Markers among the messages of a run, by their times; none where nothing of it can be read. */
  async markers(run: RunRecord): Promise<RunMarker[]> {
    const header = await this.#runs.readableHeader(run.id);
    if (header === null || (header.rows.messages ?? 0) === 0) return [];
    const { time_us, source, text } = await readTable(await recordingOf(this.#lab, run), 'messages', {
      columns: ['time_us', 'source', 'text'],
    });
    const originUs = await this.#runs.originUs(run.id);
    const markers: RunMarker[] = [];
    for (const [row, said] of text.entries()) {
      if (said === null || !said.startsWith(MARKER)) continue;
      const timeS = (time_us[row]! - originUs) / 1e6;
      if (markers.length < MAX_MARKERS)
        markers.push({ timeS, source: source[row] ?? '', text: said.slice(MARKER.length).trim() });
    }
    return markers.toSorted((a, b) => a.timeS - b.timeS);
  }

  #forgetOldest(): void {
    for (const id of this.#kept.keys()) {
      const bytes = [...this.#bytes.values()].reduce((sum, one) => sum + one, 0);
      if (this.#kept.size <= 1 || (this.#kept.size <= MAX_KEPT && bytes <= MAX_KEPT_BYTES)) return;
      this.#forget(id);
    }
  }

  #forget(id: string): void {
    this.#kept.delete(id);
    this.#bytes.delete(id);
  }
}
