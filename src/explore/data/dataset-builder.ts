// Makes columns of runs, one run after the other.

import type { RunText } from '#core/catalogue';
import { OUTCOMES } from '#core/run';
import { unitConversion } from '#core/same-unit';
import { canonicalSettings, formatSettingValue, type Settings } from '#core/settings';
import type { Dataset, MetricColumn, Property } from './dataset.ts';
import { MetricsReader, type MetricHead, type ReadMetrics } from './metrics-text.ts';
import { joinCells, sameCells } from './same-cells.ts';
import { valueMeaning } from './same-value.ts';
import { orderValues } from './value-order.ts';

/** A result; what is JSON in a catalogue is text still. */
export type DatasetRun = Omit<RunText, 'facts' | 'recording'>;

/** In this order they stand behind the settings; others follow. */
const FACTS = ['benchmark', 'kind', 'outcome', 'machine', 'host', 'build', 'kernel', 'day'];
/** Facts in which runs of one cell differ. */
const FACTS_OF_RUNS: ReadonlySet<string> = new Set(['outcome', 'day']);
const DAY_LENGTH = '2026-01-31'.length;

/** Runs by the benchmark's file: names of properties and of their values in its order. */
export type FileOrder = readonly { readonly name: string; readonly values: readonly string[] }[];

export class DatasetBuilder {
  readonly #capacity: number;
  readonly #ids: string[] = [];
  readonly #outcomes: Uint8Array;
  readonly #startedAtMs: Float64Array;
  readonly #repeats: Int32Array;
  readonly #cells: Int32Array;
  readonly #cellOfKey = new Map<string, number>();
  /** Of each cell its first row, and what that run has as text. */
  readonly #cellHeads: { readonly row: number; readonly settings: string; readonly labels: string }[] = [];
  readonly #reasons = new Map<number, string>();
  readonly #settings = new Map<string, PropertyColumn>();
  readonly #facts = new Map<string, PropertyColumn>();
  readonly #metrics = new Map<string, MetricValues[]>();
  readonly #reader = new MetricsReader();
  readonly #columnsOfMetrics = new WeakMap<ReadMetrics, MetricPlace[]>();
  /** By labels, by settings: the repeats of a cell have the same texts. */
  readonly #cellTexts = new Map<string, Map<string, CellText>>();

