// Which frames are meant, as a text: `slowest:1%`, `keyframes`, `others`, `frames:10-20,35`, `type:B`, `largest:1%`, `around:12.5/0.5`.

import { FRAME_TYPES, type FrameType } from '#core/recording';
import { UserError } from '#core/user-error';

export type FrameChoice =
  /** Of all frames, above 0 to 100. */
  | { readonly kind: 'slowest'; readonly percent: number }
  | { readonly kind: 'largest'; readonly percent: number }
  | { readonly kind: 'keyframes' }
  /** All but the keyframes. */
  | { readonly kind: 'others' }
  /** Numbers in the stream; both ends of each range are part of it. */
  | { readonly kind: 'numbers'; readonly ranges: readonly (readonly [from: number, to: number])[] }
  | { readonly kind: 'type'; readonly type: FrameType }
  /** In the encoder within so many seconds of a time on the clock of the frames' times: seconds of the run. */
  | { readonly kind: 'around'; readonly timeS: number; readonly withinS: number };

/** @throws UserError */
export function parseFrameChoice(text: string): FrameChoice {
  const [name, value = ''] = text.trim().split(':', 2) as [string, string?];
  switch (name) {
    case 'keyframes':
    case 'others':
      if (value === '') return { kind: name };
      break;
    case 'slowest':
    case 'largest': {
      const percent = Number(/^(\d+(?:\.\d+)?)%$/.exec(value)?.[1]);
      if (percent > 0 && percent <= 100) return { kind: name, percent };
      break;
    }
    case 'frames': {
      const ranges = value.split(',').map((part) => /^(\d+)(?:-(\d+))?$/.exec(part.trim()));
      if (ranges.every((range) => range !== null && Number(range[2] ?? range[1]) >= Number(range[1])))
        return { kind: 'numbers', ranges: ranges.map((range) => [Number(range![1]), Number(range![2] ?? range![1])]) };
      break;
    }
    case 'type': {
      const type = FRAME_TYPES.find((one) => one === value);
      if (type !== undefined) return { kind: 'type', type };
      break;
    }
    case 'around': {
      const match = /^(-?\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)$/.exec(value);
      if (match !== null) return { kind: 'around', timeS: Number(match[1]), withinS: Number(match[2]) };
      break;
    }
    default:
      break;
  }
  throw new UserError({
    what: `“${text}” names no frames`,
    todo: 'one of: slowest:1%, largest:1%, keyframes, others, frames:10-20,35, type:B, around:12.5/0.5 (seconds, and how far from it)',
  });
}

export function printFrameChoice(choice: FrameChoice): string {
  switch (choice.kind) {
    case 'keyframes':
    case 'others':
      return choice.kind;
    case 'slowest':
    case 'largest':
      return `${choice.kind}:${choice.percent}%`;
    case 'numbers':
      return `frames:${choice.ranges.map(([from, to]) => (from === to ? from : `${from}-${to}`)).join(',')}`;
    case 'type':
      return `type:${choice.type}`;
    case 'around':
      return `around:${decimal(choice.timeS)}/${decimal(choice.withinS)}`;
  }
}

function decimal(seconds: number): string {
  return seconds.toFixed(6).replace(/\.?0+$/, '');
}
