// A filter over the titles of a lab, as a person writes it: `codec=h264 height>=720 name="big buck*"`. docs/campaigns.md has
// the whole language.

import { nearestName } from '#core/nearest-name';
import { CODECS, PROTECTIONS } from '#core/title';
import { UserError, type Problem } from '#core/user-error';

/** Texts, matched with `*` for anything and without regard to case. */
export const TEXT_FIELDS = ['name', 'source', 'ladder'] as const;
export const CHOICE_FIELDS = ['codec', 'state', 'protection'] as const;
export const NUMBER_FIELDS = ['height', 'duration', 'age'] as const;
export type TextField = (typeof TEXT_FIELDS)[number] | (typeof CHOICE_FIELDS)[number];
export type NumberField = (typeof NUMBER_FIELDS)[number];

export const COMPARISONS = ['<', '<=', '>', '>=', '=', '!='] as const;
export type Comparison = (typeof COMPARISONS)[number];

export type Term =
  | {
      readonly field: TextField;
      readonly op: '=' | '!=';
      /** Any of them. */
      readonly values: readonly string[];
    }
  | {
      readonly field: NumberField;
      readonly op: Comparison;
      /** Pixels of a height; seconds of a duration or an age. */
      readonly value: number;
    };

/** All of its terms hold. */
export type Filter = readonly Term[];

/** What a title that is a candidate may be in. */
export const FILTER_STATES = ['done', 'failed', 'cancelled'] as const;

const FIELDS: readonly string[] = [...TEXT_FIELDS, ...CHOICE_FIELDS, ...NUMBER_FIELDS];
const CHOICES: Readonly<Record<(typeof CHOICE_FIELDS)[number], readonly string[]>> = {
  codec: CODECS,
  state: FILTER_STATES,
  protection: PROTECTIONS,
};

const SECONDS: Readonly<Record<string, number>> = {
  s: 1,
  min: 60,
  h: 3_600,
  d: 86_400,
  w: 7 * 86_400,
  y: 365.25 * 86_400,
};

/** A term up to the next space outside of quotes. */
const TOKEN = /(?:"(?:[^"\\]|\\.)*"|[^\s"])+/gsu;
const TERM = /^([^=!<>"]*)(<=|>=|!=|=|<|>)(.*)$/su;
const VALUE = /"((?:[^"\\]|\\.)*)"|[^,"]+/gsu;
/** Beyond these a number is a slip. */
const SMALLEST = 0.001;
const LARGEST = 1e15;

/**
 * @param texts terms with spaces between; several texts are one filter
 * @throws UserError that names every term that is not understood, and what it may be instead
 */
export function parseFilter(texts: readonly string[]): Filter {
  const problems: Problem[] = [];
  const terms: Term[] = [];
  for (const text of texts) {
    const tokens = text.match(TOKEN) ?? [];
    // What no token took is half a pair of quotes.
    if (text.replaceAll(TOKEN, '').trim() !== '') problems.push({ what: `a quote is not closed in ${text.trim()}` });
    else
      for (const token of tokens) {
        const term = parseTerm(token);
        if ('what' in term) problems.push(term);
        else terms.push(term);
      }
  }
  if (problems.length > 0) throw new UserError(problems.map((problem) => ({ where: '--filter', ...problem })));
  return terms;
}

function parseTerm(token: string): Term | Problem {
  const [, field = '', op = '', value = ''] = TERM.exec(token) ?? [];
  if (op === '')
    return { what: `${token} is no term`, todo: `A field, a comparison and a value: height>=720, name="big buck*"` };
  if ((NUMBER_FIELDS as readonly string[]).includes(field))
    return numberTerm(token, field as NumberField, op as Comparison, value);
  if (!FIELDS.includes(field)) {
    const near = nearestName(field, FIELDS);
    return {
      what: `${token}: there is no field "${field}"`,
      todo: near === null ? `Fields: ${FIELDS.join(', ')}` : `Did you mean ${near}?`,
    };
  }
  return textTerm(token, field as TextField, op, value);
}

function textTerm(token: string, field: TextField, op: string, text: string): Term | Problem {
  if (op !== '=' && op !== '!=') return { what: `${token}: ${field} has no order`, todo: `${field}=… or ${field}!=…` };
  const values = [...text.matchAll(VALUE)].map(([bare, quoted]) => quoted?.replaceAll(/\\(.)/gsu, '$1') ?? bare);
  if (text.replaceAll(VALUE, '') !== ','.repeat(Math.max(0, values.length - 1)) || values.length === 0)
    return { what: `${token}: a value is missing`, todo: `As in ${field}=a or ${field}=a,b` };
  const choices = CHOICES[field as keyof typeof CHOICES] as readonly string[] | undefined;
  const wrong = choices === undefined ? undefined : values.find((value) => !choices.includes(value));
  if (wrong !== undefined) {
    const near = nearestName(wrong, choices!);
    return {
      what: `${token}: "${wrong}" is no ${field}`,
      todo: near === null ? `One of: ${choices!.join(', ')}` : `Did you mean ${near}?`,
    };
  }
  return { field, op, values };
}

function numberTerm(token: string, field: NumberField, op: Comparison, text: string): Term | Problem {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)([a-z]*)$/u.exec(text) ?? [];
  const isHeight = field === 'height';
  const scale = isHeight ? { '': 1, p: 1 }[unit] : SECONDS[unit];
  if (!isHeight && (op === '=' || op === '!='))
    return { what: `${token}: no ${field} is met exactly`, todo: `${field}>… or ${field}<=…` };
  const value = Number(digits) * (scale ?? NaN);
  if (digits !== '' && (value === 0 || (value >= SMALLEST && value <= LARGEST))) return { field, op, value };
  const example = { height: 'height>=720', duration: 'duration>=10min', age: 'age>30d' }[field];
  const form = isHeight ? 'Pixels' : `A number with its unit (${Object.keys(SECONDS).join(', ')})`;
  return { what: `${token}: "${text}" is no ${field}`, todo: `${form}, as in ${example}` };
}

/** The filter as text, which is read back as the same. */
export function filterText(filter: Filter): string {
  return filter
    .map((term) =>
      'values' in term
        ? `${term.field}${term.op}${term.values.map(quoted).join(',')}`
        : `${term.field}${term.op}${term.value}${term.field === 'height' ? '' : 's'}`,
    )
    .join(' ');
}

function quoted(text: string): string {
  return /^[^\s,"]+$/u.test(text) ? text : `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
