// What `encodelab spice guest` tells: a line a second for people, or every frame and step as JSON.

import { formatQuantity } from '#core/format-quantity';
import type { ControlResult } from '#core/live';
import { STEPS, STEP_OUTCOMES } from '#core/recording';
import { formatSettingValue } from '#core/settings';
import type { PartSink } from '#session/part';
import { plainText } from './plain-text.ts';

export interface GuestReport extends PartSink {
  /** Called once a second. */
  tell(): void;
  changed(results: readonly ControlResult[]): void;
  end(): void;
}

const ENCODE = STEPS.indexOf('encode');
const SEND = STEPS.indexOf('send');
const OK = STEP_OUTCOMES.indexOf('ok');

/** For people, on standard error. */
export class GuestSummary implements GuestReport {
  #stream = '';
  #frames = 0;
  #keys = 0;
  #bytes = 0;
  #encodeUs = 0;
  #encoded = 0;
  #dropped = 0;
  #allFrames = 0;
  #allDropped = 0;

  readonly frames: PartSink['frames'] = (batch) => {
    for (let i = 0; i < batch.frame.length; i++) {
      this.#frames++;
      this.#keys += batch.key[i]!;
      this.#bytes += batch.bytes[i]!;
    }
  };

  readonly steps: PartSink['steps'] = (batch) => {
    for (let i = 0; i < batch.frame.length; i++) {
      const step = batch.step[i];
      if (step === ENCODE && batch.outcome[i] === OK) {
        this.#encodeUs += batch.durationUs[i]!;
        this.#encoded++;
      } else if ((step === ENCODE || step === SEND) && batch.outcome[i] !== OK) this.#dropped++;
    }
  };

  readonly running: PartSink['running'] = ({ actual }) => {
    this.#stream = `${actual['encoder']} ${actual['resolution']} at ${actual['framerate']} fps`;
  };

  readonly message = (text: string) => console.error(plainText(text));
  readonly picture = () => undefined;

  tell(): void {
    this.#allFrames += this.#frames;
    this.#allDropped += this.#dropped;
    if (this.#frames > 0) {
      const encode =
        this.#encoded === 0 ? '' : `, encode ${formatQuantity(this.#encodeUs / this.#encoded / 1000, 'ms')}`;
      const rate = formatQuantity(this.#bytes * 8, 'bit/s');
      console.error(
        `${plainText(this.#stream)}: ${this.#frames} frames, ${this.#keys} keys, ${rate}${encode}, ${this.#dropped} dropped`,
      );
    }
    this.#frames = this.#keys = this.#bytes = this.#encodeUs = this.#encoded = this.#dropped = 0;
  }

  changed(results: readonly ControlResult[]): void {
    for (const { name, requested, actual, how, note } of results)
      console.error(
        plainText(
          how === 'refused'
            ? `${name} ${formatSettingValue(requested)} is refused: ${note ?? ''}`
            : `${name}: ${actual ?? formatSettingValue(requested)} (${how})`,
        ),
      );
  }

  end(): void {
    this.tell();
    console.error(`${this.#allFrames} frames were sent, ${this.#allDropped} dropped`);
  }
}

/** One JSON object a line, on standard output. */
export class GuestEvents implements GuestReport {
  readonly frames: PartSink['frames'] = ({ frame, sourceFrame, pts, key, bytes }) => {
    for (let i = 0; i < frame.length; i++)
      print({
        event: 'frame',
        frame: frame[i],
        sourceFrame: sourceFrame[i],
        captureUs: pts[i],
        key: key[i] === 1,
        bytes: bytes[i],
      });
  };

  readonly steps: PartSink['steps'] = ({ frame, step, startUs, durationUs, outcome }) => {
    for (let i = 0; i < frame.length; i++)
      print({
        event: 'step',
        frame: frame[i],
        step: STEPS[step[i]!],
        startUs: startUs[i],
        durationUs: durationUs[i] === -1 ? null : durationUs[i],
        outcome: STEP_OUTCOMES[outcome[i]!],
      });
  };

  readonly running: PartSink['running'] = ({ actual }) => print({ event: 'running', actual });
  readonly message = (text: string) => print({ event: 'message', text });
  readonly picture = () => undefined;

  tell(): void {}

  changed(results: readonly ControlResult[]): void {
    for (const result of results) print({ event: 'changed', ...result });
  }

  end(): void {}
}

function print(value: object): void {
  console.log(JSON.stringify(value));
}
