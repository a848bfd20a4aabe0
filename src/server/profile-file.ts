// A run's profile as one HTML file: the built page, with the packed profile and what goes beside it in it.

import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { RunRecord } from '#core/run';
import { UserError } from '#core/user-error';
import { PAGE_VERSION, pageWithProfile } from '#profile/pack-page';
import type { LabView } from './lab-view.ts';
import { ProfilePages } from './profile-pages.ts';
import { RunPages } from './run-pages.ts';
import type { FrameColumns, RunMarker, RunPage } from './wire.ts';

const BUILT = new URL('../../dist/web/', import.meta.url);
const TEMPLATE = 'profile-file.html';
/** Frames that travel along; of more the extremes do. */
const FRAME_BUCKETS = 10_000;

/** Stands in the file beside the packed profile. */
export interface ProfilePageFacts {
  readonly version: typeof PAGE_VERSION;
  /** What it is a profile of. */
  readonly name: string;
  /** Where second 0 lies on the profile's clock. */
  readonly originNs: number;
  readonly phases: RunPage['phases'];
  readonly frames: FrameColumns | null;
  /** Absent in files of before there were any. */
  readonly markers?: readonly RunMarker[];
}

export interface ProfileFileParts {
  readonly lab: LabView;
  readonly runs?: RunPages | undefined;
  readonly pages?: ProfilePages | undefined;
  /** Folder of the built page; only tests say. */
  readonly webRoot?: URL | undefined;
}

/**
 * The file of a run's profile, to be written or sent.
 * @throws UserError where the run has no profile, its recording can't be read, or the page was not built
 */
export async function profileFile(parts: ProfileFileParts, run: RunRecord): Promise<string> {
  const { lab, webRoot = BUILT, runs = new RunPages(lab), pages = new ProfilePages(lab, runs) } = parts;
  const packed = await pages.packed(run);
  if (packed === null) {
    const why = await pages.whyNone(run);
    throw new UserError({ what: 'this run has no profile', where: run.id, ...(why === null ? {} : { todo: why }) });
  }
  const [template, page, frames, markers, zipped] = await Promise.all([
    readFile(new URL(TEMPLATE, webRoot), 'utf8').catch(() => null),
    runs.page(run.id),
    runs.frames(run.id, { from: undefined, to: undefined, buckets: FRAME_BUCKETS }),
    pages.markers(run),
    promisify(gzip)(packed.bytes),
  ]);
  if (template === null)
    throw new UserError({ what: 'the page that carries a profile was not built', todo: 'npm run build makes it' });
  const name = run.cell ?? run.id;
  const facts: ProfilePageFacts = {
    version: PAGE_VERSION,
    name,
    originNs: packed.originNs,
    phases: page?.phases ?? [],
    frames: frames !== null && frames.total > 0 ? frames : null,
    ...(markers.length === 0 ? {} : { markers }),
  };
  return pageWithProfile(template, zipped.toString('base64'), `${name} · profile`, facts);
}
