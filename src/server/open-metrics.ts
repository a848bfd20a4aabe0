// The text format of OpenMetrics 1.0: families of samples, each with its type, unit and help.

export type Labels = Readonly<Record<string, string>>;

interface Family {
  readonly type: 'gauge' | 'counter';
  readonly unit: string;
  readonly help: string;
  /** Lines by their labels: a name and labels stand once. */
  readonly samples: Map<string, number>;
}

export const OPEN_METRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

export class OpenMetrics {
  readonly #families = new Map<string, Family>();

  /**
   * @param name ends in `_` and its unit where it has one; of a counter without `_total`
   * @param unit empty for none
   * @param value NaN is left out: what was not measured is absent
   */
  add(name: string, type: Family['type'], unit: string, help: string, labels: Labels, value: number): void {
    if (Number.isNaN(value)) return;
    let family = this.#families.get(name);
    if (family === undefined) this.#families.set(name, (family = { type, unit, help, samples: new Map() }));
    // Two indicators whose names come to the same: the first stays, a second sample would make all of it unreadable.
    const key = labelText(labels);
    if (family.type === type && family.unit === unit && !family.samples.has(key)) family.samples.set(key, value);
  }

  toString(): string {
    const lines: string[] = [];
    for (const [name, { type, unit, help, samples }] of this.#families) {
      lines.push(`# TYPE ${name} ${type}`);
      if (unit !== '') lines.push(`# UNIT ${name} ${unit}`);
      lines.push(`# HELP ${name} ${escaped(help)}`);
      const sampleName = type === 'counter' ? `${name}_total` : name;
      for (const [labels, value] of samples) lines.push(`${sampleName}${labels} ${numberText(value)}`);
    }
    return `${[...lines, '# EOF'].join('\n')}\n`;
  }
}

function labelText(labels: Labels): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

/** In help and labels a backslash, a quote and a line end are escaped. */
function escaped(text: string): string {
  return text
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`);
}

function numberText(value: number): string {
  return value === Infinity ? '+Inf' : String(value);
}