  /** @param capacity runs that will be added at the most */
  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#outcomes = new Uint8Array(capacity);
    this.#startedAtMs = new Float64Array(capacity);
    this.#repeats = new Int32Array(capacity);
    this.#cells = new Int32Array(capacity);
    for (const name of FACTS) this.#facts.set(name, new PropertyColumn(capacity, itself));
  }

  /**
   * Takes a run that has ended.
   * @param facts properties besides its settings, by name: machine, host, kernel, build
   */
  add(run: DatasetRun, facts: Readonly<Record<string, string>>): void {
    const row = this.#ids.length;
    if (row === this.#capacity) throw new RangeError('more runs than were announced');
    this.#ids.push(run.id);
    this.#outcomes[row] = OUTCOMES.indexOf(run.outcome);
    this.#startedAtMs[row] = Date.parse(run.startedAt);
    this.#repeats[row] = run.repeat;
    if (run.outcome !== 'ok' && run.reason !== null) this.#reasons.set(row, run.reason.split('\n', 1)[0]!);
    const { columns, codes, labels } = this.#cellText(run);
    this.#cells[row] = this.#cell(labels === '' ? run.sameKey : `${run.sameKey}\n${labels}`);
    if (this.#cellHeads.length < this.#cellOfKey.size)
      this.#cellHeads.push({ row, settings: run.settings, labels: run.labels });
    for (let i = 0; i < columns.length; i++) columns[i]!.codes[row] = codes[i]!;
    for (const name in facts) this.#column(this.#facts, name).set(row, facts[name]!);
    if (run.benchmark !== null) this.#facts.get('benchmark')!.set(row, run.benchmark);
    this.#facts.get('kind')!.set(row, run.kind);
    this.#facts.get('outcome')!.set(row, run.outcome);
    this.#facts.get('day')!.set(row, run.startedAt.slice(0, DAY_LENGTH));
    const metrics = this.#reader.read(run.metrics);
    const values = this.#metricColumns(metrics);
    for (let i = 0; i < values.length; i++) {
      const { column, convert } = values[i]!;
      column.values[row] = convert === null ? metrics.values[i]! : convert(metrics.values[i]!);
    }
  }

  /**
   * The runs that were added; the builder is not used any more.
   * @param order of the benchmarks that were asked for, one after the other
   * @param excluded reasons by id
   */
  finish(order: FileOrder, excluded: ReadonlyMap<string, string>): Dataset {
    const count = this.#ids.length;
    const known = new Map<string, string[]>();
    for (const { name, values } of order) known.set(name, [...(known.get(name) ?? []), ...values]);
    const left = new Map<number, string>();
    if (excluded.size > 0)
      for (const [row, id] of this.#ids.entries()) {
        const reason = excluded.get(id);
        if (reason !== undefined) left.set(row, reason);
      }
    const cells = this.#cells.subarray(0, count);
    const repeats = this.#repeats.subarray(0, count);
    const cellCount = joinCells(this.#sameCells(), cells, repeats);
    const names = new Set([...known.keys(), ...this.#settings.keys()]);
    const settings = [...names].flatMap((name) => {
      const column = this.#settings.get(name);
      return column === undefined ? [] : [column.toProperty(name, 'setting', known.get(name) ?? [], count)];
    });
    const taken = new Set(settings.map(({ name }) => name));
    const facts = [...this.#facts].flatMap(([name, column]) =>
      column.isEmpty
        ? []
        : [
            column.toProperty(
              taken.has(name) ? `${name} (fact)` : name,
              'fact',
              name === 'outcome' ? OUTCOMES : [],
              count,
            ),
          ],
    );
    return {
      count,
      ids: this.#ids,
      outcomes: this.#outcomes.subarray(0, count),
      startedAtMs: this.#startedAtMs.subarray(0, count),
      repeats,
      cells,
      cellCount,
      excluded: left,
      reasons: this.#reasons,
      properties: [...settings, ...facts],
      metrics: metricColumns(this.#metrics, count),
    };
  }

  /** Of each cell the first that only its spelling tells from it. */
  #sameCells(): Int32Array {
    const settings = [...this.#settings.values()];
    if (!settings.some(({ hasSpellings }) => hasSpellings)) return Int32Array.from(this.#cellHeads, (_, cell) => cell);
    const facts = [...this.#facts].flatMap(([name, column]) => (FACTS_OF_RUNS.has(name) ? [] : [column]));
    const columns = [...settings, ...facts];
    return sameCells(
      this.#cellHeads.map(({ row, settings: text, labels }) => ({
        meaning: `${columns.map(({ codes }) => codes[row]).join(' ')} ${labels}`,
        spelling: canonicalSettings(JSON.parse(text) as Settings),
      })),
    );
  }

  #cellText({ settings, labels }: DatasetRun): CellText {
    let texts = this.#cellTexts.get(labels);
    if (texts === undefined) this.#cellTexts.set(labels, (texts = new Map()));
    let text = texts.get(settings);
    if (text === undefined) {
      const parsed = JSON.parse(settings) as Settings;
      const columns = Object.keys(parsed).map((name) => this.#column(this.#settings, name));
      const values = Object.values(parsed).map(formatSettingValue);
      text = {
        columns,
        codes: Int32Array.from(columns, (column, i) => column.code(values[i]!)),
        // A label (a value of a hook, of a group) is no part of the key, and yet no other cell's.
        labels: (JSON.parse(labels) as string[]).map((name) => formatSettingValue(parsed[name] ?? '')).join('\n'),
      };
      texts.set(settings, text);
    }
    return text;
  }

  #cell(key: string): number {
    let cell = this.#cellOfKey.get(key);
    if (cell === undefined) this.#cellOfKey.set(key, (cell = this.#cellOfKey.size));
    return cell;
  }

  #column(columns: Map<string, PropertyColumn>, name: string): PropertyColumn {
    let column = columns.get(name);
    if (column === undefined) {
      const meaningOf = columns === this.#settings ? valueMeaning : itself;
      columns.set(name, (column = new PropertyColumn(this.#capacity, meaningOf)));
    }
    return column;
  }

  #metricColumns(metrics: ReadMetrics): readonly MetricPlace[] {
    let columns = this.#columnsOfMetrics.get(metrics);
    if (columns === undefined) {
      columns = metrics.heads.map((head) => this.#metricColumn(head));
      this.#columnsOfMetrics.set(metrics, columns);
    }
    return columns;
  }

  #metricColumn(head: MetricHead): MetricPlace {
    let same = this.#metrics.get(head.name);
    if (same === undefined) this.#metrics.set(head.name, (same = []));
    for (const column of same) {
      const convert = column.model === head.model ? unitConversion(head.unit, column.unit) : null;
      if (convert !== null) return { column, convert: head.unit === column.unit ? null : convert };
    }
    const column = new MetricValues(head, this.#capacity);
    same.push(column);
    return { column, convert: null };
  }
}

/** Settings of a cell as the columns and codes that they are. */
interface CellText {
  readonly columns: readonly PropertyColumn[];
  readonly codes: Int32Array;
  /** Values of its labels; empty where it has none. */
  readonly labels: string;
}

/** A fact was not written by a person: its text is all that it means. */
function itself(text: string): string {
  return text;
}

class PropertyColumn {
  /** By row, in the order in which values were first met; -1 where there is none. */
  readonly codes: Int32Array;
  readonly #meaningOf: (text: string) => string;
  /** Every spelling of every value. */
  readonly #codeOf = new Map<string, number>();
  readonly #codeOfMeaning = new Map<string, number>();
  /** Of each value the spelling that was met first. */
  readonly #values: string[] = [];
  #lastText: string | null = null;
  #lastCode = -1;

  constructor(capacity: number, meaningOf: (text: string) => string) {
    this.codes = new Int32Array(capacity).fill(-1);
    this.#meaningOf = meaningOf;
  }

  get isEmpty(): boolean {
    return this.#values.length === 0;
  }

  /** Whether a value was met in several spellings. */
  get hasSpellings(): boolean {
    return this.#codeOf.size > this.#values.length;
  }

  set(row: number, text: string): void {
    if (text !== this.#lastText) {
      this.#lastText = text;
      this.#lastCode = this.code(text);
    }
    this.codes[row] = this.#lastCode;
  }

  code(text: string): number {
    let code = this.#codeOf.get(text);
    if (code === undefined) this.#codeOf.set(text, (code = this.#codeOfNew(text)));
    return code;
  }

  #codeOfNew(text: string): number {
    const meaning = this.#meaningOf(text);
    let code = this.#codeOfMeaning.get(meaning);
    if (code === undefined) {
      this.#codeOfMeaning.set(meaning, (code = this.#values.length));
      this.#values.push(text);
    }
    return code;
  }

  toProperty(name: string, origin: Property['origin'], known: readonly string[], count: number): Property {
    const { values, numbers, positions } = orderValues(this.#shownValues(known), known);
    const codes = this.codes.subarray(0, count);
    for (let row = 0; row < count; row++) if (codes[row]! >= 0) codes[row] = positions[codes[row]!]!;
    return { name, origin, values, numbers, codes };
  }

  /** Values in the spelling that comes first in the benchmark's file, else in the runs. */
  #shownValues(known: readonly string[]): readonly string[] {
    const shown = [...this.#values];
    for (const text of known.toReversed()) {
      const code = this.#codeOf.get(text);
      if (code !== undefined) shown[code] = text;
    }
    return shown;
  }
}

/** Where a metric of some runs goes. */
interface MetricPlace {
  readonly column: MetricValues;
  /** Null where the column has the unit of these runs. */
  readonly convert: ((value: number) => number) | null;
}

class MetricValues {
  readonly unit: string;
  readonly better: MetricColumn['better'];
  readonly model: string | undefined;
  readonly values: Float64Array;

  constructor({ unit, better, model }: MetricHead, capacity: number) {
    this.unit = unit;
    this.better = better;
    this.model = model;
    this.values = new Float64Array(capacity).fill(NaN);
  }
}

/** Scores of two models, or a name whose units have nothing in common, are two columns; seconds and milliseconds are one. */
function metricColumns(metrics: ReadonlyMap<string, readonly MetricValues[]>, count: number): MetricColumn[] {
  return [...metrics].flatMap(([name, columns]) =>
    columns.map(({ unit, better, model, values }, i) => ({
      name: i === 0 ? name : `${name} (${[unit, model].filter((part) => part !== undefined).join(', ')})`,
      unit,
      better,
      values: values.subarray(0, count),
      ...(model === undefined ? {} : { about: `by the model ${model}` }),
    })),
  );
}
