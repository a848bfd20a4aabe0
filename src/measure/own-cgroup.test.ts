import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { containerLimits, parseOwnCgroups, quotaOfV2 } from './own-cgroup.ts';

test('version 1: each controller has its own folder, joint controllers share one', () => {
  const groups = '5:cpu,cpuacct:/user\n4:memory:/a/b\n1:name=systemd:/\n0::/\n';
  const mounts = [
    '31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755',
    '33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:1 - cgroup cgroup rw,cpu,cpuacct',
    '35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory',
  ].join('\n');
  expect(parseOwnCgroups(groups, mounts)).toEqual({
    cpuacct: { folder: '/sys/fs/cgroup/cpu,cpuacct/user', mount: '/sys/fs/cgroup/cpu,cpuacct' },
    cpu: { folder: '/sys/fs/cgroup/cpu,cpuacct/user', mount: '/sys/fs/cgroup/cpu,cpuacct' },
    memory: { folder: '/sys/fs/cgroup/memory/a/b', mount: '/sys/fs/cgroup/memory' },
    unified: null,
  });
});

test('version 2: one folder, also where a name holds a blank', () => {
  const mounts = '30 23 0:26 / /sys/fs/cg\\040roup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate';
  expect(parseOwnCgroups('0::/user.slice/x.scope\n', mounts).unified?.folder).toBe(
    '/sys/fs/cg roup/user.slice/x.scope',
  );
});

test('in a container the mount begins at its own group, and the path may be told from the root of the host', () => {
  const mounts = '35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory';
  expect(parseOwnCgroups('4:memory:/docker/abc\n', mounts).memory?.folder).toBe('/sys/fs/cgroup/memory');
  expect(parseOwnCgroups('4:memory:/docker/abc/run\n', mounts).memory?.folder).toBe('/sys/fs/cgroup/memory/run');
  expect(parseOwnCgroups('4:memory:/../other\n', mounts).memory).toBeNull();
});

test('the tightest limit of all groups around us counts; none is null', () => {
  const mount = mkdtempSync(join(tmpdir(), 'cgroup-'));
  mkdirSync(join(mount, 'a/b'), { recursive: true });
  writeFileSync(join(mount, 'a/cpu.max'), '150000 100000\n');
  writeFileSync(join(mount, 'a/b/cpu.max'), 'max 100000\n');
  writeFileSync(join(mount, 'a/memory.max'), 'max\n');
  writeFileSync(join(mount, 'a/b/memory.max'), '1073741824\n');
  const unified = { folder: `${mount}/a/b`, mount };
  const none = { cpuacct: null, cpu: null, memory: null };
  expect(containerLimits({ ...none, unified })).toEqual({ cpuQuota: 1.5, memoryLimit: 2 ** 30 });

  writeFileSync(join(mount, 'a/cpu.cfs_quota_us'), '-1\n');
  writeFileSync(join(mount, 'a/cpu.cfs_period_us'), '100000\n');
  writeFileSync(join(mount, 'a/memory.limit_in_bytes'), '9223372036854771712\n');
  const group = { folder: `${mount}/a`, mount };
  expect(containerLimits({ ...none, cpu: group, memory: group, unified: null })).toEqual({
    cpuQuota: null,
    memoryLimit: null,
  });
  writeFileSync(join(mount, 'a/cpu.cfs_quota_us'), '50000\n');
  expect(containerLimits({ ...none, cpu: group, unified: null }).cpuQuota).toBe(0.5);
  expect(containerLimits(null)).toEqual({ cpuQuota: null, memoryLimit: null });
  rmSync(mount, { recursive: true });
});

test('a quota of "max" is none', () => {
  expect(quotaOfV2('max 100000\n')).toBeNull();
  expect(quotaOfV2(null)).toBeNull();
});
