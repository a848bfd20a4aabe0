// What a regression says: sentences for people, numbers for the table.

import { FEWEST_FOR_LINE } from '#analysis/regression';
import type { MetricColumn } from '../data/dataset.ts';
import { pooledNotes, type Arranged } from './arranged.ts';
import type { PlotInput, TableColumn } from './plot.ts';
import type { Measure } from './regression-axis.ts';
import { pText, shareText, slopeText, type FitForm, type SeriesFit } from './regression-fits.ts';

/** Slopes that are counted as such. */
const SURE = 0.05;
/** Fits told in the notes; of more they say how good they are, and the table has all. */
const MOST_TOLD = 4;

/** A fit, and where it stands: the positions of its values in the splits that are used. */
export interface NamedFit extends SeriesFit {
  /** Any of its cells. */
  readonly cell: number;
  readonly fullTitle: string;
}

export function regressionNotes(
  input: PlotInput,
  { groups, notes }: Arranged,
  fits: readonly NamedFit[],
  form: FitForm,
  x: Measure,
): string[] {
  const { rows, metric: y } = input;
  // Against a metric nothing tells apart what stands at x.
  const placed = x.property === null ? { ...input.placed, x: null } : input.placed;
  const told = (fits.length > MOST_TOLD ? [] : fits).map(({ fit, fullTitle, runs }) => {
    const title = fullTitle === '' ? '' : `${fullTitle}: `;
    if (fit !== null)
      return `${title}${slopeText(fit, form, x, y.unit)}, r² ${shareText(fit.rSquared)}, ${pText(fit.p)} (${fit.count} runs)`;
    return runs < FEWEST_FOR_LINE
      ? `${title}${runs} ${runs === 1 ? 'run is' : 'runs are'} too few for a line: at least ${FEWEST_FOR_LINE} are needed`
      : `${title}all ${runs} runs have the same ${x.title}: no line goes through them`;
  });
  const isRepeated = fits.some(({ runs, cells }) => runs > cells);
  const isFitted = fits.some(({ fit }) => fit !== null);
  return [
    ...told,
    ...(fits.length > MOST_TOLD ? [summary(fits)] : []),
    ...(isFitted ? ['bands are 95 % confidence bands of the mean; p is that of a t test of the slope'] : []),
    ...(isFitted && isRepeated
      ? [
          'every run is a point, and repeats of a cell are alike: the p of the cells’ means stands in the table, and is the more careful one',
        ]
      : []),
    ...(form === 'power' && isFitted ? ['r² and p are those of the logarithms'] : []),
    ...pooledNotes({ ...input, placed }, groups.rows).map((note) => `${note} in one line`),
    ...missingNotes(rows, x, y, form),
    ...notes,
  ];
}

/** Why runs are no points, each by the first reason that it has. */
function missingNotes(rows: Uint32Array, x: Measure, y: MetricColumn, form: FitForm): string[] {
  const reasons = new Map<string, number>();
  for (const row of rows) {
    const reason = missingReason(row, x, y, form);
    if (reason !== null) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  return [...reasons].map(([reason, count]) => `${count} of ${rows.length} runs have ${reason}`);
}

function missingReason(row: number, { title, values, property }: Measure, y: MetricColumn, form: FitForm) {
  const [x, value] = [values[row]!, y.values[row]!];
  if (!Number.isFinite(x))
    return property !== null && property.codes[row]! >= 0 ? `a ${title} that is no number` : `no ${title}`;
  if (form !== 'linear' && x <= 0) return `a ${title} that has no logarithm`;
  if (!Number.isFinite(value)) return `no ${y.name}`;
  return form === 'power' && value <= 0 ? `${y.name} of 0 or less, which has no logarithm` : null;
}

/** Of many fits how well they fit; the table has each. */
function summary(fits: readonly NamedFit[]): string {
  const fitted = fits.flatMap(({ fit }) => fit ?? []);
  if (fitted.length === 0) return `none of the ${fits.length} series has runs enough for a line`;
  const shares = fitted.map(({ rSquared }) => rSquared).filter((value) => !Number.isNaN(value));
  const sure = fitted.filter(({ p }) => p < SURE).length;
  const range =
    shares.length === 0 ? '' : `, r² from ${shareText(Math.min(...shares))} to ${shareText(Math.max(...shares))}`;
  return `${fitted.length} fits${range}; ${sure} of the slopes differ from 0 with p below ${SURE}: the table has each`;
}

export function regressionTable(
  { groups, column, row, told }: Arranged,
  fits: readonly NamedFit[],
  form: FitForm,
  x: Measure,
  { metric: y }: PlotInput,
): TableColumn[] {
  const splits = [column, row, null, ...told];
  const places = splits.flatMap((split, k): TableColumn[] =>
    split === null || split.property === null
      ? []
      : [{ title: split.title, unit: null, values: fits.map(({ cell }) => split.titles[groups.digits[k]![cell]!]!) }],
  );
  const numbers = (title: string, of: (one: NamedFit) => number | undefined): TableColumn => ({
    title,
    unit: '1',
    values: fits.map((one) => {
      const value = of(one);
      return value === undefined || Number.isNaN(value) ? null : value;
    }),
  });
  return [
    ...places,
    numbers('runs', ({ runs }) => runs),
    numbers('cells', ({ cells }) => cells),
    {
      title: 'slope',
      unit: null,
      values: fits.map(({ fit }) => (fit === null ? null : slopeText(fit, form, x, y.unit))),
    },
    numbers('slope, as fitted', ({ fit }) => fit?.slope),
    numbers('its standard error', ({ fit }) => fit?.slopeError),
    numbers('intercept, as fitted', ({ fit }) => fit?.intercept),
    numbers('r²', ({ fit }) => fit?.rSquared),
    numbers('p', ({ fit }) => fit?.p),
    numbers('p of the cells’ means', ({ cellP }) => cellP),
  ];
}
