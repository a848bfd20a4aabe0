// What the trying child tells.

/** A line of this and a number in the log begins the part that belongs to one trial. */
export const TRIAL_MARK = '@encodelab-trial ';

export type RawTrial =
  | {
      readonly ok: true;
      /** Values that the opened encoder holds, by the names that were asked for. */
      readonly actual: Readonly<Record<string, string>>;
      /** What the encoder wrote about itself into the stream. */
      readonly description: string | null;
      /** Formats that can be uploaded to its device; null where it takes pictures in main memory. */
      readonly uploadFormats: readonly string[] | null;
    }
  | {
      readonly ok: false;
      readonly error: string;
      /** The parameter that was refused; null where it is not known which. */
      readonly setting: string | null;
    };

export type TrialMessage =
  | { readonly kind: 'begin'; readonly index: number }
  | { readonly kind: 'done'; readonly index: number; readonly trial: RawTrial };
