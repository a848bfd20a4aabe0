// Checks of `doctor`: which vector instructions the CPU has and the builds of encoders do not use.

import type { Check } from '#core/check';
import { BUNDLED_ENGINE, PATH_ENGINE, type EngineSetting } from '#core/engine';
import { UserError } from '#core/user-error';
import { compareLevels, type VectorLevel } from '#core/vector-level';
import { ownCpuFeatures, vectorLevelOf } from '#measure/cpu-features';
import { discoverEncoders } from '#media/encoders';
import { engineOf } from '#media/engine';
import { vectorUse, type VectorUse } from '#media/vector-use';

/**
 * One for the bundled engine, and one for the ffmpeg on the PATH where there is one.
 * @param cacheFolder of the lab, where it is kept which encoders work
 */
export async function vectorChecks(cacheFolder: string): Promise<Check[]> {
  const level = vectorLevelOf(ownCpuFeatures());
  const options = { cacheFolder };
  const checks = [
    vectorUseCheck('bundled', await vectorUse(BUNDLED_ENGINE, null, await discoverEncoders(options), level), level),
  ];
  const ffmpeg = await ofFfmpeg(PATH_ENGINE, options, level);
  return ffmpeg === null ? checks : [...checks, vectorUseCheck('ffmpeg', ffmpeg, level)];
}

async function ofFfmpeg(
  setting: EngineSetting,
  options: { readonly cacheFolder: string },
  level: VectorLevel | null,
): Promise<VectorUse[] | null> {
  try {
    const engine = engineOf(setting);
    const { path } = await engine.describe();
    return path === null ? null : await vectorUse(setting, path, await engine.discover(options), level);
  } catch (error) {
    // That there is none is told by a check of its own.
    if (error instanceof UserError) return null;
    throw error;
  }
}

/** What the encoders of an engine use, against what the CPU has. */
export function vectorUseCheck(engine: string, uses: readonly VectorUse[], level: VectorLevel | null): Check {
  const name = `vectors, ${engine}`;
  const told = uses.filter((use) => use.level !== null);
  if (told.length === 0) return { name, ok: null, detail: 'not known: no encoder of it tells' };
  const detail = told.map((use) => `${use.encoder} ${use.level}`).join(', ');
  if (level === null) return { name, ok: null, detail: `${detail}; what the CPU has is not known` };
  const narrow = told.filter((use) => compareLevels(use.level!, level) < 0);
  if (narrow.length === 0) return { name, ok: true, detail: `${detail}: all that this CPU has` };
  const hasAvx2 = told.every((use) => compareLevels(use.level!, 'avx2') >= 0);
  return {
    name,
    ok: level === 'avx512' && hasAvx2 ? null : false,
    detail: `${detail}; the CPU has ${level}`,
    todo: remedies(narrow).join('; '),
  };
}

/** Without its assembly a build is several times slower; AVX-512 alone is worth less, and some leave it out by default. */
function remedies(narrow: readonly VectorUse[]): string[] {
  const withoutAvx512 = narrow.filter(isOnlyWithoutAvx512);
  const slow = narrow.filter((use) => !isOnlyWithoutAvx512(use) && typeof use.switchedOnBy !== 'string');
  const lacking = withoutAvx512.filter(({ switchedOnBy }) => switchedOnBy === null);
  const untried = withoutAvx512.filter(({ switchedOnBy }) => switchedOnBy === undefined);
  const named = (uses: readonly VectorUse[]) => uses.map(({ encoder }) => encoder).join(', ');
  return [
    ...(slow.length > 0
      ? [`${named(slow)}: a build with its assembly (nasm at build time) is several times faster`]
      : []),
    ...narrow.flatMap(({ encoder, switchedOnBy }) =>
      typeof switchedOnBy === 'string'
        ? [
            `${encoder}: ${switchedOnBy} switches AVX-512 on: as a level of its own in examples/vector-levels.yaml it shows whether it pays`,
          ]
        : [],
    ),
    ...(lacking.length > 0
      ? [`${named(lacking)}: asking for AVX-512 changes nothing, this build lacks it: another build may have it`]
      : []),
    ...(untried.length > 0 ? [`${named(untried)}: AVX-512 was not tried`] : []),
  ];
}

function isOnlyWithoutAvx512({ level }: VectorUse): boolean {
  return compareLevels(level!, 'avx2') >= 0;
}
