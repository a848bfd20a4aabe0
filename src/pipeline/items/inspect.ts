// The first item of a title: the source is decoded once from end to end, and planned.

import { rm } from 'node:fs/promises';
import type { NewItem } from '#core/queue';
import type { CheckedSource, SourceFinding } from '#core/source-check';
import type { ItemResult, PlannedItem, TitlePlan } from '#core/title';
import { UserError, type Problem } from '#core/user-error';
import type { ItemShape } from '#run/item-shape';
import { checkSource } from '#media/check-source';
import { fileIdentity } from '#media/inspect-cache';
import { writeCheckedSource } from '#media/source-check/checked-file';
import { encodersOf, planLadder } from '../plan-ladder.ts';
import { writePlan } from '../plan-file.ts';
import type { TitleFolder } from '../title-folder.ts';
import type { TitleRequest } from '../title-request.ts';

export interface InspectContext {
  readonly request: TitleRequest;
  readonly folder: TitleFolder;
  readonly cacheFolder: string;
  /** Told the stages; left out where nobody counts. */
  readonly shape?: ItemShape | undefined;
  /** Told of each probe of a search for rungs; left out where nobody listens. */
  readonly onNote?: ((text: string) => void) | undefined;
  readonly signal: AbortSignal;
}

/** @throws UserError where the source is not fit, with all that is wrong with it */
export async function inspectItem(context: InspectContext): Promise<{ result: ItemResult; add: NewItem[] }> {
  const { folder } = context;
  await folder.make();
  const pictures = await folder.workFolder();
  try {
    return await inspect(context, pictures);
  } finally {
    await rm(pictures, { recursive: true, force: true });
  }
}

/** @param pictures an empty folder for the thumbnails that the check makes in passing */
async function inspect(context: InspectContext, pictures: string): Promise<{ result: ItemResult; add: NewItem[] }> {
  const { request, folder } = context;
  const before = process.cpuUsage();
  let decodingS = 0;
  context.shape?.stage('check');
  // A decoder leaves room for it; what goes wrong is told when the plan is made.
  const encoders = encodersOf(request.ladder, context);
  encoders.catch(() => undefined);
  const checked = await checkSource(request.source, {
    signal: context.signal,
    pictures: { folder: pictures },
    onCpu: (seconds) => (decodingS += seconds),
  });
  // What was decoded has to be one state of the file.
  if ((await fileIdentity(request.source)) !== request.identity)
    throw new UserError({
      what: 'the source is another file than when the title was added',
      where: request.source,
      todo: 'Add the title again.',
    });
  refuseFaults(checked, request);
  context.shape?.stage('plan');
  const plan = await planLadder(checked, request, { ...context, encoders, workFolder: () => folder.workFolder() });
  await folder.keepPictures(pictures);
  await writeCheckedSource(folder.checkedFile, checked);
  await writePlan(folder.planFile, plan);
  const { user, system } = process.cpuUsage(before);
  return {
    result: {
      outputs: [],
      cpuS: decodingS + (user + system) / 1e6,
      checkCpuS: null,
      facts: {
        findings: checked.findings,
        scenes: checked.scenes.length,
        chunks: plan.chunks.length,
        notes: plan.notes,
        durationS: plan.source.duration,
        video: plan.renditions
          .filter((rendition) => rendition.kind === 'video')
          .map(({ codec, height }) => ({ codec, height })),
      },
    },
    add: itemsOf(plan),
  };
}

function refuseFaults({ findings, info }: CheckedSource, { accept }: TitleRequest): void {
  const stopping = findings.filter(({ level, fault }) => level === 'error' && !accept.includes(fault));
  if (stopping.length > 0) throw new UserError(stopping.map((finding) => problemOf(finding, info.path)));
}

function problemOf({ what, fault, todo }: SourceFinding, path: string): Problem {
  return { what, where: path, todo: `${todo} --accept ${fault} makes the title all the same.` };
}

/** Longest first, so that no long one is left over at the end; keys keep the order of equal ones. */
function itemsOf(plan: TitlePlan): NewItem[] {
  const cost = ({ kind, costS }: PlannedItem) => (kind === 'encode' ? (costS ?? 0) : 0);
  return plan.items
    .toSorted((a, b) => cost(b) - cost(a))
    .map(({ key, kind, needs, chunk, renditions, costS }) => ({
      key,
      kind,
      needs,
      payload: { chunk, renditions: [...renditions] },
      costS,
    }));
}
