// One program of a stock SPICE session: started in a group of its own, watched, and ended with all that it started.

import { accessSync, constants, readFileSync } from 'node:fs';
import { UserError } from '#core/user-error';
import { startChild, type RunningChild } from '#system/child-process';

/** How long a program may take until it is ready, milliseconds: machines have much else to do. */
const READY_LIMIT_MS = 60_000;
const POLL_MS = 25;
/** USER_HZ (proc_pid_stat(5)). */
const TICKS_PER_SECOND = 100;

/** What a session is made of: where each program or plugin lies, and Debian's package. */
const STOCK_FILES: readonly { readonly files: readonly string[]; readonly package: string }[] = [
  { files: ['/usr/lib/xorg/Xorg'], package: 'xserver-xorg-core' },
  { files: ['/usr/lib/xorg/modules/drivers/spiceqxl_drv.so'], package: 'xserver-xspice' },
  { files: ['/usr/bin/Xvfb'], package: 'xvfb' },
  { files: ['/usr/bin/spicy'], package: 'spice-client-gtk' },
  { files: ['/usr/bin/ffplay'], package: 'ffmpeg' },
  // Without them server and client offer fewer codecs, and say so to nobody.
  { files: gstreamerPlugin('vpx'), package: 'gstreamer1.0-plugins-good' },
  { files: gstreamerPlugin('videoparsersbad'), package: 'gstreamer1.0-plugins-bad' },
  { files: gstreamerPlugin('x264'), package: 'gstreamer1.0-plugins-ugly' },
  { files: gstreamerPlugin('libav'), package: 'gstreamer1.0-libav' },
];

/** Files that are missing here, each with the package that brings it. */
export function missingStockFiles(): readonly string[] {
  return STOCK_FILES.filter(({ files }) => !files.some(isReadable)).map(
    ({ files, package: from }) => `${files[0]} (package ${from})`,
  );
}

/** Where Debian keeps a plugin, by architecture. */
function gstreamerPlugin(name: string): readonly string[] {
  return ['x86_64', 'aarch64'].map((cpu) => `/usr/lib/${cpu}-linux-gnu/gstreamer-1.0/libgst${name}.so`);
}

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

export class StockProgram {
  readonly name: string;
  readonly #child: RunningChild;
  #end: string | null = null;
  #channel = '';

  constructor(name: string, command: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    this.name = name;
    this.#child = startChild(command, args, { env: { ...process.env, ...env }, channel: true });
    this.#child.channel?.setEncoding('utf8').on('data', (text: string) => (this.#channel += text));
    void this.#child.result.then(({ end, code, signal, stderr }) => {
      this.#end = `${end} ${code ?? signal ?? ''}: ${stderr.trim().split('\n').slice(-5).join(' / ')}`;
    });
  }

  /** Undefined where it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** How it ended; null while it runs. */
  get ended(): string | null {
    return this.#end;
  }

  /** The number of the display that an X server said on descriptor 3 (`-displayfd`); null before. */
  get display(): number | null {
    const said = /^(\d+)\n/.exec(this.#channel);
    return said === null ? null : Number(said[1]);
  }

  /** CPU seconds of all its threads since it began; NaN where it is gone. */
  cpuSeconds(): number {
    try {
      const stat = readFileSync(`/proc/${this.#child.pid}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    } catch {
      return NaN;
    }
  }

  /** @throws UserError where it ends before, or does not get there within a minute */
  async until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    const limitMs = performance.now() + READY_LIMIT_MS;
    while (!(await holds())) {
      const why = this.#end ?? (performance.now() > limitMs ? 'it takes too long' : null);
      if (why !== null) throw new UserError({ what: `${this.name}: ${what} did not come about: ${why}` });
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async end(): Promise<void> {
    this.#child.end();
    await this.#child.result;
  }
}
