// Thumbnails out of a decoding pass that is made anyway (child only): its frames pass by, and the chosen ones are kept.

import { Frame } from 'node-av/lib';
import type { Fraction } from '#core/source';
import { PictureChooser, type HeldPlace } from './picture-chooser.ts';
import { PictureMaker } from './picture-maker.ts';
import { intervalTicks, pictureCount, type PictureShape } from './thumbnail-plan.ts';

/** A source that goes on for longer than it said by this has other pictures anyway. */
const LONGER = 1.1;
/** Pictures that are laid at most, 55 hours of them: times that jump ahead must not lay billions. */
const MAX_PICTURES = 20_000;

/** What a pass made: the frames that its pictures show, and the one that became the poster. */
export interface PassedPictures {
  readonly frames: readonly number[];
  readonly posterFrame: number;
}

/** A reference to a decoded picture, with what is known of it. */
interface Held {
  frame: Frame;
  number: number;
  spatial: number;
}

export class PicturePass {
  readonly #maker: PictureMaker;
  readonly #chooser: PictureChooser;
  readonly #most: number;
  #before: Held = held();
  #now: Held = held();
  readonly #places: Readonly<Record<HeldPlace, Held>> = { middle: held(), key: held() };
  #lost = false;

  /** @param declaredS how long the source says that it is, seconds: pictures are chosen by it */
  constructor(folder: string, shape: PictureShape, timeBase: Fraction, declaredS: number) {
    this.#maker = new PictureMaker(folder, shape);
    this.#most = Math.min(MAX_PICTURES, Math.max(pictureCount(declaredS * LONGER), pictureCount(declaredS) + 1));
    this.#chooser = new PictureChooser(intervalTicks(declaredS, timeBase), {
      hold: (place, from) => take(this.#places[place], from === 'now' ? this.#now : this.#before),
      choose: (place) => {
        const { frame, number, spatial } = place === 'before' ? this.#before : this.#places[place];
        this.#maker.add(frame, number, spatial);
      },
    });
  }

  /**
   * Takes a frame over. It never throws: pictures that can't be made are none, and no fault of the source.
   * @returns an empty frame for it
   */
  exchange(frame: Frame, number: number, pts: number, key: boolean, spatial: number): Frame {
    const now = this.#now;
    const empty = now.frame;
    now.frame = frame;
    now.number = number;
    // As the column of all frames holds it.
    now.spatial = Math.fround(spatial);
    if (!this.#lost) this.#try(() => this.#chooser.add(pts, key, this.#most));
    this.#now = this.#before;
    this.#before = now;
    this.#now.frame.unref();
    return empty;
  }

  /**
   * @param durationS of the video as its packets showed it
   * @returns null where the pictures are not those of a video of this length, or can't be made
   */
  finish(durationS: number): PassedPictures | null {
    const count = pictureCount(durationS);
    let posterFrame = -1;
    if (!this.#lost && this.#chooser.count <= count && count <= this.#most && this.#before.number >= 0)
      this.#try(() => {
        this.#chooser.finish(count);
        posterFrame = this.#maker.finish();
        return true;
      });
    for (const { frame } of [this.#before, this.#now, ...Object.values(this.#places)]) frame.free();
    this.#maker.close();
    return this.#lost || posterFrame < 0 ? null : { frames: this.#maker.frames, posterFrame };
  }

  #try(step: () => boolean): void {
    try {
      this.#lost = !step();
    } catch {
      // Whoever needs the pictures then decodes them again, and tells why that fails.
      this.#lost = true;
    }
  }
}

function held(): Held {
  const frame = new Frame();
  frame.alloc();
  return { frame, number: -1, spatial: 0 };
}

function take(to: Held, { frame, number, spatial }: Held): void {
  to.frame.unref();
  to.frame.ref(frame);
  to.number = number;
  to.spatial = spatial;
}
