// encodelab titles list|show|pause|resume|cancel|retry|delete

import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { TitleRecord } from '#core/queue';
import { UserError } from '#core/user-error';
import { openTitles, type Titles } from '#pipeline/titles';
import { labOption } from './lab-option.ts';
import { plainText } from './plain-text.ts';
import { textTable } from './text-table.ts';
import { titleView } from './title-view.ts';
import { withLab } from './with-lab.ts';

interface TitlesOptions {
  readonly lab: string;
  readonly json?: true;
  readonly watch?: true;
  readonly yes?: true;
}

/** Titles that a list shows. */
const LISTED = 200;
const WATCH_MS = 500;

export function addTitlesCommands(program: Command): void {
  const titles = program.command('titles').description('the titles that were made or are being made of sources');
  titles
    .command('list', { isDefault: true })
    .description('every title with its state, newest first')
    .option('--json', 'print one JSON object a line for each title')
    .addOption(labOption())
    .action((options: TitlesOptions) => withTitles(options, (all) => list(all, options), true));
  titles
    .command('show')
    .argument('<title>', 'its id, or the beginning of it')
    .description('one title: its renditions, its items, what failed and why')
    .option('--watch', 'a live view until it has ended')
    .option('--json', 'print one JSON object')
    .addOption(labOption())
    .action((id: string, options: TitlesOptions) => withTitles(options, (all) => show(all, id, options), true));
  const change = (name: string, description: string, act: (all: Titles, title: TitleRecord) => Promise<string>) =>
    titles
      .command(name)
      .argument('<title...>', 'ids, or beginnings of them')
      .description(description)
      .addOption(labOption())
      .action((ids: string[], options: TitlesOptions) =>
        withTitles(options, async (all) => {
          for (const id of ids) console.log(await act(all, await all.find(id)));
        }),
      );
  change('pause', 'begin none of its items until it is resumed; what runs is finished', pause);
  change('resume', 'go on with a paused title', resume);
  change('retry', 'try what failed once more', retry);
  change('cancel', 'give it up: what runs is ended, what is done stays until it is deleted', cancel);
  titles
    .command('delete')
    .argument('<title...>', 'ids, or beginnings of them')
    .description('take titles away with all that was made for them; what was published stays')
    .option('--yes', 'also one that is still being made')
    .addOption(labOption())
    .action((ids: string[], options: TitlesOptions) =>
      withTitles(options, async (all) => {
        for (const id of ids) await remove(all, await all.find(id), options);
      }),
    );
  titles.addHelpText(
    'after',
    '\nExamples:\n  encodelab titles\n  encodelab titles show 019c --watch\n  encodelab titles cancel 019c\n\nencodelab encode does the work.',
  );
}

function withTitles(
  { lab: path }: TitlesOptions,
  use: (titles: Titles) => Promise<void>,
  readonly = false,
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
    readonly ? { readonly: true } : { existing: true },
  );
}

async function list(titles: Titles, options: TitlesOptions): Promise<void> {
  const found = await titles.queue.titles({ limit: LISTED });
  if (options.json === true) {
    for (const title of found) console.log(JSON.stringify(title));
    return;
  }
  if (found.length === 0) {
    console.log('no title yet: encodelab encode SOURCE makes one');
    return;
  }
  const columns = [
    { title: 'title' },
    { title: 'name' },
    { title: 'state' },
    { title: 'items', align: 'right' as const },
    { title: 'added' },
    { title: 'why' },
  ];
  const rows = found.map((title) => [
    title.id,
    plainText(title.name),
    title.state,
    `${title.items.done}/${itemCount(title)}`,
    title.createdAt.slice(0, 16).replace('T', ' '),
    plainText(title.reason ?? '').split('\n')[0]!,
  ]);
  console.log(textTable(columns, rows));
}

async function show(titles: Titles, id: string, options: TitlesOptions): Promise<void> {
  let title = await titles.find(id);
  if (options.json === true) {
    const summary = await titles.summary(title.id);
    console.log(JSON.stringify({ ...title, summary, plan: await titles.plan(title.id) }));
    return;
  }
  let lines = 0;
  for (;;) {
    const view = await titleView(titles, title);
    if (lines > 0) process.stdout.write(`\u001B[${lines}A\u001B[J`);
    console.log(view);
    lines = process.stdout.isTTY ? view.split('\n').length : 0;
    if (options.watch !== true || title.state !== 'running') return;
    await sleep(WATCH_MS);
    title = await titles.find(title.id);
  }
}

async function pause(titles: Titles, { id, state }: TitleRecord): Promise<string> {
  if (state !== 'running') throw notNow(id, state, 'only a title that is being made can be paused');
  await titles.queue.changeTitle(id, { state: 'paused' });
  return `${id} is paused`;
}

async function resume(titles: Titles, { id, state }: TitleRecord): Promise<string> {
  if (state !== 'paused') throw notNow(id, state, 'only a paused title can be resumed');
  await titles.queue.changeTitle(id, { state: 'running' });
  return `${id} goes on`;
}

async function retry(titles: Titles, { id, state }: TitleRecord): Promise<string> {
  if (state !== 'failed') throw notNow(id, state, 'only what failed can be tried again');
  const count = await titles.queue.retryFailed(id);
  return `${id}: ${count} failed items will be tried again`;
}

async function cancel(titles: Titles, { id, state }: TitleRecord): Promise<string> {
  if (state === 'done') throw notNow(id, state, 'encodelab titles delete takes it away');
  await titles.queue.changeTitle(id, { state: 'cancelled', reason: 'cancelled by its user' });
  return `${id} is cancelled`;
}

async function remove(titles: Titles, { id, state }: TitleRecord, options: TitlesOptions): Promise<void> {
  if (state === 'running' && options.yes !== true)
    throw notNow(id, state, 'it is still being made: cancel it first, or say --yes');
  await titles.delete(id);
  console.log(`${id} is deleted`);
}

function notNow(id: string, state: string, todo: string): UserError {
  return new UserError({ what: `title ${id} is ${state}`, todo });
}

function itemCount({ items }: TitleRecord): number {
  return Object.values(items).reduce((sum, count) => sum + count, 0);
}
