// The machine that a run had, read once before it.

import os from 'node:os';
import type { Environment } from '#core/environment';
import { containerLimits, ownCgroups, textOf } from './own-cgroup.ts';

/** Flags of /proc/cpuinfo that choose an encoder's code path: x86's vector sets and bit manipulation, ARM's vector sets. */
const VECTOR_FEATURE =
  /^(mmx|mmxext|sse|sse2|pni|sse3|ssse3|sse4_1|sse4_2|sse4a|avx|avx2|avx512\w*|avx_vnni\w*|avx10\w*|amx_\w+|fma|fma4|xop|f16c|bmi1|bmi2|popcnt|abm|gfni|vaes|vpclmulqdq|neon|asimd\w*|sve\w*|sme(?!p)\w*|i8mm|bf16|crc32)$/;

/**
 * Reads the environment. What can't be read is null (a list is empty); nothing is guessed and nothing throws. On systems without /proc
 * it is what Node tells.
 * @param versions of programs by name: `node`, `ffmpeg`, `encodelab`
 */
export async function readEnvironment(versions: Readonly<Record<string, string>>): Promise<Environment> {
  const cpuinfo = parseCpuinfo(textOf('/proc/cpuinfo') ?? '');
  const cpus = os.cpus();
  const cpufreq = '/sys/devices/system/cpu/cpu0/cpufreq';
  const maxKhz = Number(textOf(`${cpufreq}/cpuinfo_max_freq`) ?? NaN);
  return {
    host: os.hostname(),
    os: prettyName(textOf('/etc/os-release') ?? textOf('/usr/lib/os-release')) ?? os.version(),
    kernel: os.release(),
    arch: process.arch,
    cpu: {
      // Node says `unknown` on ARM, where the model stands nowhere but in numbers.
      model: cpuinfo.model ?? cpus[0]?.model.trim() ?? 'unknown',
      cores: cpus.length > 0 ? cpus.length : os.availableParallelism(),
      features: cpuinfo.features,
      governor: textOf(`${cpufreq}/scaling_governor`)?.trim() ?? null,
      maxFrequency: maxKhz > 0 ? maxKhz * 1000 : null,
      microcode: cpuinfo.microcode,
      hypervisor: cpuinfo.hypervisor,
    },
    memory: os.totalmem(),
    container: containerLimits(ownCgroups()),
    versions,
  };
}

export interface CpuInfo {
  readonly model: string | null;
  /** In the kernel's order and names; `pni` is called `sse3`. */
  readonly features: readonly string[];
  readonly microcode: string | null;
  readonly hypervisor: boolean;
}

/** From the text of /proc/cpuinfo: its first core. */
export function parseCpuinfo(text: string): CpuInfo {
  const field = (name: string) => new RegExp(`^${name}\\s*:\\s*(.+)$`, 'm').exec(text)?.[1]?.trim() ?? null;
  const flags = (field('flags') ?? field('Features') ?? '').split(/\s+/);
  return {
    model: field('model name') ?? field('Model') ?? armModel(field('CPU implementer'), field('CPU part')),
    features: flags.filter((flag) => VECTOR_FEATURE.test(flag)).map((flag) => (flag === 'pni' ? 'sse3' : flag)),
    microcode: field('microcode'),
    hypervisor: flags.includes('hypervisor'),
  };
}

function armModel(implementer: string | null, part: string | null): string | null {
  return implementer === null || part === null ? null : `ARM implementer ${implementer} part ${part}`;
}

/** `Debian GNU/Linux 12 (bookworm)`; os-release(5). */
function prettyName(osRelease: string | null): string | null {
  return /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(osRelease ?? '')?.[1] ?? null;
}
