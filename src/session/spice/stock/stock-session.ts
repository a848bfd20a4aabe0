// A real SPICE session on this machine with nothing of ours in it: Xorg with spiceqxl as the server, spicy on an Xvfb as the client,
// and ffplay as what moves on the screen. Displays and ports are free ones; all of it ends together.

import { rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { UserError } from '#core/user-error';
import { tracerVariables } from '../gst-latency.ts';
import { makeStockFolder } from './stock-folder.ts';
import { missingStockFiles, StockProgram } from './stock-program.ts';
import { xorgConfig } from './xorg-config.ts';

/** Besides the remote screen a client's window has its menu, tools and status. */
const CLIENT_BORDER = { width: 40, height: 160 };

export interface StockSettings {
  /** Of the screen; one that X knows: 640x480, 800x600, 1024x768. */
  readonly width: number;
  readonly height: number;
  /** In the server's words, the best first: `spice:mjpeg;gstreamer:vp8`. */
  readonly codecs: string;
  /** Whether GStreamer tells the time in each element of server and client. */
  readonly latency: boolean;
  /** Where the server listens, on 127.0.0.1; a free port where none is named. */
  readonly port?: number | undefined;
}

/** The logs that GStreamer writes; null where they were not asked for. */
export interface LatencyLogs {
  readonly server: string;
  readonly client: string;
}

export class StockSession {
  readonly settings: StockSettings;
  /** Where its server listens, on 127.0.0.1. */
  readonly port: number;
  readonly logs: LatencyLogs | null;
  readonly #folder: string;
  readonly #programs: StockProgram[] = [];

  private constructor(settings: StockSettings, folder: string, port: number) {
    this.settings = settings;
    this.#folder = folder;
    this.port = port;
    this.logs = settings.latency
      ? { server: join(folder, 'server-gst.log'), client: join(folder, 'client-gst.log') }
      : null;
  }

  /**
   * Starts the server.
   * @throws UserError where a program is missing or does not get ready
   */
  static async start(settings: StockSettings): Promise<StockSession> {
    const missing = missingStockFiles();
    if (missing.length > 0)
      throw new UserError({ what: `missing: ${missing.join(', ')}`, todo: 'Install them with apt-get.' });
    const session = new StockSession(settings, await makeStockFolder(), settings.port ?? (await freePort()));
    try {
      await session.#startServer();
    } catch (error) {
      await session.end();
      throw error;
    }
    return session;
  }

  get server(): StockProgram | undefined {
    return this.#programs.find(({ name }) => name === 'server');
  }

  get client(): StockProgram | undefined {
    return this.#programs.find(({ name }) => name === 'client');
  }

  /** `:21`: what the server shows. */
  get serverDisplay(): string {
    return `:${this.server!.display}`;
  }

  /** What the client's screen shows: its window at the top left. */
  get clientDisplay(): string {
    return `:${this.#programs.find(({ name }) => name === 'client display')!.display}`;
  }

  get clientScreen(): { readonly width: number; readonly height: number } {
    const { width, height } = this.settings;
    return { width: width + CLIENT_BORDER.width, height: height + CLIENT_BORDER.height };
  }

  /** Starts the client. @param port of the tap, or of the server itself */
  async startClient(port: number, host = '127.0.0.1'): Promise<void> {
    const old = this.client;
    if (old !== undefined) await this.#stop(old);
    if (this.#programs.every(({ name }) => name !== 'client display')) {
      const { width, height } = this.clientScreen;
      const screen = ['-displayfd', '3', '-screen', '0', `${width}x${height}x24`, '-nolisten', 'tcp', '-noreset'];
      const display = this.#start('client display', '/usr/bin/Xvfb', screen, {});
      await display.until('a display', () => display.display !== null);
    }
    this.#start('client', '/usr/bin/spicy', ['-h', host, '-p', String(port)], {
      DISPLAY: this.clientDisplay,
      SPICE_NOGRAB: '1',
      GDK_BACKEND: 'x11',
      NO_AT_BRIDGE: '1',
      ...(this.logs === null ? {} : tracerVariables(this.logs.client)),
    });
  }

  /** Plays something on the server's screen. @param input of ffplay: a file, or `-f lavfi testsrc2=…` */
  play(input: readonly string[]): void {
    const { width, height } = this.settings;
    const place = ['-left', '0', '-top', '0', '-x', String(width), '-y', String(height), '-noborder'];
    const args = ['-v', 'error', '-an', '-loop', '0', ...place, ...input];
    this.#start('picture', '/usr/bin/ffplay', args, { DISPLAY: this.serverDisplay, SDL_VIDEODRIVER: 'x11' });
  }

  /** Why one of its programs is gone; null while all run. */
  get broken(): string | null {
    const gone = this.#programs.find(({ ended }) => ended !== null);
    return gone === undefined ? null : `${gone.name} ended: ${gone.ended}`;
  }

  /** CPU seconds so far, by program. */
  cpuSeconds(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#programs.map((program) => [program.name, program.cpuSeconds()]));
  }

  async stopClient(): Promise<void> {
    if (this.client !== undefined) await this.#stop(this.client);
  }

  async end(): Promise<void> {
    for (const program of this.#programs.toReversed()) await program.end();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #stop(program: StockProgram): Promise<void> {
    await program.end();
    this.#programs.splice(this.#programs.indexOf(program), 1);
  }

  async #startServer(): Promise<void> {
    const config = join(this.#folder, 'xorg.conf');
    await writeFile(config, xorgConfig({ ...this.settings, port: this.port }));
    const log = join(this.#folder, 'xorg.log');
    const args = ['-config', config, '-noreset', '-nolisten', 'tcp', '-displayfd', '3', '-logfile', log];
    const server = this.#start('server', '/usr/lib/xorg/Xorg', args, {
      XSPICE_PORT: String(this.port),
      XSPICE_DISABLE_TICKETING: '1',
      XSPICE_STREAMING_VIDEO: 'all',
      XSPICE_VIDEO_CODECS: this.settings.codecs,
      XSPICE_DEFERRED_FPS: '30',
      ...(this.logs === null ? {} : tracerVariables(this.logs.server)),
    });
    await server.until('a display', () => server.display !== null);
    await server.until('its SPICE port', () => answers(this.port));
  }

  #start(name: string, command: string, args: readonly string[], env: Readonly<Record<string, string>>): StockProgram {
    const program = new StockProgram(name, command, args, env);
    this.#programs.push(program);
    return program;
  }
}

/** A port that is free now: the SPICE server must be told one. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Whether somebody listens there. */
export function answers(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
