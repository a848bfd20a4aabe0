// What a campaign is after, on the disk: its ladder, its filter, when it was started. What became of its titles is in the queue.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nearestName } from '#core/nearest-name';
import type { Ladder, Protection } from '#core/title';
import { UserError } from '#core/user-error';
import type { Lab } from '#lab/lab';
import { writeFileAtomic } from '#system/atomic-file';
import { makeFolder } from '#system/make-folder';

export interface CampaignRecord {
  readonly version: 1;
  readonly name: string;
  readonly ladder: Ladder;
  /** As `filterText` writes it. */
  readonly filter: string;
  /** Encryption, whatever the ladder says; null where it does. */
  readonly protection: Protection | null;
  /** UTC, ISO 8601. */
  readonly deadline: string | null;
  readonly startedAt: string;
}

const FOLDER = 'campaigns';
const ENDING = '.json';
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,59}$/u;

/** @throws UserError where that can't be the name of a campaign */
export function checkCampaignName(name: string): void {
  if (NAME.test(name)) return;
  throw new UserError({
    what: `"${name}" can't be the name of a campaign`,
    todo: 'Letters, digits, points, hyphens and underscores, 60 at most, a letter or a digit first.',
  });
}

export async function writeCampaign(lab: Lab, campaign: CampaignRecord): Promise<void> {
  await makeFolder(join(lab.path, FOLDER));
  await writeFileAtomic(fileOf(lab, campaign.name), `${JSON.stringify(campaign, null, 1)}\n`);
}

/** Null where there is none. @throws UserError where it is damaged, or of a newer encodelab */
export async function readCampaign(lab: Lab, name: string): Promise<CampaignRecord | null> {
  checkCampaignName(name);
  const file = fileOf(lab, name);
  const text = await readFile(file, 'utf8').catch(nullIfMissing);
  if (text === null) return null;
  let campaign: CampaignRecord;
  try {
    campaign = JSON.parse(text) as CampaignRecord;
  } catch (cause) {
    throw new UserError({ what: 'the file is damaged', where: file, todo: 'Start the campaign anew.' }, { cause });
  }
  if (campaign.version === 1) return campaign;
  throw new UserError({ what: 'the campaign is one of a newer encodelab', where: file, todo: 'Update encodelab.' });
}

/** @throws UserError where there is none of this name */
export async function findCampaign(lab: Lab, name: string): Promise<CampaignRecord> {
  const campaign = await readCampaign(lab, name);
  if (campaign !== null) return campaign;
  const names = await campaignNames(lab);
  const near = nearestName(name, names);
  throw new UserError({
    what: `there is no campaign ${name} in this lab`,
    todo:
      near !== null
        ? `Did you mean ${near}?`
        : names.length === 0
          ? 'encodelab campaign start makes one'
          : 'encodelab campaign list shows them',
  });
}

/** In the order of the alphabet. */
export async function campaignNames(lab: Lab): Promise<string[]> {
  const files = (await readdir(join(lab.path, FOLDER)).catch(nullIfMissing)) ?? [];
  return files
    .filter((file) => file.endsWith(ENDING))
    .map((file) => file.slice(0, -ENDING.length))
    .filter((name) => NAME.test(name))
    .toSorted();
}

function fileOf(lab: Lab, name: string): string {
  return join(lab.path, FOLDER, `${name}${ENDING}`);
}

function nullIfMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
