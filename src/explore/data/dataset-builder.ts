// Makes columns of runs, one run after the other.

import type { RunText } from '#core/catalogue';
import { OUTCOMES } from '#core/run';
import { formatSettingValue, type Settings } from '#core/settings';
import type { Dataset, MetricColumn, Property } from './dataset.ts';
import { MetricsReader, type MetricHead, type ReadMetrics } from './metrics-text.ts';
import { orderValues } from './value-order.ts';

/** A result; what is JSON in a catalogue is text still. */
export type DatasetRun = Omit<RunText, 'facts' | 'recording'>;

/** In this order they stand behind the settings; others follow. */
const FACTS = ['benchmark', 'kind', 'outcome', 'machine', 'host', 'build', 'kernel', 'day'];
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
  readonly #reasons = new Map<number, string>();
  readonly #settings = new Map<string, PropertyColumn>();
  readonly #facts = new Map<string, PropertyColumn>();
  readonly #metrics = new Map<string, MetricValues[]>();
  readonly #reader = new MetricsReader();
  readonly #columnsOfMetrics = new WeakMap<ReadMetrics, MetricValues[]>();
  /** By labels, by settings: the repeats of a cell have the same texts. */
  readonly #cellTexts = new Map<string, Map<string, CellText>>();

  /** @param capacity runs that will be added at the most */
  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#outcomes = new Uint8Array(capacity);
    this.#startedAtMs = new Float64Array(capacity);
    this.#repeats = new Int32Array(capacity);
    this.#cells = new Int32Array(capacity);
    for (const name of FACTS) this.#facts.set(name, new PropertyColumn(capacity));
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
    for (let i = 0; i < columns.length; i++) columns[i]!.codes[row] = codes[i]!;
    for (const name in facts) this.#column(this.#facts, name).set(row, facts[name]!);
    if (run.benchmark !== null) this.#facts.get('benchmark')!.set(row, run.benchmark);
    this.#facts.get('kind')!.set(row, run.kind);
    this.#facts.get('outcome')!.set(row, run.outcome);
    this.#facts.get('day')!.set(row, run.startedAt.slice(0, DAY_LENGTH));
    const metrics = this.#reader.read(run.metrics);
    const values = this.#metricColumns(metrics);
    for (let i = 0; i < values.length; i++) values[i]!.values[row] = metrics.values[i]!;
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
      repeats: this.#repeats.subarray(0, count),
      cells: this.#cells.subarray(0, count),
      cellCount: this.#cellOfKey.size,
      excluded: left,
      reasons: this.#reasons,
      properties: [...settings, ...facts],
      metrics: metricColumns(this.#metrics, count),
    };
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
    if (column === undefined) columns.set(name, (column = new PropertyColumn(this.#capacity)));
    return column;
  }

  #metricColumns(metrics: ReadMetrics): readonly MetricValues[] {
    let columns = this.#columnsOfMetrics.get(metrics);
    if (columns === undefined) {
      columns = metrics.heads.map((head) => this.#metricColumn(head));
      this.#columnsOfMetrics.set(metrics, columns);
    }
    return columns;
  }

  #metricColumn(head: MetricHead): MetricValues {
    let same = this.#metrics.get(head.name);
    if (same === undefined) this.#metrics.set(head.name, (same = []));
    let column = same.find(({ unit, model }) => unit === head.unit && model === head.model);
    if (column === undefined) same.push((column = new MetricValues(head, this.#capacity)));
    return column;
  }
}

/** Settings of a cell as the columns and codes that they are. */
interface CellText {
  readonly columns: readonly PropertyColumn[];
  readonly codes: Int32Array;
  /** Values of its labels; empty where it has none. */
  readonly labels: string;
}

class PropertyColumn {
  /** By row, in the order in which values were first met; -1 where there is none. */
  readonly codes: Int32Array;
  readonly #codeOf = new Map<string, number>();
  #lastText: string | null = null;
  #lastCode = -1;

  constructor(capacity: number) {
    this.codes = new Int32Array(capacity).fill(-1);
  }

  get isEmpty(): boolean {
    return this.#codeOf.size === 0;
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
    if (code === undefined) this.#codeOf.set(text, (code = this.#codeOf.size));
    return code;
  }

  toProperty(name: string, origin: Property['origin'], known: readonly string[], count: number): Property {
    const { values, numbers, positions } = orderValues([...this.#codeOf.keys()], known);
    const codes = this.codes.subarray(0, count);
    for (let row = 0; row < count; row++) if (codes[row]! >= 0) codes[row] = positions[codes[row]!]!;
    return { name, origin, values, numbers, codes };
  }
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

/** A name with two units, or with scores of two models, is two columns. */
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
