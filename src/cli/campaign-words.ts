// A campaign in words: how far it has come, and when it will have ended, as sure as that is known.

import type { CampaignProgress } from '#pipeline/campaign/campaign-progress';
import type { CampaignForecast, Interval } from '#pipeline/campaign/forecast';
import { plainText } from './plain-text.ts';

/** Beyond this a date says nothing: 1,000 years. */
const FARTHEST_S = 1_000 * 365.25 * 86_400;
/** Below this the breaks are told apart from the work. */
const UNBROKEN = 0.9;
const FAILURES = 8;

/** Each unit is used until there are as many of it as the next one is good for. */
const UNITS = [
  { name: 's', seconds: 1, until: 100 },
  { name: 'min', seconds: 60, until: 100 },
  { name: 'h', seconds: 3_600, until: 48 },
  { name: 'days', seconds: 86_400, until: 60 },
  { name: 'months', seconds: (365.25 / 12) * 86_400, until: 24 },
  { name: 'years', seconds: 365.25 * 86_400, until: Infinity },
] as const;

export function campaignText(progress: CampaignProgress, nowMs: number): string {
  const { campaign, state, titles, sourceS, unknownLengths, failures } = progress;
  const all = titles.done + titles.failed + titles.cancelled + titles.underWay + titles.waiting;
  const more = failures.length - FAILURES;
  return [
    `${plainText(campaign.name)}  ${state}  ladder ${plainText(campaign.ladder.name)}${campaign.filter === '' ? '' : `  ${plainText(campaign.filter)}`}`,
    `  titles   ${titles.done} of ${all} done, ${titles.underWay} under way, ${titles.waiting} waiting, ${titles.failed} failed${titles.cancelled === 0 ? '' : `, ${titles.cancelled} cancelled`}`,
    `  sources  ${sourceText(sourceS.done)} done, ${sourceText(sourceS.left)} left${sourceS.failed > 0 ? `, ${sourceText(sourceS.failed)} failed` : ''}${unknownLengths > 0 ? ` (the length of ${unknownLengths} is not known: they count as the mean)` : ''}`,
    ...forecastLines(progress, nowMs).map((line, i) => `  ${i === 0 ? 'left     ' : '         '}${line}`),
    ...failures
      .slice(0, FAILURES)
      .map(({ title, name, reason }) => `  failed: ${plainText(name)} (${title}): ${firstLine(reason)}`),
    ...(more > 0 ? [`  and ${more} more failed`] : []),
  ].join('\n');
}

/** One line for a table. */
export function leftInWords({ state, forecast }: CampaignProgress): string {
  if (state === 'ended') return '';
  return forecast === null ? 'not known yet' : intervalInWords(forecast.calendarS);
}

function forecastLines({ state, forecast }: CampaignProgress, nowMs: number): string[] {
  if (state === 'ended') return ['nothing'];
  if (forecast === null) return ['not known yet: no title has finished'];
  const { workS, calendarS, shareAtWork } = forecast;
  const basis = `from ${forecast.titles === 1 ? 'the one finished title' : `the newest ${forecast.titles} finished titles`}; 8 of 10 such forecasts hold`;
  const percent = `${Math.max(1, Math.round(shareAtWork * 100))} %`;
  const isUnbroken = shareAtWork >= UNBROKEN;
  if (state === 'paused') return [`${intervalInWords(workS)} of work once it is resumed`, basis];
  return [
    `${intervalInWords(isUnbroken ? workS : calendarS)}: ${endInWords(forecast, nowMs)}`,
    ...(isUnbroken ? [] : [`worked on ${percent} of the time so far; without a break ${intervalInWords(workS)}`]),
    basis,
  ];
}

/** `until about 2027-03-14 (2027-02-20 to 2027-04-02)`. */
function endInWords({ calendarS, workS, shareAtWork }: CampaignForecast, nowMs: number): string {
  const { low, middle, high } = shareAtWork >= UNBROKEN ? workS : calendarS;
  if (high > FARTHEST_S) return 'its end is too far away for a date';
  const isNear = high < 2 * 86_400;
  const date = (seconds: number) => {
    const text = new Date(nowMs + seconds * 1000).toISOString();
    return isNear ? text.slice(0, 16).replace('T', ' ') : text.slice(0, 10);
  };
  return `until about ${date(middle)} (${date(low)} to ${date(high)}${isNear ? ', UTC' : ''})`;
}

/** `about 4 months (3 to 6 months)`: one unit for all three, that of the middle. */
export function intervalInWords({ low, middle, high }: Interval): string {
  const unit = UNITS.find(({ seconds, until }) => middle < until * seconds)!;
  const count = (value: number) => {
    const number = value / unit.seconds;
    return number < 9.95 && unit.seconds > 1 ? String(Number(number.toFixed(1))) : number.toFixed(0);
  };
  const name = count(middle) === '1' ? unit.name.replace(/s$/u, (end) => (unit.name === 's' ? end : '')) : unit.name;
  return `about ${count(middle)} ${name} (${count(low)} to ${count(high)} ${unit.name})`;
}

/** Source time: minutes, seconds where it is less than one, and hours where there are many. */
export function sourceText(seconds: number): string {
  if (seconds > 0 && seconds < 59.5) return `${seconds.toFixed(0)} source seconds`;
  const minutes = seconds / 60;
  if (minutes < 9.95) return `${Number(minutes.toFixed(1))} source minutes`;
  if (minutes < 600) return `${minutes.toFixed(0)} source minutes`;
  return `${(minutes / 60).toFixed(0)} source hours`;
}

function firstLine(reason: string | null): string {
  return plainText(reason ?? 'no reason is known').split('\n')[0]!;
}
