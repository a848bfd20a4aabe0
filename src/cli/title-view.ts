// A title as text: what it is made of, how far it has come, what failed and why.

import { formatQuantity } from '#core/format-quantity';
import type { ItemRecord, TitleRecord } from '#core/queue';
import { ITEM_KINDS, type TitleSummary } from '#core/title';
import type { Titles } from '#pipeline/titles';
import { plainText } from './plain-text.ts';
import { textTable } from './text-table.ts';

/** Items at work, and failed ones, that are named. */
const NAMED = 8;
const BAR = 40;
const MAX_ITEMS = 100_000;

export async function titleView(titles: Titles, title: TitleRecord): Promise<string> {
  const items = await titles.queue.items(title.id, { limit: MAX_ITEMS });
  const running = items.filter(({ state }) => state === 'running');
  const failed = items.filter(({ state }) => state === 'failed');
  const { renditions, manifests } = await titles.summary(title.id);
  return [
    `${plainText(title.name)}  ${title.id}  ${title.state}${title.reason === null ? '' : `: ${plainText(title.reason)}`}`,
    '',
    ...stages(items),
    ...running.slice(0, NAMED).map(({ key, worker }) => `  at work: ${key}  (${worker ?? '?'})`),
    ...failed.slice(0, NAMED).map(({ key, error }) => `  failed: ${key}: ${plainText(error ?? 'no reason is known')}`),
    ...(renditions.length === 0 ? [] : ['', renditionTable(renditions)]),
    ...(manifests === null ? [] : ['', `HLS   ${manifests.hls}`, `DASH  ${manifests.dash}`]),
  ].join('\n');
}

export function renditionTable(made: TitleSummary['renditions']): string {
  const right = (title: string) => ({ title, align: 'right' as const });
  return textTable(
    [{ title: 'codec' }, right('size'), right('frames'), right('bitrate'), right('bytes')],
    made.map(({ codec, width, height, frames, bitrate, bytes }) => [
      codec,
      width === null ? '' : `${width}x${height}`,
      frames === null ? '' : String(frames),
      formatQuantity(bitrate, 'bit/s'),
      formatQuantity(bytes, 'byte'),
    ]),
  );
}

/** A line for each kind of item: a letter an item where they fit, else a bar. */
function stages(items: readonly ItemRecord[]): string[] {
  const byKind = Map.groupBy(items, ({ kind }) => kind);
  return ITEM_KINDS.flatMap((kind) => {
    const ofKind = byKind.get(kind);
    if (ofKind === undefined) return [];
    const done = ofKind.filter(({ state }) => state === 'done').length;
    return [`  ${kind.padEnd(11)}${`${done}/${ofKind.length}`.padStart(9)}  ${bar(ofKind)}`];
  });
}

const MARKS = { waiting: '·', ready: '·', running: '▶', done: '█', failed: '✗', cancelled: '–' } as const;

function bar(items: readonly ItemRecord[]): string {
  if (items.length <= BAR) return items.map(({ state }) => MARKS[state]).join('');
  const share = (state: ItemRecord['state']) =>
    Math.round((items.filter((item) => item.state === state).length / items.length) * BAR);
  return [
    MARKS.done.repeat(share('done')),
    MARKS.running.repeat(share('running')),
    MARKS.failed.repeat(share('failed')),
  ]
    .join('')
    .padEnd(BAR, MARKS.waiting);
}
