// Where our own control group is mounted, and the limits that it and the groups around it set. Formats: cgroups(7), proc_pid_mountinfo(5).

import { readFileSync } from 'node:fs';
import { codeOf } from './held-file.ts';

/** Folders of this process's own groups; null where a hierarchy is not mounted here. */
export interface OwnCgroups {
  readonly cpuacct: Cgroup | null;
  readonly cpu: Cgroup | null;
  readonly memory: Cgroup | null;
  readonly unified: Cgroup | null;
}

export interface Cgroup {
  readonly folder: string;
  /** Where its hierarchy is mounted: the folder's furthest visible parent. */
  readonly mount: string;
}

export interface ContainerLimits {
  /** Cores. */
  readonly cpuQuota: number | null;
  /** Bytes. */
  readonly memoryLimit: number | null;
}

/** Version 1 prints the largest number of whole pages for "no limit": anything near 2^63 is none. */
const NO_LIMIT = 2 ** 60;

/** @returns null on a system without control groups */
export function ownCgroups(): OwnCgroups | null {
  const groups = textOf('/proc/self/cgroup');
  const mounts = textOf('/proc/self/mountinfo');
  return groups === null || mounts === null ? null : parseOwnCgroups(groups, mounts);
}

/** From the texts of /proc/self/cgroup and /proc/self/mountinfo. */
export function parseOwnCgroups(groups: string, mountinfo: string): OwnCgroups {
  const paths = new Map<string, string>();
  for (const line of groups.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers !== undefined) for (const one of controllers.split(',')) paths.set(one, path!);
  }
  const mounts = mountinfo.split('\n').flatMap(parseMount);
  const find = (controller: string): Cgroup | null => {
    const path = paths.get(controller);
    const mount = mounts.find((one) =>
      controller === '' ? one.type === 'cgroup2' : one.type === 'cgroup' && one.options.includes(controller),
    );
    return path === undefined || mount === undefined ? null : placeOf(path, mount);
  };
  return { cpuacct: find('cpuacct'), cpu: find('cpu'), memory: find('memory'), unified: find('') };
}

interface Mount {
  readonly type: string;
  readonly root: string;
  readonly point: string;
  readonly options: readonly string[];
}

function parseMount(line: string): Mount[] {
  const [before, after] = line.split(' - ');
  const [type, , options] = after?.split(' ') ?? [];
  const [, , , root, point] = before!.split(' ');
  if (type === undefined || options === undefined || root === undefined || point === undefined) return [];
  return [{ type, root: unescape(root), point: unescape(point), options: options.split(',') }];
}

/** mountinfo writes blanks as `\040`. */
function unescape(path: string): string {
  return path.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}

/** In a container the mount begins at the container's own group, and /proc/self/cgroup may tell the path from the host's root. */
function placeOf(path: string, mount: Mount): Cgroup | null {
  if (path.startsWith('/..')) return null;
  const inside =
    mount.root !== '/' && (path === mount.root || path.startsWith(`${mount.root}/`))
      ? path.slice(mount.root.length)
      : path;
  return { folder: inside === '/' ? mount.point : mount.point + inside, mount: mount.point };
}

/** The tightest limits of our group and all groups around it that can be seen from here. */
export function containerLimits(groups: OwnCgroups | null): ContainerLimits {
  const quotas = [
    ...groupFolders(groups?.unified ?? null).map((folder) => quotaOfV2(textOf(`${folder}/cpu.max`))),
    ...groupFolders(groups?.cpu ?? null).map((folder) =>
      quotaOf(textOf(`${folder}/cpu.cfs_quota_us`), textOf(`${folder}/cpu.cfs_period_us`)),
    ),
  ];
  const limits = [
    ...groupFolders(groups?.unified ?? null).map((folder) => groupBytes(textOf(`${folder}/memory.max`))),
    ...groupFolders(groups?.memory ?? null).map((folder) => groupBytes(textOf(`${folder}/memory.limit_in_bytes`))),
  ];
  return { cpuQuota: least(quotas), memoryLimit: least(limits) };
}

/** Its folder and those of all groups around it that can be seen from here, from the inside out. */
export function groupFolders(group: Cgroup | null): string[] {
  const folders: string[] = [];
  for (
    let at = group?.folder ?? '';
    group !== null && at.startsWith(group.mount);
    at = at.slice(0, at.lastIndexOf('/'))
  ) {
    folders.push(at);
  }
  return folders;
}

/** `cpu.max`: `max 100000` or `150000 100000` (microseconds of CPU in microseconds of time). */
export function quotaOfV2(text: string | null): number | null {
  const [quota, period] = text?.trim().split(' ') ?? [];
  return quotaOf(quota ?? null, period ?? null);
}

function quotaOf(quota: string | null, period: string | null): number | null {
  const cores = Number(quota) / Number(period);
  return quota !== null && period !== null && Number.isFinite(cores) && cores > 0 ? cores : null;
}

/** Of a file of memory; null where it is not there or sets no limit. */
export function groupBytes(text: string | null): number | null {
  const bytes = Number(text?.trim());
  return text !== null && Number.isFinite(bytes) && bytes < NO_LIMIT ? bytes : null;
}

function least(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.min(...known);
}

/** A small file; null where it can't be read. */
export function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    codeOf(error);
    return null;
  }
}
