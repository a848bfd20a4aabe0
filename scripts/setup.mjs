// Installs what is missing, and nothing else: the npm packages of the lock file, and by apt what a test needs.
// Plain JavaScript for any Node from 20 on, without dependencies; quick when nothing is to do.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Programs by purpose: the names to look for, and Debian's package. */
const PROGRAMS = {
  start: [],
  test: [
    {
      names: ['ffmpeg'],
      packages: ['ffmpeg'],
      why: 'the peer that the engine is compared with, and the maker of test sources',
    },
    {
      names: ['chromium', 'chromium-browser', 'google-chrome'],
      packages: ['chromium', 'fonts-dejavu-core'],
      why: 'the pages are tested in a real browser',
    },
    {
      names: ['gst-launch-1.0'],
      packages: ['gstreamer1.0-tools', 'gstreamer1.0-plugins-base'],
      why: 'a command that is measured, and whose elements tell their times',
    },
    {
      names: gstreamerPlugin('vpx'),
      packages: ['gstreamer1.0-plugins-good'],
      why: 'VP8 of a stock SPICE server, and files of pipelines',
    },
    {
      names: gstreamerPlugin('y4mdec'),
      packages: ['gstreamer1.0-plugins-bad'],
      why: 'pictures into pipelines, and the H.264 parser of a stock SPICE client',
    },
    {
      names: gstreamerPlugin('x264'),
      packages: ['gstreamer1.0-plugins-ugly'],
      why: 'H.264 of a stock SPICE server and of pipelines',
    },
    {
      names: gstreamerPlugin('libav'),
      packages: ['gstreamer1.0-libav'],
      why: 'H.264 at a stock SPICE client',
    },
    {
      names: ['SvtAv1EncApp'],
      packages: ['svt-av1'],
      why: 'a command that is measured',
    },
    {
      names: ['Xvfb'],
      packages: ['xvfb'],
      why: 'a display without a screen: what a session captures',
    },
    {
      names: ['/usr/lib/xorg/modules/drivers/spiceqxl_drv.so'],
      packages: ['xserver-xspice'],
      why: 'a stock SPICE server, to be measured as it is',
    },
    {
      names: ['spicy'],
      packages: ['spice-client-gtk'],
      why: 'a stock SPICE client, to be measured as it is',
    },
    {
      names: ['qemu-system-x86_64'],
      packages: ['qemu-system-x86'],
      why: 'a virtual machine in which our encoder feeds its SPICE server',
    },
    {
      names: ['busybox'],
      packages: ['busybox-static'],
      why: 'all that this virtual machine has of its own',
    },
    {
      names: ['ico'],
      packages: ['x11-apps'],
      why: 'what moves in it',
    },
    {
      names: ['tshark'],
      packages: ['tshark'],
      why: 'the capture that the tap is compared with',
    },
    {
      names: ['perf'],
      packages: ['linux-perf'],
      why: 'profiles are taken with it',
    },
    {
      names: ['/usr/share/vulkan/icd.d/lvp_icd.x86_64.json', '/usr/share/vulkan/icd.d/lvp_icd.aarch64.json'],
      packages: ['mesa-vulkan-drivers'],
      why: 'Vulkan without a GPU: pictures are really taken to a device and back',
    },
  ],
};

const purpose = process.argv[2] === 'test' ? 'test' : 'start';
installPackages();
installPrograms(PROGRAMS[purpose]);
if (process.argv[2] === undefined)
  console.error(
    'setup: all is installed. npm start builds encodelab and starts it; npm run build builds it for bin/encodelab.',
  );

function installPackages() {
  const stamp = join(root, 'node_modules', '.encodelab-lock');
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  console.error('setup: npm install');
  // Not `npm ci`: it refuses a lock file without the packages of other platforms, and not every registry has all of those.
  // --no-save keeps the locked versions and leaves the lock file alone. Our dependencies carry their binaries inside; the
  // one install script among them would try a download.
  const args = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync('npm', args, { cwd: root, stdio: ['ignore', process.stderr, 'inherit'] });
  if (status !== 0) fail('npm install did not work: its message stands above. Mend that and start again.');
  const own = join(root, 'node_modules', '.bin', 'node');
  const major = Number(process.versions.node.split('.')[0]);
  if (!existsSync(own) && major < 24) {
    fail(
      `no Node 24 for ${process.platform} ${process.arch} among the packages, and this one is ${process.versions.node}: install Node 24 or later.`,
    );
  }
  writeFileSync(stamp, lock);
}

function installPrograms(programs) {
  const missing = programs.filter(({ names }) => !names.some(onPath));
  if (missing.length === 0) return;
  const packages = missing.flatMap((program) => program.packages);
  const command = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (!onPath('apt-get')) return report(missing, 'install them with the package manager of this system');
  if (process.getuid?.() !== 0) return report(missing, `run: sudo ${command}`);
  console.error(`setup: ${command}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['update', '-qq'], { stdio: ['ignore', 'ignore', 'inherit'], env });
  const { status } = spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env,
  });
  if (status !== 0)
    report(
      programs.filter(({ names }) => !names.some(onPath)),
      `apt-get failed; try: ${command}`,
    );
}

/** What is missing is said here and once more, by name, in the summary of the tests that needed it. */
function report(missing, todo) {
  for (const { names, why } of missing) console.error(`setup: ${names[0]} is missing (${why})`);
  if (missing.length > 0) console.error(`setup: ${todo}`);
}

/** Where Debian keeps a plugin, by architecture. */
function gstreamerPlugin(name) {
  return ['x86_64', 'aarch64'].map((cpu) => `/usr/lib/${cpu}-linux-gnu/gstreamer-1.0/libgst${name}.so`);
}

/** A name on the PATH, or a file. */
function onPath(name) {
  if (name.startsWith('/')) return existsSync(name);
  return (process.env.PATH ?? '').split(':').some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function fail(message) {
  console.error(`setup: ${message}`);
  process.exit(1);
}
