// How far a campaign has come, and when it will have ended.

import type { Attempt, TitleRecord } from '#core/queue';
import { readRequest } from '../title-request.ts';
import type { Titles } from '../titles.ts';
import type { CampaignRecord } from './campaign-file.ts';
import { everyTitle, sourceFacts } from './catalogue.ts';
import type { CampaignState } from './change-campaign.ts';
import { forecastCampaign, type CampaignForecast, type FinishedTitle } from './forecast.ts';

export interface CampaignProgress {
  readonly campaign: CampaignRecord;
  readonly state: CampaignState;
  readonly titles: {
    readonly done: number;
    readonly failed: number;
    readonly cancelled: number;
    /** Begun, and not ended. */
    readonly underWay: number;
    readonly waiting: number;
  };
  /** Seconds of source; what is under way counts by its items. */
  readonly sourceS: { readonly done: number; readonly failed: number; readonly left: number };
  /** Titles that are left whose length nobody has told yet: they count as the mean of the others. */
  readonly unknownLengths: number;
  /** Null while nothing has finished. */
  readonly forecast: CampaignForecast | null;
  /** Failed titles, some of the newest. */
  readonly failures: readonly { readonly title: string; readonly name: string; readonly reason: string | null }[];
}

/** Finished titles that a forecast rests on: the newest, so that it follows what changes (workers, contents). */
const SAMPLE = 100;
const FAILURES = 20;
const MAX_ATTEMPTS = 10_000;

export async function campaignProgress(titles: Titles, campaign: CampaignRecord): Promise<CampaignProgress> {
  const counts = { done: 0, failed: 0, cancelled: 0, underWay: 0, waiting: 0 };
  const sourceS = { done: 0, failed: 0 };
  const failures: CampaignProgress['failures'][number][] = [];
  const done: Known[] = [];
  const left: { readonly lengthS: number | null; readonly share: number }[] = [];
  let isAnyOpen = false;
  for await (const title of everyTitle(titles, campaign.name)) {
    const lengthS = await lengthOf(titles, title);
    switch (title.state) {
      case 'done':
        counts.done++;
        sourceS.done += lengthS ?? 0;
        if (lengthS !== null) done.push({ title, lengthS });
        break;
      case 'failed':
        counts.failed++;
        sourceS.failed += lengthS ?? 0;
        if (failures.length < FAILURES) failures.push({ title: title.id, name: title.name, reason: title.reason });
        break;
      case 'cancelled':
        counts.cancelled++;
        break;
      case 'running':
      case 'paused': {
        isAnyOpen ||= title.state === 'running';
        const share = shareDone(title);
        const hasBegun = share > 0 || title.items.running > 0;
        counts[hasBegun ? 'underWay' : 'waiting']++;
        left.push({ lengthS, share });
        sourceS.done += (lengthS ?? 0) * share;
      }
    }
  }
  const known = [...done.map(({ lengthS }) => lengthS), ...left.flatMap(({ lengthS }) => lengthS ?? [])];
  const mean = known.reduce((sum, length) => sum + length, 0) / Math.max(1, known.length);
  const lengthsLeft = left.map(({ lengthS, share }) => (lengthS ?? mean) * (1 - share));
  return {
    campaign,
    state: isAnyOpen ? 'running' : left.length > 0 ? 'paused' : 'ended',
    titles: counts,
    sourceS: { ...sourceS, left: lengthsLeft.reduce((sum, length) => sum + length, 0) },
    unknownLengths: left.filter(({ lengthS }) => lengthS === null).length,
    forecast: forecastCampaign(await sample(titles, done), lengthsLeft),
    failures,
  };
}

interface Known {
  readonly title: TitleRecord;
  readonly lengthS: number;
}

async function lengthOf(titles: Titles, title: TitleRecord): Promise<number | null> {
  return readRequest(title.request).durationS ?? (await sourceFacts(titles, title.id)).durationS;
}

/** Before the first item has brought the others nothing is done; then each of them counts the same. */
function shareDone({ items }: TitleRecord): number {
  const all = Object.values(items).reduce((sum, count) => sum + count, 0);
  return all <= 1 ? 0 : items.done / all;
}

async function sample({ queue }: Titles, done: readonly Known[]): Promise<FinishedTitle[]> {
  const newest = done.toSorted((a, b) => (b.title.endedAt ?? '').localeCompare(a.title.endedAt ?? '')).slice(0, SAMPLE);
  const finished: FinishedTitle[] = [];
  for (const { title, lengthS } of newest)
    finished.push({ sourceS: lengthS, spans: (await queue.attempts(title.id, MAX_ATTEMPTS)).flatMap(spanOf) });
  return finished;
}

/** Also what failed or was lost: it took its time, and will again. */
function spanOf({ beganAt, endedAt }: Attempt): (readonly [number, number])[] {
  return endedAt === null ? [] : [[beganAt, endedAt]];
}
