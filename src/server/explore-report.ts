// A report of what the explorer shows, as one HTML file or as Markdown: for the page and for the command line.

import { Hono } from 'hono';
import { UserError } from '#core/user-error';
import { checkView } from '#explore/check-view';
import type { Dataset, MetricColumn } from '#explore/data/dataset';
import { withoutFolders } from '#explore/data/short-paths';
import { toldApart } from '#explore/data/told-apart';
import { makeReport, type Report } from '#explore/report/report';
import { reportHtml } from '#explore/report/report-html';
import { reportMarkdown } from '#explore/report/report-markdown';
import { runCsv } from '#explore/report/run-csv';
import { readViewText } from '#explore/view-text';
import type { View } from '#explore/view';
import { readDataset } from '#lab/read-dataset';
import { labFindings } from './explore-findings.ts';
import { ExploreFiles } from './explore-files.ts';
import type { LabView } from './lab-view.ts';
import { reportStats } from './report-stats.ts';

export const REPORT_FORMATS = ['html', 'markdown'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** Runs whose data a report carries: 30 MB of text. */
const MOST_DATA_RUNS = 50_000;

export interface ReportWanted {
  readonly format: ReportFormat;
  readonly view: View;
  /** Sentences of whoever asks: thresholds that were missed, a drift. */
  readonly remarks: readonly string[];
}

/**
 * The text of a report.
 * @throws UserError where the lab can't be read, or has no such run
 */
export async function labReport(lab: LabView, { format, view, remarks }: ReportWanted): Promise<string> {
  const { dataset, missing } = await readDataset(lab, view.benchmarks);
  if (dataset.count === 0)
    throw new UserError({
      what: 'there are no runs to report on',
      where: view.benchmarks.join(', ') || lab.path,
      todo: 'encodelab runs lists what is recorded.',
    });
  const { names: saved } = await new ExploreFiles(lab.path).names();
  const names = toldApart(saved, dataset.properties);
  const own = await reportStats(lab, dataset, view);
  const metrics = [...dataset.metrics, ...own.columns];
  const checked = checkView(view, dataset, metrics, missing);
  const { findings, notes } = await labFindings(lab, view.benchmarks);
  const report = makeReport({
    title: view.benchmarks.length === 0 ? 'All runs' : view.benchmarks.join(', '),
    madeAt: new Date().toISOString(),
    dataset,
    metrics,
    names,
    view: checked.view,
    findings,
    findingNotes: notes,
    remarks: [...remarks, ...own.remarks, ...checked.gone.map((sentence) => `${sentence}.`)],
  });
  return format === 'markdown' ? reportMarkdown(report) : htmlOf(report, dataset, metrics);
}

function htmlOf(report: Report, dataset: Dataset, metrics: readonly MetricColumn[]): string {
  const count = Math.min(dataset.count, MOST_DATA_RUNS);
  const rows = Array.from({ length: count }, (_, row) => row);
  return reportHtml(report, [...runCsv(withoutFolders(dataset), metrics, rows)].join(''));
}

/** `GET /explore/report.html|md?…` with the query of the explorer's page. */
export function exploreReportApi(lab: LabView) {
  const answer = async (url: string, format: ReportFormat) => {
    const { view, problems } = readViewText(new URL(url).search);
    return labReport(lab, { format, view, remarks: problems.map((sentence) => `${sentence}.`) });
  };
  return new Hono()
    .get('/explore/report.html', async (c) =>
      c.body(await answer(c.req.url, 'html'), 200, attachment('report.html', 'text/html; charset=utf-8')),
    )
    .get('/explore/report.md', async (c) =>
      c.body(await answer(c.req.url, 'markdown'), 200, attachment('report.md', 'text/markdown; charset=utf-8')),
    );
}

/** Saved, never shown: what is in it comes from files of others, and has no business in a page of ours. */
function attachment(name: string, type: string) {
  return { 'content-type': type, 'content-disposition': `attachment; filename="${name}"` };
}
