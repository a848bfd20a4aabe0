// encodelab spice guest: our encoder inside of a virtual machine, its frames handed to the SPICE server through the stream device.

import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import type { SettingValue } from '#core/settings';
import { UserError } from '#core/user-error';
import { checkDevice } from '#session/spice/stream-device/device-end';
import { startPart } from '#session/start-part';
import { parseChanges } from './control.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { onInterrupt } from './interrupt.ts';
import type { SetExitCode } from './program.ts';
import { GuestEvents, GuestSummary } from './spice-guest-report.ts';

interface GuestOptions {
  readonly device: string;
  readonly source: string;
  readonly json?: true;
}

const DEFAULT_DEVICE = '/dev/virtio-ports/org.spice-space.stream.0';
/** How often the stream is told, milliseconds. */
const TELL_MS = 1_000;

export function addSpiceGuestCommand(spice: Command, setExitCode: SetExitCode): void {
  spice
    .command('guest')
    .description('in a virtual machine: capture, encode, and hand the frames to its SPICE server')
    .argument(
      '[setting...]',
      'name=value: encoder, bitrate, gop, framerate, resolution, and any parameter of the encoder',
    )
    .option('--device <path>', 'stream device of the SPICE server', DEFAULT_DEVICE)
    .requiredOption('--source <source>', 'x11:DISPLAY, a file, lavfi:GRAPH, v4l2:DEVICE or kms:DEVICE')
    .option('--json', 'print one JSON object a line for each event: frame, step, running, message, changed')
    .addHelpText(
      'after',
      '\nWhile it runs, lines on its standard input change it: `bitrate=1M gop=30`, `encoder=libvpx`, `preset=` (the default), `keyframe`.\n\nExamples:\n  encodelab spice guest --source x11::0 bitrate=2M\n  encodelab spice guest --source x11::0 encoder=libvpx framerate=15 --json > frames.jsonl',
    )
    .action(async (settings: string[], options: GuestOptions) => setExitCode(await runGuest(settings, options)));
}

async function runGuest(words: readonly string[], { device, source, json }: GuestOptions): Promise<ExitCode> {
  checkDevice(device);
  const changes = Object.entries(parseChanges(words)).filter(
    (entry): entry is [string, SettingValue] => entry[1] !== null,
  );
  const told = json === true ? new GuestEvents() : new GuestSummary();
  const part = startPart(
    {
      part: 'sender',
      session: 'guest',
      stream: 'video',
      role: 'guest',
      settings: { ...Object.fromEntries(changes), source },
      transport: 'tcp',
      relay: { host: '', port: 0 },
      token: '',
      device,
    },
    told,
  );
  const tell = setInterval(() => told.tell(), TELL_MS);
  const change = async (line: string) => {
    try {
      if (line.trim() === 'keyframe') await part.command('keyframe', {});
      else if (line.trim() !== '')
        told.changed(await part.command('control', { changes: parseChanges(line.trim().split(/\s+/)) }));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      told.message(error.message);
    }
  };
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => void change(line));
  const interrupt = onInterrupt(() => {});
  interrupt.drain.addEventListener('abort', () => void part.command('stop', {}).catch(() => part.kill()));
  const { ok, reason } = await part.result;
  interrupt.release();
  clearInterval(tell);
  lines.close();
  process.stdin.unref?.();
  told.end();
  if (!ok) throw new UserError({ what: reason ?? 'the sender ended', where: source });
  return EXIT.ok;
}
