// Styled text becomes WebVTT cue text: what both know is kept (bold, italic, underlined), all else is dropped on purpose.

/** Spans that WebVTT has too. */
export type Style = 'b' | 'i' | 'u';

/** Whatever some system takes for the end of a line. */
const LINE_END = /\r\n?|[\v\f\u0085\u2028\u2029]/g;
/** Characters that no text has: NUL is not allowed in WebVTT, the byte order mark is part of the file. */
const FORBIDDEN = /[\p{Cc}\ufeff]/gu;

/** Collects text and styles in the order in which they come, and closes what is open at the end. */
export class CueText {
  #out = '';
  readonly #open: Style[] = [];

  /** Adds text as it is to be read: it is escaped, so `-->` and `<` in it do no harm. */
  add(text: string): void {
    this.#out += escaped(text);
  }

  style(style: Style, on: boolean): void {
    if (on === this.#open.includes(style)) return;
    if (on) {
      this.#open.push(style);
      this.#out += `<${style}>`;
      return;
    }
    // Spans may not cross: those within it are closed and opened again.
    const inner = this.#open.splice(this.#open.indexOf(style));
    this.#out += inner.toReversed().map(closing).join('');
    inner.shift();
    this.#open.push(...inner);
    this.#out += inner.map(opening).join('');
  }

  reset(): void {
    while (this.#open.length > 0) this.style(this.#open[0]!, false);
  }

  /** The text, without spans around nothing and without empty lines, which would end a cue. Empty where nothing is left to read. */
  finish(): string {
    this.reset();
    let text = this.#out;
    for (let before = ''; before !== text;) {
      before = text;
      text = text.replaceAll(/<([biu])><\/\1>/g, '');
    }
    const lines = text.split('\n').map((line) => line.trim());
    return text.replaceAll(/<\/?[biu]>/g, '').trim() === '' ? '' : lines.filter((line) => line !== '').join('\n');
  }
}

const opening = (style: Style) => `<${style}>`;
const closing = (style: Style) => `</${style}>`;

/** Text for WebVTT: `&`, `<` and `>` by name (https://www.w3.org/TR/webvtt1/#webvtt-cue-text-span), one kind of line break. */
function escaped(text: string): string {
  return text
    .replaceAll(LINE_END, '\n')
    .replaceAll(FORBIDDEN, (character) => (character === '\n' || character === '\t' ? character : ''))
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
