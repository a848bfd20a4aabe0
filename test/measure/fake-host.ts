// A host of files and programs that a test writes: the folders stand for /proc, /sys, /dev and the PATH, and time passes when told.

import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ProbePlace } from '#measure/probe';

export interface FakeHost {
  readonly folder: string;
  readonly place: ProbePlace;
  /** Writes a file: `proc/stat`, `sys/class/powercap/intel-rapl:0/name`. */
  write(path: string, text: string): void;
  link(path: string, target: string): void;
  /** Puts a shell script of that name on the PATH. */
  program(name: string, script: string): string;
  take(path: string): void;
  /** Lets seconds pass. */
  pass(seconds: number): void;
  /** A process with a DRM device open, and what its fdinfo tells. */
  openDevice(pid: number, descriptor: number, fdinfo: string, node?: string): void;
  /** A PCI card of a driver under /sys/class/drm; `files` lie below its folder. */
  card(name: string, driver: string, address: string, vendor: string, files?: Readonly<Record<string, string>>): void;
  remove(): void;
}

/** @param clock the place's; without one time passes when told */
export function fakeHost(clock?: () => number): FakeHost {
  const folder = mkdtempSync(join(tmpdir(), 'host-'));
  for (const one of ['proc', 'sys', 'dev', 'bin']) mkdirSync(join(folder, one));
  let nowUs = 10_000_000;
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const link = (path: string, target: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    rmSync(join(folder, path), { force: true });
    symlinkSync(target, join(folder, path));
  };
  return {
    folder,
    place: {
      proc: join(folder, 'proc'),
      sys: join(folder, 'sys'),
      dev: join(folder, 'dev'),
      path: join(folder, 'bin'),
      clock: clock ?? (() => nowUs),
    },
    write,
    link,
    program: (name, script) => {
      const path = join(folder, 'bin', name);
      writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      return path;
    },
    take: (path) => rmSync(join(folder, path), { recursive: true }),
    pass: (seconds) => (nowUs += seconds * 1e6),
    openDevice: (pid, descriptor, fdinfo, node = 'dri/renderD128') => {
      write(`dev/${node}`, '');
      link(`proc/${pid}/fd/${descriptor}`, join(folder, 'dev', node));
      write(`proc/${pid}/fdinfo/${descriptor}`, fdinfo);
    },
    card: (name, driver, address, vendor, files = {}) => {
      const device = `sys/devices/pci0000:00/${address}`;
      write(`${device}/vendor`, `${vendor}\n`);
      link(`${device}/driver`, `../../../bus/pci/drivers/${driver}`);
      link(`sys/class/drm/${name}/device`, join(folder, device));
      for (const [path, text] of Object.entries(files)) write(`sys/class/drm/${name}/${path}`, text);
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** Descriptors that this process has open below a folder: a closed probe leaves none. */
export function openBelow(folder: string, linkOf: (path: string) => string): string[] {
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      const target = linkOf(`/proc/self/fd/${descriptor}`);
      return target.startsWith(folder) ? [target] : [];
    } catch {
      // The descriptor of this very listing.
      return [];
    }
  });
}
