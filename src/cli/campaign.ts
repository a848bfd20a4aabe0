// encodelab campaign start|list|show|run|pause|resume|retry|cancel

import { Option, type Command } from 'commander';
import { PROTECTIONS, type Protection } from '#core/title';
import { campaignNames, findCampaign } from '#pipeline/campaign/campaign-file';
import { campaignProgress } from '#pipeline/campaign/campaign-progress';
import { cancelCampaign, pauseCampaign, resumeCampaign, retryCampaign } from '#pipeline/campaign/change-campaign';
import { startCampaign, type StartedCampaign } from '#pipeline/campaign/start-campaign';
import { checkLadder } from '#pipeline/check-ladder';
import { readLadder } from '#pipeline/ladder';
import { openTitles, type Titles } from '#pipeline/titles';
import { workOnCampaign } from './campaign-run.ts';
import { campaignText, leftInWords, sourceText } from './campaign-words.ts';
import { parseDeadline } from './encode.ts';
import { labOption } from './lab-option.ts';
import { plainText } from './plain-text.ts';
import type { SetExitCode } from './program.ts';
import { textTable } from './text-table.ts';
import { withLab } from './with-lab.ts';
import { addWorkerOptions, type WorkerOptions } from './worker-option.ts';

interface CampaignOptions extends WorkerOptions {
  readonly lab: string;
  readonly ladder?: string;
  readonly filter?: readonly string[];
  readonly protect?: Protection;
  readonly deadline?: string;
  readonly dryRun?: true;
  readonly json?: true;
}

/** Titles and sources that are named. */
const NAMED = 20;

export function addCampaignCommands(program: Command, setExitCode: SetExitCode): void {
  const campaigns = program.command('campaign').description('encode a catalogue again, at low priority');
  campaigns
    .command('start')
    .argument('<name>', 'of the campaign; the same name again adds what came since')
    .description('add a title for every source that is not current: not of this ladder, or changed since')
    .option('--ladder <file|name>', 'what everything is to have (docs/ladders.md)')
    .option('--filter <terms...>', 'only some titles: codec=h264 height>=720 (docs/campaigns.md)')
    .addOption(new Option('--protect <scheme>', 'encryption, whatever the ladder says').choices(PROTECTIONS))
    .option('--deadline <time>', 'of equal priority the earlier goes first: 2027-12-24T18:00Z', parseDeadline)
    .option('--dry-run', 'tell what would be done, and do nothing')
    .option('--json', 'print one JSON object')
    .addOption(labOption())
    .action((name: string, options: CampaignOptions) => start(name, options));
  campaigns
    .command('list', { isDefault: true })
    .description('every campaign: how far it has come, and what is left')
    .option('--json', 'print one JSON object a line for each campaign')
    .addOption(labOption())
    .action((options: CampaignOptions) => withTitles(options, (titles) => list(titles, options), { readonly: true }));
  campaigns
    .command('show')
    .argument('<name>')
    .description('one campaign: its titles, its source time, its forecast, what failed and why')
    .option('--json', 'print one JSON object')
    .addOption(labOption())
    .action((name: string, options: CampaignOptions) =>
      withTitles(options, (titles) => show(titles, name, options), { readonly: true }),
    );
  addWorkerOptions(
    campaigns
      .command('run')
      .argument('<name>')
      .description('work until nothing of it is left; titles of a higher priority go first'),
  )
    .option('--json', 'print one JSON object a line for each event, and the progress at the end')
    .addOption(labOption())
    .action((name: string, options: CampaignOptions) =>
      withTitles(options, async (titles) => setExitCode(await workOnCampaign(titles, name, options))),
    );
  const change = (
    name: string,
    description: string,
    act: (titles: Titles, campaign: string) => Promise<number>,
    done: string,
  ) =>
    campaigns
      .command(name)
      .argument('<name>')
      .description(description)
      .addOption(labOption())
      .action((campaign: string, options: CampaignOptions) =>
        withTitles(options, async (titles) => {
          await findCampaign(titles.lab, campaign);
          console.log(`${campaign}: ${titleCount(await act(titles, campaign))} ${done}`);
        }),
      );
  change('pause', 'begin none of its items until it is resumed; what runs is finished', pauseCampaign, 'paused');
  change('resume', 'go on with a paused campaign', resumeCampaign, 'resumed');
  change('retry', 'try its failed titles once more', retryCampaign, 'tried again');
  change('cancel', 'give up what is not done; what was published stays as it is', cancelCampaign, 'cancelled');
  campaigns.addHelpText(
    'after',
    "\nExamples:\n  encodelab campaign start av1 --ladder av1.yaml --filter 'codec=h264 height>=720' --dry-run\n  encodelab campaign start av1 --ladder av1.yaml --filter 'codec=h264 height>=720'\n  encodelab campaign run av1\n  encodelab campaign show av1\n\nA title that is done takes the place of the one before it; one that fails leaves it.",
  );
}

