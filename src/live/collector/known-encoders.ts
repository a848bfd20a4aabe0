// Encoders that settings are checked against: looked for as they are named, since trying all of them takes seconds.

import type { EncoderInfo } from '#core/encoder';
import { formatSettingValue, type Settings } from '#core/settings';
import { DEFAULT_ENCODER } from '#session/session-settings';

export class KnownEncoders {
  readonly #discover: (only?: readonly string[]) => Promise<readonly EncoderInfo[]>;
  #known: readonly EncoderInfo[] = [];

  /** @param discover encoders of the bundled engine: those names, or all */
  constructor(discover: (only?: readonly string[]) => Promise<readonly EncoderInfo[]>) {
    this.#discover = discover;
  }

  /** With the one that these settings name, where there is one. */
  async withThatOf({ encoder = DEFAULT_ENCODER }: Settings): Promise<readonly EncoderInfo[]> {
    const name = formatSettingValue(encoder);
    if (this.#known.some((known) => known.name === name)) return this.#known;
    const found = await this.#discover([name]);
    this.#known = found.length > 0 ? [...this.#known, ...found] : await this.#discover();
    return this.#known;
  }

  parameters(name: string | undefined): EncoderInfo['parameters'] {
    return this.#known.find((encoder) => encoder.name === name)?.parameters ?? [];
  }
}
