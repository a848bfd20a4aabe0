// Bytes, rates and times as people write them in a workload: '2GB', '512MiB', '10Gbit/s', '45s'.

const BYTES: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};
const BITS: Readonly<Record<string, number>> = { bit: 1, kbit: 1e3, Mbit: 1e6, Gbit: 1e9 };
const SECONDS: Readonly<Record<string, number>> = { ms: 1e-3, s: 1, m: 60, min: 60, h: 3600, d: 86_400 };
const BITS_OF_BYTE = 8;

/** `2GB`, `512MiB`; null for anything else. */
export function parseBytes(text: string): number | null {
  return withUnit(text, BYTES);
}

/** `1.25GB/s`, `10Gbit/s`, `10Gbit`, in bytes a second; null for anything else. */
export function parseBytesPerSecond(text: string): number | null {
  const bits = withUnit(text.replace(/\/s$/, ''), BITS);
  if (bits !== null) return bits / BITS_OF_BYTE;
  return text.endsWith('/s') ? withUnit(text.slice(0, -2), BYTES) : null;
}

/** `45s`, `1.5h`, `300ms`, in seconds; null for anything else. */
export function parseSeconds(text: string): number | null {
  return withUnit(text, SECONDS);
}

/** A plain number, not negative. */
export function parsePlain(text: string): number | null {
  return withUnit(text, { '': 1 });
}

function withUnit(text: string, units: Readonly<Record<string, number>>): number | null {
  const match = /^(\d+(?:\.\d+)?|\.\d+)\s*([A-Za-z]*)$/.exec(text.trim());
  if (match === null || !Object.hasOwn(units, match[2]!)) return null;
  const value = Number((Number(match[1]) * units[match[2]!]!).toPrecision(15));
  return Number.isFinite(value) ? value : null;
}
