// encodelab doctor: what this machine can measure and run, and what to do about the rest.

import { styleText } from 'node:util';
import type { Command } from 'commander';
import type { Check } from '#core/check';
import { PATH_ENGINE } from '#core/engine';
import { UserError } from '#core/user-error';
import { cpuFeatureCheck, ownCpuFeatures } from '#measure/cpu-features';
import { measureChecks } from '#measure/measure-checks';
import { speedFacts } from '#measure/speed-facts';
import { describeBundled, discoverEncoders } from '#media/encoders';
import { engineOf } from '#media/engine';
import { findVmafEngine } from '#media/quality/measure-quality';
import { perfRights } from '#perf/record/perf-rights';
import { EXIT } from './exit-code.ts';
import { labOption } from './lab-option.ts';
import type { SetExitCode } from './program.ts';
import { vectorChecks } from './vector-checks.ts';
import { withLab } from './with-lab.ts';

export function addDoctorCommand(program: Command, setExitCode: SetExitCode): void {
  program
    .command('doctor')
    .description('tell what this machine can measure and run, and what to do about the rest')
    .option('--json', 'print one JSON object a line for each check')
    .addOption(labOption())
    .action(async (options: { json?: true; lab: string }) => {
      // Each encoder is tried once, and remembered.
      if (process.stderr.isTTY)
        console.error('trying each encoder, measuring quality, asking perf: some 20 s the first time …');
      const checks = [
        await checkNode(),
        ...(await checkLab(options.lab)),
        await checkFfmpeg(),
        await checkVmaf(),
        await checkProfile(),
        ...(await measureChecks()),
        cpuFeatureCheck(ownCpuFeatures()),
        ...speedFacts(),
      ];
      for (const check of checks) console.log(options.json === true ? JSON.stringify(check) : checkText(check));
      if (checks.some(({ ok }) => ok === false)) setExitCode(EXIT.failed);
    });
}

async function checkNode(): Promise<Check> {
  return { name: 'Node', ok: true, detail: `${process.versions.node}, ${process.platform} ${process.arch}` };
}

async function checkLab(path: string): Promise<Check[]> {
  try {
    return await withLab(path, async (lab) => {
      const engine = await describeBundled();
      const encoders = await discoverEncoders({ cacheFolder: lab.cacheFolder });
      const working = encoders.filter(({ available }) => available);
      const hardware = encoders.filter((encoder) => encoder.hardware);
      return [
        { name: 'lab', ok: true, detail: `${lab.path} can be written` },
        {
          name: 'engine',
          ok: working.length > 0,
          detail: `bundled: FFmpeg ${engine.version}, ${working.length} encoders work`,
        },
        {
          name: 'hardware',
          ok: null,
          detail: hardware.some(({ available }) => available)
            ? `works: ${hardware.flatMap(({ name, available }) => (available ? [name] : [])).join(', ')}`
            : `none of ${hardware.length} hardware encoders works here: encodelab encoders --all tells why`,
        },
        ...(await vectorChecks(lab.cacheFolder)),
      ];
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.problems.map(({ what, where, todo }) => ({
      name: 'lab',
      ok: false,
      detail: `${where ?? ''}: ${what}`,
      ...(todo === undefined ? {} : { todo }),
    }));
  }
}

async function checkFfmpeg(): Promise<Check> {
  try {
    const { version, path, absent } = await engineOf(PATH_ENGINE).describe();
    const unknown = absent.length === 0 ? '' : `; ${absent.length} things it can't tell: docs/engines.md`;
    return { name: 'ffmpeg', ok: true, detail: `${version}, ${path}${unknown}` };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { what, where } = error.problems[0]!;
    const todo = 'apt-get install ffmpeg, or engine: {path: /opt/ffmpeg/bin/ffmpeg} in a benchmark';
    return { name: 'ffmpeg', ok: null, detail: `${where === undefined ? '' : `${where}: `}${what}`, todo };
  }
}

async function checkVmaf(): Promise<Check> {
  const found = await findVmafEngine([PATH_ENGINE]);
  if ('ffmpeg' in found) return { name: 'VMAF', ok: true, detail: `libvmaf in ${found.ffmpeg}` };
  const todo = 'quality: {metrics: [vmaf], vmaf_engine: /opt/ffmpeg/bin/ffmpeg} names another executable';
  return { name: 'VMAF', ok: null, detail: found.reason, todo };
}

async function checkProfile(): Promise<Check> {
  const name = 'profile';
  const { tool, scope, noSwitches, absent } = await perfRights();
  if (tool === null || scope === 'none')
    return { name, ok: null, detail: 'no profile can be taken', todo: absent.join('; ') };
  if (scope === 'system' && noSwitches === null)
    return { name, ok: true, detail: `${tool}: samples of all CPUs, and the scheduler's events` };
  const missing = [...absent, ...(noSwitches === null ? [] : [noSwitches])];
  const what = scope === 'system' ? 'samples of all CPUs' : 'samples of own processes only';
  return { name, ok: null, detail: `${tool}: ${what}`, todo: `missing: ${missing.join('; ')}` };
}

/** The mark says it in words as well: colour alone carries nothing. */
function checkText({ name, ok, detail, todo }: Check): string {
  const mark =
    ok === true ? styleText('green', 'ok  ') : ok === false ? styleText('red', 'no  ') : styleText('yellow', 'note');
  return `${mark}  ${name.padEnd(20)} ${detail}${todo === undefined ? '' : `\n${' '.repeat(27)}→ ${todo}`}`;
}
