// The GPUs of a host whose load some source can tell, in a fixed order; and all others, for `doctor`.

import { readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { codeOf } from '../held-file.ts';
import { textOf } from '../own-cgroup.ts';
import type { ProbePlace } from '../probe.ts';

export interface Gpu {
  /** Its kernel driver; null where it has none (a card that nobody drives). */
  readonly driver: string | null;
  /** PCI address, `0000:03:00.0`; null where it is not told. */
  readonly address: string | null;
  /** Its folder under /sys/class/drm, `card0`; null without one. */
  readonly card: string | null;
  /** Vendor's PCI number, `0x8086`; null where it is not told. */
  readonly vendor: string | null;
}

/** More are not looked at. */
const MAX_GPUS = 32;
const MEASURED_DRIVERS = ['i915', 'xe', 'amdgpu', 'nvidia'];

/** Those that get indicators; where there are several, an indicator's `[n]` is the position in here. */
export function measuredGpus(place: ProbePlace): Gpu[] {
  return listGpus(place).filter(({ driver }) => driver !== null && MEASURED_DRIVERS.includes(driver));
}

/**
 * By PCI address. NVIDIA's come from their device nodes, also where the system has a card of the same GPU: a container
 * sees the cards of its whole host, but may use only the nodes that it was given.
 */
export function listGpus(place: ProbePlace): Gpu[] {
  const cards = namesIn(`${place.sys}/class/drm`)
    .filter((name) => /^card\d+$/.test(name))
    .map((card) => gpuOfCard(place.sys, card));
  const others = cards.filter(({ driver }) => driver !== 'nvidia');
  return [...others, ...nvidiaGpus(place, cards)].toSorted(byAddress).slice(0, MAX_GPUS);
}

/** Those without an address come last, as they were listed. */
function byAddress(a: Gpu, b: Gpu): number {
  if (a.address === null || b.address === null) return Number(a.address === null) - Number(b.address === null);
  return a.address < b.address ? -1 : 1;
}

function gpuOfCard(sys: string, card: string): Gpu {
  const device = `${sys}/class/drm/${card}/device`;
  const address = basename(resolved(device) ?? '');
  return {
    driver: linkName(`${device}/driver`),
    address: /^[\da-f]+:[\da-f]{2}:[\da-f]{2}\.\d$/.test(address) ? address : null,
    card,
    vendor: textOf(`${device}/vendor`)?.trim() ?? null,
  };
}

/** /dev/nvidia0, /dev/nvidia1 …; the driver tells the address that belongs to each number. */
function nvidiaGpus(place: ProbePlace, cards: readonly Gpu[]): Gpu[] {
  const addresses = new Map<string, string>();
  const folder = `${place.proc}/driver/nvidia/gpus`;
  for (const address of namesIn(folder)) {
    const minor = /^Device Minor:\s*(\d+)/m.exec(textOf(`${folder}/${address}/information`) ?? '')?.[1];
    if (minor !== undefined) addresses.set(minor, address.toLowerCase());
  }
  return nvidiaNodes(place.dev).map((node) => {
    const address = addresses.get(node.slice('nvidia'.length)) ?? null;
    const card = address === null ? null : (cards.find((one) => one.address === address)?.card ?? null);
    return { driver: 'nvidia', address, card, vendor: '0x10de' };
  });
}

/** `nvidia0`, `nvidia1`. */
export function nvidiaNodes(dev: string): string[] {
  return namesIn(dev)
    .filter((name) => /^nvidia\d+$/.test(name))
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    codeOf(error);
    return [];
  }
}

function resolved(path: string): string | null {
  try {
    return realpathSync(path);
  } catch (error) {
    codeOf(error);
    return null;
  }
}

function linkName(path: string): string | null {
  try {
    return basename(readlinkSync(path));
  } catch (error) {
    codeOf(error);
    return null;
  }
}
