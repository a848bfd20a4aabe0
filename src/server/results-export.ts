// The results of a benchmark as text: one row a run, settings and metrics as columns.

import type { RunRecord } from '#core/run';
import { formatSettingValue } from '#core/settings';

/** CSV with a head; metrics carry their unit in it, `(1)` too: it tells them from settings. Absent is an empty field. */
export function* resultsCsv(runs: readonly RunRecord[]): Generator<string> {
  const settings = [...new Set(runs.flatMap((run) => Object.keys(run.settings)))];
  const units = new Map(runs.flatMap((run) => Object.entries(run.metrics).map(([name, { unit }]) => [name, unit])));
  const metrics = [...units].map(([name, unit]) => `${name} (${unit})`);
  yield line(['run', 'cell', 'repeat', 'outcome', 'started', 'duration (s)', ...settings, ...metrics]);
  for (const run of runs) {
    yield line([
      run.id,
      run.cell,
      run.repeat,
      run.outcome,
      run.startedAt,
      run.durationS,
      ...settings.map((name) => (run.settings[name] === undefined ? null : formatSettingValue(run.settings[name]))),
      ...[...units.keys()].map((name) => run.metrics[name]?.value ?? null),
    ]);
  }
}

/** An array with an object for each run, in the shape that `bench run --json` prints. */
export function* resultsJson(runs: readonly RunRecord[]): Generator<string> {
  yield '[';
  for (const [
    position,
    { id, cell, repeat, settings, outcome, reason, startedAt, durationS, metrics },
  ] of runs.entries()) {
    const run = { run: id, cell, repeat, settings, outcome, reason, startedAt, durationS, metrics };
    yield `${position === 0 ? '' : ','}\n${JSON.stringify(run)}`;
  }
  yield '\n]\n';
}

function line(fields: readonly (string | number | null)[]): string {
  return `${fields.map(field).join(',')}\r\n`;
}

/** RFC 4180, and an apostrophe before what a spreadsheet would take for a formula. */
function field(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = /^[=+@\t]|^-(?![\d.])/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
