// Which ffmpeg executable can compute VMAF: found by asking it for its filter.

import { runChild } from '#system/child-process';

/** Such a question is answered at once. */
const ANSWER_TIMEOUT_MS = 20_000;

export interface VmafEngine {
  readonly ffmpeg: string;
  /** Of FFmpeg, as it tells it: `7.0.2-static`. */
  readonly version: string;
}

/**
 * The first of the executables (paths, or names on the PATH) that has the filter libvmaf.
 * @returns the reason where none has
 */
export async function findVmafEngine(candidates: readonly string[]): Promise<VmafEngine | { reason: string }> {
  const reasons: string[] = [];
  for (const ffmpeg of candidates) {
    const found = await askForVmaf(ffmpeg);
    if ('version' in found) return { ffmpeg, version: found.version };
    reasons.push(`${ffmpeg} ${found.reason}`);
  }
  return { reason: reasons.length > 0 ? reasons.join(', ') : 'no ffmpeg executable is named' };
}

/** Version of FFmpeg and the model that its libvmaf takes by itself. */
export async function askForVmaf(
  ffmpeg: string,
): Promise<{ readonly version: string; readonly defaultModel: string | null } | { readonly reason: string }> {
  const [help, version] = await Promise.all(
    [['-hide_banner', '-h', 'filter=libvmaf'], ['-version']].map((args) =>
      runChild(ffmpeg, args, { timeoutMs: ANSWER_TIMEOUT_MS }),
    ),
  );
  if (help!.end === 'not-started')
    return { reason: `can't be started: ${help!.cause?.message ?? 'no reason is known'}` };
  if (help!.code !== 0 || !/^Filter libvmaf$/m.test(help!.stdout)) return { reason: 'has no filter libvmaf' };
  return {
    version: /^ffmpeg version (\S+)/m.exec(version!.stdout)?.[1] ?? 'of unknown version',
    defaultModel: /\bmodel\b.*\(default "(?:version=)?([^"]+)"\)/.exec(help!.stdout)?.[1] ?? null,
  };
}
