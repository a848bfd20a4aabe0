// Which pictures become thumbnails, decided while frames pass by: as `choosePictures` does with all of them at hand. Pure.

/** Frames that are held while an interval lasts: the one nearest to its middle, and the keyframe nearest to it. */
export type HeldPlace = 'middle' | 'key';

export interface ChooserSinks {
  /** Hold this frame at this place: the one that is being added, or the one that was added before it. */
  hold(place: HeldPlace, frame: 'now' | 'before'): void;
  /** An interval is over: what stands for it. `before` is the frame that was added before this one. */
  choose(frame: HeldPlace | 'before'): void;
}

export class PictureChooser {
  readonly #step: number;
  readonly #sinks: ChooserSinks;
  #first = NaN;
  #end = NaN;
  #before = NaN;
  /** Whether a frame of this interval was added, and one behind its middle. */
  #begun = false;
  #middle = false;
  #keyDistance = Infinity;
  /** Pictures that were chosen. */
  count = 0;

  /** @param step of pictures, ticks */
  constructor(step: number, sinks: ChooserSinks) {
    this.#step = step;
    this.#sinks = sinks;
  }

  /**
   * @param pts ticks, not below those before
   * @param most pictures that may be chosen
   * @returns false where more pictures would be chosen
   */
  add(pts: number, key: boolean, most: number): boolean {
    if (Number.isNaN(this.#first)) {
      this.#first = pts;
      this.#end = pts + this.#step;
    }
    while (pts >= this.#end) {
      if (this.count >= most) return false;
      this.#close();
    }
    const middle = this.#end - this.#step / 2;
    const distance = Math.abs(pts - middle);
    if (!this.#middle && pts >= middle) {
      this.#sinks.hold('middle', this.#begun && middle - this.#before <= distance ? 'before' : 'now');
      this.#middle = true;
    }
    if (key && distance < this.#keyDistance) {
      this.#sinks.hold('key', 'now');
      this.#keyDistance = distance;
    }
    this.#begun = true;
    this.#before = pts;
    return true;
  }

  /** After the last frame, which is now the one `before`: goes on to so many pictures. */
  finish(pictures: number): void {
    while (this.count < pictures) this.#close();
  }

  #close(): void {
    this.#sinks.choose(this.#keyDistance < Infinity ? 'key' : this.#middle ? 'middle' : 'before');
    this.count++;
    this.#end = this.#first + (this.count + 1) * this.#step;
    this.#begun = false;
    this.#middle = false;
    this.#keyDistance = Infinity;
  }
}
