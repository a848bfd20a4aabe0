// Makes the kernel and the initramfs of the small guest in examples/spice/qemu/: Debian's kernel, a static busybox, the virtio
// modules and one script. All else the guest reads from this machine's own files, which it gets read-only.
// usage: node scripts/build-guest.mjs FOLDER

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Modules that the guest loads, each with all that it needs: its bus, its console ports, its network, and the host's files. */
const MODULES = ['virtio_pci', 'virtio_console', 'virtio_net', '9pnet_virtio', '9p'];
const BUSYBOX = ['/bin/busybox', '/usr/bin/busybox'];
const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const INIT = join(ROOT, 'examples', 'spice', 'qemu', 'init.sh');

const [folder] = process.argv.slice(2);
if (folder === undefined) fail('usage: node scripts/build-guest.mjs FOLDER');
mkdirSync(folder, { recursive: true });
const busybox = BUSYBOX.find((path) => existsSync(path)) ?? fail('no busybox: apt-get install busybox-static');
const scratch = mkdtempSync(join(tmpdir(), 'encodelab-guest-'));
try {
  const { image, modules } = findKernel() ?? fetchKernel();
  copyFileSync(image, join(folder, 'vmlinuz'));
  writeFileSync(join(folder, 'initramfs.gz'), initramfs(modules));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** A kernel of this machine that can do it; null where there is none. */
function findKernel(root = '/') {
  const boot = join(root, 'boot');
  for (const name of existsSync(boot) ? readdirSync(boot) : []) {
    if (!/^vmlinuz-.*amd64$/.test(name) || name.includes('cloud')) continue;
    const modules = join(root, 'lib', 'modules', name.replace('vmlinuz-', ''));
    if (existsSync(join(modules, 'kernel', 'fs', '9p', '9p.ko'))) return { image: join(boot, name), modules };
  }
  return null;
}

/**
 * Debian's package, unpacked and not installed: this machine has a kernel already. What is needed of it (10 of 400 MB) is kept in
 * build/ for the next time.
 */
function fetchKernel() {
  const name = kernelPackage() ?? (run('apt-get', ['update', '-qq']), kernelPackage());
  if (name === null) fail('apt knows no linux-image-amd64');
  const kept = join(ROOT, 'build', 'guest', `${name} ${MODULES.join(' ')}`);
  const before = findKernel(kept);
  if (before !== null) return before;
  run('apt-get', ['download', name], { cwd: scratch });
  const deb = readdirSync(scratch).find((file) => file.endsWith('.deb'));
  run('dpkg-deb', ['-x', join(scratch, deb), join(scratch, 'kernel')]);
  const { image, modules } = findKernel(join(scratch, 'kernel')) ?? fail(`${name} holds no kernel with 9p`);
  for (const path of [...moduleOrder(modules), image])
    cpSync(path, join(kept, relative(join(scratch, 'kernel'), path)), { recursive: true });
  return findKernel(kept);
}

/** Null where apt has no lists yet. */
function kernelPackage() {
  const { stdout } = spawnSync('apt-cache', ['depends', 'linux-image-amd64']);
  return /linux-image-\d\S*/.exec(stdout?.toString() ?? '')?.[0] ?? null;
}

function initramfs(modules) {
  const tree = join(scratch, 'tree');
  for (const path of ['bin', 'dev', 'proc', 'sys', 'root', 'lib/modules'])
    mkdirSync(join(tree, path), { recursive: true });
  copyFileSync(busybox, join(tree, 'bin', 'busybox'));
  copyFileSync(INIT, join(tree, 'init'));
  for (const path of ['init', 'bin/busybox']) chmodSync(join(tree, path), 0o755);
  const order = moduleOrder(modules);
  for (const path of order) copyFileSync(path, join(tree, 'lib', 'modules', basename(path)));
  writeFileSync(join(tree, 'lib', 'modules', 'order'), order.map((path) => `${basename(path)}\n`).join(''));
  const pack = `cd "$1" && find . | "$2" cpio -o -H newc 2>/dev/null | gzip -1`;
  return run('sh', ['-c', pack, 'pack', tree, busybox]);
}

/** Their files, each behind those that it needs. */
function moduleOrder(folder) {
  const files = new Map(
    readdirSync(join(folder, 'kernel'), { recursive: true })
      .filter((path) => path.endsWith('.ko'))
      .map((path) => [basename(path, '.ko').replaceAll('-', '_'), join(folder, 'kernel', path)]),
  );
  const order = new Set();
  const visit = (name) => {
    const path = files.get(name);
    // What is not there is built in.
    if (path === undefined || order.has(path)) return;
    const [, depends = ''] = /\0depends=([^\0]*)\0/.exec(`\0${readFileSync(path, 'latin1')}`) ?? [];
    for (const each of depends.split(',')) visit(each.replaceAll('-', '_'));
    order.add(path);
  };
  for (const name of MODULES) visit(name);
  return [...order];
}

function run(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { maxBuffer: 1 << 30, ...options });
  if (status !== 0) fail(`${command} ${args[0]}: ${error?.message ?? stderr.toString()}`);
  return stdout;
}

/** @returns {never} */
function fail(what) {
  console.error(`build-guest: ${what}`);
  process.exit(1);
}
