// Which texts are one value of a setting: `1M`, `1000k` and `1000000`. Names that only look like numbers stay what they are.

import type { Property } from './dataset.ts';

const ZEROS: Readonly<Record<string, number>> = { k: 3, M: 6, G: 9 };

/**
 * A text that all spellings of a whole quantity have in common; any other text itself. `3.10` and `3.1` may be versions, `01` and `1` names: what has neither
 * a factor nor is an integer as a program writes it stays apart. Digits are shifted, not multiplied: long ids keep their last ones.
 */
export function valueMeaning(text: string): string {
  const [, whole, fraction = '', factor = ''] = /^(-?(?:0|[1-9]\d*))(?:\.(\d+))?([kMG])$/.exec(text) ?? [];
  if (whole === undefined) return text;
  const digits = fraction.replace(/0+$/, '');
  const zeros = ZEROS[factor]!;
  if (digits.length > zeros) return text;
  return `${whole}${digits.padEnd(zeros, '0')}`.replace(/^(-?)0+(?=\d)/, '$1').replace(/^-0$/, '0');
}

/** Position of the value that a text is, of a setting in whatever spelling; -1 where it is none of them. */
export function codeOfValue({ origin, values }: Pick<Property, 'origin' | 'values'>, text: string): number {
  const code = values.indexOf(text);
  if (code >= 0 || origin === 'fact') return code;
  const meaning = valueMeaning(text);
  return values.findIndex((value) => valueMeaning(value) === meaning);
}
