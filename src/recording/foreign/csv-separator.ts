// What separates the columns of a CSV file, and what the decimals of its numbers: spreadsheets of many countries write semicolons and commas.

export type CsvSeparator = ',' | ';' | '\t';

export const SEPARATOR_NAMES: Readonly<Record<CsvSeparator, string>> = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
};

/** By the heading: what stands in it outside of quotes, and alone. A comma anywhere makes it commas. */
export function csvSeparator(text: string): CsvSeparator {
  const head = unquotedHead(text);
  if (head.includes(',')) return ',';
  const [hasSemicolons, hasTabs] = [head.includes(';'), head.includes('\t')];
  if (hasSemicolons === hasTabs) return ',';
  return hasSemicolons ? ';' : '\t';
}

export function hasBothSeparators(text: string): boolean {
  const head = unquotedHead(text);
  return head.includes(',') && /[;\t]/.test(head);
}

/** Of a file that begins with empty lines the first that is none. */
function unquotedHead(text: string): string {
  return /^[^\r\n]*/.exec(text.trimStart())![0].replace(/"[^"]*"/g, '');
}

const DECIMAL_COMMA = /^[-+]?\d+,\d+$/;
/** `1,234` may be a thousand and more. */
const MAYBE_THOUSANDS = /^[-+]?[1-9]\d{0,2},\d{3}$/;

/**
 * Whether `12,5` is twelve and a half in these fields of numbers. Between commas it never is, and beside a decimal point it is not either; between
 * tabs, which English spreadsheets write too, one of the numbers must be none with thousands.
 */
export function hasDecimalCommas(separator: CsvSeparator, fields: Iterable<string>): boolean {
  if (separator === ',') return false;
  let isSure = false;
  for (const field of fields) {
    const text = field.trim();
    if (text.includes('.')) return false;
    if (DECIMAL_COMMA.test(text)) isSure ||= separator === ';' || !MAYBE_THOUSANDS.test(text);
  }
  return isSure;
}

/** `12.5` of `12,5`; all else as it is. */
export function withDecimalPoint(field: string): string {
  return DECIMAL_COMMA.test(field.trim()) ? field.replace(',', '.') : field;
}