function withTitles(
  { lab: path }: CampaignOptions,
  use: (titles: Titles) => Promise<void>,
  { readonly = false } = {},
): Promise<void> {
  return withLab(
    path,
    async (lab) => {
      const titles = await openTitles(lab, { readonly });
      try {
        await use(titles);
      } finally {
        await titles.close();
      }
    },
    readonly ? { readonly } : { existing: true },
  );
}

async function start(name: string, options: CampaignOptions): Promise<void> {
  const ladder = options.ladder === undefined ? undefined : await readLadder(options.ladder);
  const { filter, protect: protection, deadline } = options;
  const dryRun = options.dryRun === true;
  await withTitles(
    options,
    async (titles) => {
      if (ladder !== undefined) await checkLadder(ladder, titles.lab.cacheFolder);
      const started = await startCampaign(titles, { name, ladder, filter, protection, deadline, dryRun });
      console.log(options.json === true ? startedJson(started, dryRun) : startedText(started, dryRun));
    },
    { readonly: dryRun },
  );
}

function startedJson({ campaign, draft, isPaused }: StartedCampaign, dryRun: boolean): string {
  const { wishes, ...counts } = draft;
  const titles = wishes.map(({ name, request }) => ({
    name,
    source: request.source,
    durationS: request.durationS ?? null,
  }));
  return JSON.stringify({ campaign, dryRun, isPaused, added: titles.length, ...counts, titles });
}

function startedText({ campaign, draft, isPaused }: StartedCampaign, dryRun: boolean): string {
  const { wishes, skipped, gone, sources, keptProtection } = draft;
  const seconds = wishes.reduce((sum, { request }) => sum + (request.durationS ?? 0), 0);
  const unknown = wishes.filter(({ request }) => request.durationS === undefined).length;
  const named = (paths: readonly string[]) => [
    ...paths.slice(0, NAMED).map((path) => `  ${plainText(path)}`),
    ...(paths.length > NAMED ? [`  and ${paths.length - NAMED} more`] : []),
  ];
  return [
    `${campaign.name}: ${titleCount(wishes.length)} ${dryRun ? 'would be added' : 'added'}, ${sourceText(seconds)}${unknown > 0 ? ` and ${unknown} of unknown length` : ''}; ${sources} sources in the lab`,
    `${skipped.current} are current, ${skipped.underWay} are under way already, ${skipped.failed} failed in it before`,
    ...(keptProtection > 0
      ? [`${keptProtection} stay encrypted as they are, though the ladder is not (--protect)`]
      : []),
    ...(dryRun ? named(wishes.map(({ request }) => request.source)) : []),
    ...(gone.length > 0 ? [`${gone.length} sources are gone and were left out:`, ...named(gone)] : []),
    ...(isPaused ? [`it is paused: encodelab campaign resume ${campaign.name}`] : []),
    ...(dryRun || wishes.length === 0 || isPaused ? [] : [`encodelab campaign run ${campaign.name} works on it`]),
  ].join('\n');
}

async function list(titles: Titles, options: CampaignOptions): Promise<void> {
  const rows: string[][] = [];
  for (const name of await campaignNames(titles.lab)) {
    const progress = await campaignProgress(titles, await findCampaign(titles.lab, name));
    if (options.json === true) console.log(JSON.stringify(progress));
    const { done, failed, underWay, waiting } = progress.titles;
    rows.push([name, progress.state, ...[done, underWay + waiting, failed].map(String), leftInWords(progress)]);
  }
  if (options.json === true) return;
  if (rows.length === 0) console.log('no campaign yet: encodelab campaign start NAME --ladder FILE makes one');
  else {
    const right = (title: string) => ({ title, align: 'right' as const });
    const columns = [{ title: 'campaign' }, { title: 'state' }, right('done'), right('left'), right('failed')];
    console.log(textTable([...columns, { title: 'time left' }], rows));
  }
}

async function show(titles: Titles, name: string, options: CampaignOptions): Promise<void> {
  const progress = await campaignProgress(titles, await findCampaign(titles.lab, name));
  console.log(options.json === true ? JSON.stringify(progress) : campaignText(progress, Date.now()));
}

function titleCount(count: number): string {
  return count === 1 ? '1 title' : `${count} titles`;
}
