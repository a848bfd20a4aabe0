// A sender's other end where its frames go to a SPICE server: chooses the encoder that a client can show, and goes back to the one
// that was asked for as soon as a client shows that.

import type { EncoderInfo } from '#core/encoder';
import type { ControlResult } from '#core/live';
import type { Settings } from '#core/settings';
import type { SenderLink, SenderLinkEvents } from '../../transport/media.ts';
import type { SenderEnd } from '../../sender/stream-sender.ts';
import { encoderFor, spiceCodec } from './codec-names.ts';
import { checkDevice } from './device-end.ts';
import { DeviceLink } from './device-link.ts';

/** What changes the stream's settings. */
export interface StreamSettings {
  readonly wanted: Settings;
  readonly encoder: string;
  control(changes: Readonly<Record<string, Settings[string] | null>>): Promise<readonly ControlResult[]>;
}

export interface DeviceStreamOptions {
  readonly stream: string;
  readonly device: string;
  readonly encoders: readonly EncoderInfo[];
  readonly settings: () => StreamSettings;
  readonly tell: (text: string) => void;
}

export class DeviceStream implements SenderEnd {
  readonly stream: string;
  readonly transport = 'spice';
  readonly #options: DeviceStreamOptions;
  /** As they were before a client made us take another encoder, and that encoder. */
  #before: { readonly settings: Settings; readonly encoder: string; readonly standIn: string } | null = null;

  /** @throws UserError where there is no such device */
  constructor(options: DeviceStreamOptions) {
    checkDevice(options.device);
    this.stream = options.stream;
    this.#options = options;
  }

  connect(events: SenderLinkEvents): SenderLink {
    return new DeviceLink({ path: this.#options.device, onCodecs: (codecs) => this.#choose(codecs) }, events);
  }

  async #choose(codecs: readonly string[]): Promise<void> {
    const { encoders, tell } = this.#options;
    const settings = this.#options.settings();
    const before = this.#before?.standIn === settings.encoder ? this.#before : null;
    const wanted = before?.encoder ?? settings.encoder;
    const encoder = encoderFor(wanted, codecs, encoders);
    if (encoder === settings.encoder) return;
    if (encoder === null) {
      tell(noneMade(codecs));
      return;
    }
    if (before !== null && encoder === wanted) {
      this.#before = null;
      await settings.control(backTo(before.settings, settings.wanted));
      return;
    }
    this.#before = { settings: before?.settings ?? settings.wanted, encoder: wanted, standIn: encoder };
    const codec = encoders.find(({ name }) => name === wanted)!.codec;
    tell(`the client does not show ${spiceCodec(codec)}: ${encoder} takes the place of ${wanted}`);
    const [result] = await settings.control({ encoder });
    if (result?.how === 'refused') tell(`nothing is sent: ${result.note}`);
  }
}

function noneMade(codecs: readonly string[]): string {
  if (codecs.length === 0)
    return 'nothing is sent: the server asked for a codec of a number that we do not know: connect a client that shows h264, vp8, mjpeg, vp9 or h265';
  return `nothing is sent: the client shows ${codecs.join(', ')}, for which no encoder is here`;
}

/** The changes that bring settings back. */
function backTo(before: Settings, now: Settings): Record<string, Settings[string] | null> {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  return Object.fromEntries(
    [...names].filter((name) => before[name] !== now[name]).map((name) => [name, before[name] ?? null]),
  );
}
