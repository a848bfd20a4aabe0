// The machine and the programs that a run had: what a later reader needs to judge whether two runs may be compared.

/** A fact that could not be read is null, never a guess. */
export interface Environment {
  readonly host: string;
  readonly os: string;
  readonly kernel: string;
  readonly arch: string;
  readonly cpu: {
    readonly model: string;
    readonly cores: number;
    /** Vector features that encoders use: `sse4_2`, `avx2`, `avx512bw`, `neon` … */
    readonly features: readonly string[];
    readonly governor: string | null;
    /** Hz. */
    readonly maxFrequency: number | null;
    readonly microcode: string | null;
    readonly hypervisor: boolean;
  };
  /** Bytes. */
  readonly memory: number;
  readonly container: {
    /** Cores that a quota allows; null where there is none. */
    readonly cpuQuota: number | null;
    /** Bytes; null where there is none. */
    readonly memoryLimit: number | null;
  };
  /** Versions by program: `node`, `ffmpeg` (of the engine), `encodelab`. */
  readonly versions: Readonly<Record<string, string>>;
}
