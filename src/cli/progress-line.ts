// One line on stderr that says how far the work has come; plain lines where stderr is no terminal.

import { styleText } from 'node:util';
import type { Progress } from '#core/catalogue';
import { plainText } from './plain-text.ts';

const BAR_WIDTH = 24;

export class ProgressLine {
  readonly #live = process.stderr.isTTY === true;
  #shown = '';

  /** Redraws the line; on a pipe nothing is drawn. */
  show(progress: Progress): void {
    if (!this.#live) return;
    this.#draw(progressText(progress, process.stderr.columns ?? 80));
  }

  /** The same with words of one's own, cut to the width of the terminal. */
  showText(text: string): void {
    if (this.#live) this.#draw(plainText(text).slice(0, (process.stderr.columns ?? 80) - 1));
  }

  /** Writes a line that stays, above the progress. */
  note(text: string): void {
    const shown = this.#shown;
    this.clear();
    console.error(plainText(text));
    if (shown !== '') this.#draw(shown);
  }

  /** A line where there is no bar that shows the same: in a log. */
  milestone(text: string): void {
    if (!this.#live) console.error(plainText(text));
  }

  clear(): void {
    if (this.#shown !== '') process.stderr.write('\r\u001B[K');
    this.#shown = '';
  }

  #draw(text: string): void {
    process.stderr.write(`\r\u001B[K${text}`);
    this.#shown = text;
  }
}

/** `█████░░░ 3/8  about 40 s left (30 to 55 s)  codec=x264 …`, cut to the width of the terminal. */
export function progressText(progress: Progress, columns: number): string {
  const share = progress.runsTotal === 0 ? 1 : (progress.runsDone + (progress.runShare ?? 0)) / progress.runsTotal;
  const full = Math.round(Math.min(1, share) * BAR_WIDTH);
  const bar = styleText('cyan', '█'.repeat(full), { stream: process.stderr }) + '░'.repeat(BAR_WIDTH - full);
  const left = progress.leftS === null ? 'time left not known yet' : `${formatSecondsLeft(progress.leftS)} left`;
  const failed = progress.failed > 0 ? `  ${progress.failed} failed` : '';
  const room = Math.max(0, columns - BAR_WIDTH - 60);
  const cell = progress.cell === null ? '' : `  ${progress.cell.slice(0, room)}`;
  return `${bar} ${progress.runsDone}/${progress.runsTotal}${failed}  ${left}${cell}`;
}

/** `about 40 s (30 to 55 s)`. */
export function formatSecondsLeft({ low, middle, high }: { low: number; middle: number; high: number }): string {
  return `about ${formatSpan(middle)} (${formatSpan(low)} to ${formatSpan(high)})`;
}

/** `2.3 s`, `40 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatSpan(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
