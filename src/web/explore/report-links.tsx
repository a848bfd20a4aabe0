// What is on the page as a report: one file that opens anywhere.

import { query } from '../shell/route.ts';

export function ReportLinks() {
  // The server reads the same address that the page does.
  const search = query.value.toString();
  return (
    <span class="explore-report" role="group" aria-label="Report of what is shown">
      <a class="button" href={`/api/v1/explore/report.html?${search}`} download="report.html">
        Report
      </a>
      <a
        class="button"
        href={`/api/v1/explore/report.md?${search}`}
        download="report.md"
        aria-label="Report as Markdown"
      >
        .md
      </a>
    </span>
  );
}
