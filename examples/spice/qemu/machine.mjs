// The virtual machine: QEMU with its stock SPICE server and a stream device, and a small guest that runs one of the scripts here.

import { join } from 'node:path';
import { home, run, scratch, start } from './programs.mjs';

/** The guest's first frame is there in this time, milliseconds: without KVM it takes half a minute on two idle cores, minutes on busy ones. */
export const BOOT_MS = 480_000;
const STREAM_PORT = 'org.spice-space.stream.0';

/**
 * Makes kernel and initramfs, and starts the machine.
 * @param {object} options
 * @param {number} options.port of the SPICE server
 * @param {string} options.script of this folder, which the guest runs
 * @param {string} options.log file that the guest's console goes to
 * @param {string[][]} [options.devices] further arguments of QEMU
 */
export async function startMachine({ port, script, log, devices = [] }) {
  const built = await run(process.execPath, [join(home, 'scripts', 'build-guest.mjs'), scratch]);
  if (built !== 0) throw new Error('the guest was not built');
  const words = [`encodelab.home=${home}`, `encodelab.script=${script}`];
  const args = [
    ['-accel', 'tcg,thread=multi', '-M', 'pc', '-cpu', 'max', '-smp', '2', '-m', '1536'],
    ['-nodefaults', '-vga', 'none', '-display', 'none', '-no-reboot'],
    ['-kernel', join(scratch, 'vmlinuz'), '-initrd', join(scratch, 'initramfs.gz')],
    // The kernel's trial of its timer fails where the emulated processor gets no time meanwhile.
    ['-append', `console=ttyS0 quiet panic=-1 no_timer_check ${words.join(' ')}`],
    ['-chardev', `file,id=log,path=${log}`, '-serial', 'chardev:log'],
    ['-fsdev', 'local,id=host,path=/,security_model=none,readonly=on,multidevs=remap'],
    ['-device', 'virtio-9p-pci,fsdev=host,mount_tag=host'],
    ['-device', 'virtio-serial-pci'],
    ['-chardev', `spiceport,id=stream,name=${STREAM_PORT}`],
    ['-device', `virtserialport,chardev=stream,name=${STREAM_PORT}`],
    ['-spice', `port=${port},addr=127.0.0.1,disable-ticketing=on`],
    ...devices,
  ].flat();
  return start('qemu-system-x86_64', args, 'the virtual machine');
}
