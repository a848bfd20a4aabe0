// What can be told of a whole GPU: the same names, whatever the source.

import type { Indicator } from '#core/indicator';

/** Unit and description of each. */
export const GPU_QUANTITIES = {
  busy: { unit: '1', description: 'share of the time in which it worked' },
  render: { unit: '1', description: 'share of the time in which its engines for drawing worked' },
  video: { unit: '1', description: 'share of the time in which its engines for video worked' },
  'video.enhance': { unit: '1', description: 'share of the time in which its engines for scaling video worked' },
  copy: { unit: '1', description: 'share of the time in which its engines for copies worked' },
  compute: { unit: '1', description: 'share of the time in which its engines for computing worked' },
  encoder: { unit: '1', description: 'share of the time in which its video encoders worked' },
  decoder: { unit: '1', description: 'share of the time in which its video decoders worked' },
  'encoder.sessions': { unit: '1', description: 'encodes that run on it' },
  'encoder.rate': { unit: 'frame/s', description: 'frames encoded, mean of its encodes' },
  'encoder.latency': { unit: 's', description: 'time to encode a frame, mean of its encodes' },
  memory: { unit: 'byte', description: 'memory of its own in use' },
  'memory.busy': { unit: '1', description: 'share of the time in which its memory was read or written' },
  frequency: { unit: 'Hz', description: 'frequency of its main engines; 0 while they sleep' },
  'frequency.video': { unit: 'Hz', description: 'frequency of its engines for video; 0 while they sleep' },
  power: { unit: 'W', description: 'its power' },
  temperature: { unit: '°C', description: 'its temperature' },
} as const;

export type GpuQuantity = keyof typeof GPU_QUANTITIES;

/**
 * The names of indicators that are given away already: where two sources tell the same of one GPU, the first that opens
 * tells it, and the other one leaves it out.
 */
export class GpuNames {
  readonly #taken = new Set<string>();
  readonly #several: boolean;

  /** @param gpus how many GPUs are measured: the names of several end with their position, `gpu.busy[1]` */
  constructor(gpus: number) {
    this.#several = gpus > 1;
  }

  /**
   * @param gpu its position
   * @param source for the description: `i915`, `nvidia-smi`
   * @returns null where another source tells it
   */
  take(quantity: GpuQuantity, gpu: number, source: string): Indicator | null {
    const name = this.#several ? `gpu.${quantity}[${gpu}]` : `gpu.${quantity}`;
    if (this.#taken.has(name)) return null;
    this.#taken.add(name);
    const { unit, description } = GPU_QUANTITIES[quantity];
    return { name, unit, description: `${this.#several ? `GPU ${gpu}: ` : ''}${description}; from ${source}` };
  }
}
