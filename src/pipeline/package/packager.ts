// Shaka Packager: the binary inside its npm package, run on a list of streams with keys that nobody else sees.

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { UserError } from '#core/user-error';
import { runChild } from '#system/child-process';

/** What any package may take, milliseconds, and what each byte of input adds: a busy disk copies 2 MB/s at the least. */
const BASE_TIMEOUT_MS = 120_000;
const MIN_BYTES_PER_MS = 2_000;

/** Names of the binaries, by platform and processor as Node calls them. */
const BINARIES: Readonly<Record<string, string>> = {
  'linux-x64': 'packager-linux-x64',
  'linux-arm64': 'packager-linux-arm64',
  'darwin-x64': 'packager-osx-x64',
  'darwin-arm64': 'packager-osx-arm64',
};

export interface PackagerJob {
  readonly streams: readonly string[];
  readonly options: readonly string[];
  /** Value of the option `keys`; null for a package in the clear. */
  readonly keys: string | null;
  /** Words that must not come back in an error. */
  readonly secrets: readonly string[];
  /** Folder that all paths are relative to. */
  readonly folder: string;
  /** Of all inputs: what the time limit is made of. */
  readonly inputBytes: number;
  readonly signal: AbortSignal;
}

/** @throws UserError where there is none for this machine */
export function packagerPath(platform: string = process.platform, arch: string = process.arch): string {
  const name = BINARIES[`${platform}-${arch}`];
  if (name === undefined)
    throw new UserError({
      what: `titles can't be packaged on ${platform} ${arch}: Shaka Packager has no binary for it`,
    });
  // The binary itself: the package's own wrapper waits for it and blocks.
  return join(dirname(createRequire(import.meta.url).resolve('shaka-packager/package.json')), 'bin', name);
}

/**
 * Packages, and ends by itself: in time, or killed. Keys go in its environment, which only its user can read; argument
 * lists can be read by everybody on the machine.
 * @throws Error with the end of its log where it fails, keys taken out
 */
export async function runPackager(job: PackagerJob): Promise<void> {
  const { LANG } = process.env;
  const result = await runChild(
    packagerPath(),
    ['--quiet', ...(job.keys === null ? [] : ['--fromenv=keys']), ...job.options, ...job.streams],
    {
      cwd: job.folder,
      // It renames its temporary files into their places: on another file system than theirs that fails.
      env: { LANG, TMPDIR: job.folder, ...(job.keys === null ? {} : { FLAGS_keys: job.keys }) },
      timeoutMs: BASE_TIMEOUT_MS + job.inputBytes / MIN_BYTES_PER_MS,
      signal: job.signal,
    },
  );
  if (result.end === 'exited' && result.code === 0) return;
  job.signal.throwIfAborted();
  const log = withoutSecrets(`${result.stdout}\n${result.stderr}`.trim(), job.secrets);
  const how =
    result.end === 'timeout'
      ? 'was killed: it took too long'
      : result.end === 'not-started'
        ? `could not be started: ${result.cause?.message ?? ''}`
        : `ended with ${result.code ?? result.signal}`;
  throw new Error(`the packager ${how}\n${log}`);
}

function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((left, secret) => left.replaceAll(new RegExp(secret, 'gi'), '…'), text);
}
