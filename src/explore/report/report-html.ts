// A report as one HTML file: its plots as SVG, its data inside; it opens from a disk, without a server, in light, dark and on paper.

import { nothingStandsOut } from '../findings/nothing-stands-out.ts';
import { paletteStyle, variablePalette } from '../scene/palette.ts';
import { sceneSvg } from '../scene/scene-svg.ts';
import { escaped } from '../scene/svg-escape.ts';
import type { TableColumn } from '../plots/plot.ts';
import { cellText, evidenceText, NO_RUN } from './report-markdown.ts';
import { paperClass } from './paper-room.ts';
import type { Report, ReportPlot } from './report.ts';

/** Rows of the table behind a plot; the data has all. */
const MOST_TABLE_ROWS = 300;

/** @param csv of all runs that the report is about: what its button saves */
export function reportHtml(report: Report, csv: string): string {
  return [...parts(report, csv)].join('');
}

function* parts(report: Report, csv: string): Generator<string> {
  const { title, madeAt } = report;
  yield `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">`;
  // Nothing is fetched, whatever the names in it may say.
  yield `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">`;
  yield `<title>${escaped(title)}</title><style>${paletteStyle()}${STYLE}</style></head><body><main>`;
  yield `<header><h1>${escaped(title)}</h1><p class="muted">report made ${madeAt.slice(0, 16).replace('T', ' ')} UTC <button type="button" id="save">Save the data (CSV)</button></p></header>`;
  yield `<dl>${report.facts.map(([word, value]) => `<dt>${escaped(word)}</dt><dd>${escaped(value)}</dd>`).join('')}</dl>`;
  for (const remark of report.remarks) yield `<p class="remark">${escaped(remark)}</p>`;
  yield* findingParts(report);
  if (report.plots.length > 0) yield '<h2>Plots</h2>';
  for (const plot of report.plots) yield plotPart(plot);
  yield `<h2>Cells</h2>${report.cells.length === 0 ? `<p>${NO_RUN}</p>` : tablePart(report.cells, 'Cells')}`;
  if (report.cellsLeftOut > 0) yield `<p class="muted">${report.cellsLeftOut} more cells are in the data.</p>`;
  yield* invalidParts(report);
  yield `</main><script type="text/csv" id="data">${csv.replaceAll('</', '<\\/')}</script><script>${SAVE}</script></body></html>`;
}

function* findingParts({ findings, findingNotes }: Report): Generator<string> {
  yield '<h2>Findings</h2>';
  if (nothingStandsOut({ findings, notes: findingNotes })) yield '<p>Nothing stands out.</p>';
  yield '<ol class="findings">';
  for (const { title, advice, evidence } of findings) {
    yield `<li><b>${escaped(title)}</b><br>${escaped(advice)}<ul>`;
    for (const one of evidence) yield `<li>${escaped(one.label)}: ${escaped(evidenceText(one))}</li>`;
    yield '</ul></li>';
  }
  yield '</ol>';
  for (const note of findingNotes) yield `<p class="muted">${escaped(note)}</p>`;
}

function plotPart({ title, plot }: ReportPlot): string {
  const { scene, table, notes } = plot;
  const words = notes.length === 0 ? '' : `<figcaption>${escaped(notes.join(' · '))}</figcaption>`;
  const picture = wide(sceneSvg(scene, variablePalette, { title }), `Plot of ${title}`);
  return `<figure>${picture}${words}<details><summary>Table</summary>${tablePart(table, `Table of ${title}`)}</details></figure>`;
}

function* invalidParts({ invalid, invalidLeftOut }: Report): Generator<string> {
  if (invalid.length === 0) return;
  yield '<h2>Runs that do not count</h2>';
  const columns = [
    { title: 'run', unit: null, values: invalid.map(({ id }) => id) },
    { title: 'settings', unit: null, values: invalid.map(({ cell }) => cell) },
    { title: 'what', unit: null, values: invalid.map(({ what }) => what) },
    { title: 'why', unit: null, values: invalid.map(({ why }) => why) },
  ];
  yield tablePart(columns, 'Runs that do not count');
  if (invalidLeftOut > 0) yield `<p class="muted">and ${invalidLeftOut} more</p>`;
}

function tablePart(columns: readonly TableColumn[], name: string): string {
  const count = columns[0]?.values.length ?? 0;
  const shown = Math.min(count, MOST_TABLE_ROWS);
  const cellsOf = (row: number) =>
    columns
      .map((column) => `<td${column.unit === null ? '' : ' class="number"'}>${escaped(cellText(column, row))}</td>`)
      .join('');
  const head = columns.map(
    ({ title, unit }) => `<th scope="col"${unit === null ? '' : ' class="number"'}>${escaped(title)}</th>`,
  );
  const rows = Array.from({ length: shown }, (_, row) => `<tr>${cellsOf(row)}</tr>`);
  const more = count > shown ? `<p class="muted">${count - shown} more rows are in the data.</p>` : '';
  const table = `<table><thead><tr>${head.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
  return `${wide(table, name, paperClass(columns))}${more}`;
}

/** What may be wider than the screen: it scrolls there, by keyboard as well. On paper nothing does. */
function wide(content: string, name: string, paper = ''): string {
  return `<div class="wide ${paper}" tabindex="0" role="region" aria-label="${escaped(name)}">${content}</div>`;
}

const STYLE = `
body{margin:0;background:var(--surface);color:var(--text);font:15px/1.5 system-ui,sans-serif}
main{max-width:930px;margin:0 auto;padding:24px 16px 64px}
h1{margin:0;font-size:26px}h2{margin:36px 0 8px;font-size:19px}
.muted,figcaption{color:var(--muted);font-size:13px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:16px 0}dt{color:var(--muted)}dd{margin:0;overflow-wrap:anywhere}
.remark{border-left:4px solid var(--bad);padding:4px 12px}
figure{margin:16px 0 28px}.wide{overflow-x:auto}
table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums}
th,td{padding:3px 10px;border-bottom:1px solid var(--line);text-align:left;white-space:nowrap}.number{text-align:right}
summary{cursor:pointer;color:var(--accent);font-size:13px}
button{font:inherit;color:var(--accent);background:none;border:1px solid var(--line);border-radius:6px;padding:2px 10px;cursor:pointer}
.findings li{margin-bottom:8px}.findings ul{color:var(--muted);font-size:13px}
@page sideways{size:landscape}
@media print{
#save,summary{display:none}figure,tr{break-inside:avoid}main{max-width:none;padding:0}h1,p,li{overflow-wrap:anywhere}
.wide{overflow:visible}.wide>svg{max-width:100%;max-height:90vh;width:auto;height:auto}
table{width:100%;font-size:11px}th,td{padding:2px 4px;white-space:normal}
.sideways,.crowded{page:sideways}.sideways table{font-size:10px}.crowded table{font-size:8px}.crowded :is(th,td){overflow-wrap:anywhere}
}
`;

const SAVE = `document.getElementById('save').addEventListener('click',()=>{const text=document.getElementById('data').textContent.replaceAll('<\\\\/','</');const link=document.createElement('a');link.href=URL.createObjectURL(new Blob([text],{type:'text/csv'}));link.download='runs.csv';link.click();});`;
