// The report of a benchmark as files: HTML with plots, Markdown without.

import { resolve } from 'node:path';
import { UserError } from '#core/user-error';
import { EMPTY_VIEW } from '#explore/view';
import type { Lab } from '#lab/lab';
import { labReport, type ReportFormat } from '#server/explore-report';
import { writeFileAtomic } from '#system/atomic-file';

export interface ReportFileOptions {
  /** Path of the file, `-` for standard output; true for the benchmark's name in this folder. */
  readonly html?: string | true;
  readonly markdown?: string | true;
}

const ENDINGS: Readonly<Record<ReportFormat, string>> = { html: 'html', markdown: 'md' };

/** @throws UserError where there is nothing to report on, or a file can't be written */
export async function writeReports(
  lab: Lab,
  benchmark: string,
  options: ReportFileOptions,
  remarks: readonly string[],
): Promise<void> {
  for (const format of ['html', 'markdown'] as const) {
    const { [format]: wanted } = options;
    if (wanted === undefined) continue;
    const text = await labReport(lab, { format, view: { ...EMPTY_VIEW, benchmarks: [benchmark] }, remarks });
    if (wanted === '-') {
      process.stdout.write(text);
      continue;
    }
    const path = wanted === true ? `${benchmark.replaceAll(/[^\p{L}\p{N} ._-]/gu, '_')}.${ENDINGS[format]}` : wanted;
    try {
      await writeFileAtomic(resolve(path), text);
    } catch (cause) {
      throw new UserError(
        { what: `the report can't be written: ${(cause as Error).message}`, where: path, todo: 'Take another place.' },
        { cause },
      );
    }
    console.error(`${path} written`);
  }
}
