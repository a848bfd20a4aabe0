// A fleet in words: '100*c16:16cpu,32GB,0.68/h; 20*m8:8cpu,64GB,0.45/h'.

import { RESOURCES, type NeedVector, type WorkerSize } from '#core/packing';
import { UserError } from '#core/user-error';
import { parseBytes, parseBytesPerSecond } from '#core/parse-quantity';

/** Workers of one size. */
export interface FleetPart {
  readonly size: WorkerSize;
  readonly count: number;
}
export type Fleet = readonly FleetPart[];

/** Capacity of a resource that the fleet's words say nothing of: more than any work needs, and still a number to compute with. */
export const UNLIMITED = 2 ** 53;

/** Workers of a fleet: 100,000 of one core each, and some room. */
export const MAX_WORKERS = 200_000;
/** Sizes of workers in a fleet; more are a slip, and the search for a mix tries each. */
const MAX_SIZES = 16;
const MAX_CORES = 1_000_000;
const EXAMPLE = '100*c16:16cpu,32GB,0.68/h';

/**
 * @param text parts `COUNT*NAME:NEEDS` between semicolons. NEEDS, between commas: `16cpu`, `32GB` of memory, `200GB disk`,
 *   `10Gbit/s` or `1.25GB/s` of network, `0.68/h` of money. Only the cores must be there; other resources are unlimited
 *   where they are not named.
 * @throws UserError telling the part that is wrong
 */
export function parseFleet(text: string, where = '--fleet'): Fleet {
  const parts = text
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length === 0) throw wrong('a fleet has at least one part', where);
  if (parts.length > MAX_SIZES) throw wrong(`a fleet has at most ${MAX_SIZES} sizes of workers`, where);
  const fleet = parts.map((part) => parsePart(part, where));
  checkFleet(fleet, where);
  return fleet;
}

/** @throws UserError for twice the same name, or more workers than are simulated */
function checkFleet(fleet: Fleet, where: string): void {
  const names = fleet.map(({ size }) => size.name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw wrong(`two parts of the fleet are named '${twice}'`, where);
  const workers = workersOf(fleet);
  if (workers > MAX_WORKERS) throw wrong(`the fleet has ${workers} workers, more than ${MAX_WORKERS}`, where);
  if (workers === 0) throw wrong('the fleet has no workers', where);
}

export function workersOf(fleet: Fleet): number {
  return fleet.reduce((sum, { count }) => sum + count, 0);
}

/** Of the whole fleet; UNLIMITED where one of its parts is. */
export function capacityOf(fleet: Fleet): NeedVector {
  return RESOURCES.map((_, resource) =>
    fleet.some(({ size }) => size.capacity[resource] === UNLIMITED)
      ? UNLIMITED
      : fleet.reduce((sum, { size, count }) => sum + count * size.capacity[resource]!, 0),
  );
}

/** `100 × c16, 20 × m8`; a size of which there is none is left out. */
export function fleetText(fleet: Fleet): string {
  return fleet
    .filter(({ count }) => count > 0)
    .map(({ size, count }) => `${count} × ${size.name}`)
    .join(', ');
}

function parsePart(part: string, where: string): FleetPart {
  const match = /^(\d+)\s*\*\s*([A-Za-z0-9][\w.-]{0,63})\s*:(.*)$/.exec(part);
  if (match === null) throw wrong(`'${part.slice(0, 80)}' is no part of a fleet`, where);
  const capacity = [NaN, UNLIMITED, UNLIMITED, UNLIMITED];
  let costPerHour: number | null = null;
  const said = new Set<string>();
  for (const need of match[3]!.split(',').map((word) => word.trim())) {
    const [resource, value] = parseNeed(need) ?? [null, NaN];
    if (resource === null) throw wrong(`'${need.slice(0, 80)}' in '${match[2]}' is no size`, where);
    if (said.has(resource)) throw wrong(`'${match[2]}' has its ${resource} twice`, where);
    said.add(resource);
    if (resource === 'cost') costPerHour = value;
    else capacity[RESOURCES.indexOf(resource)] = value;
  }
  if (!(capacity[0]! > 0)) throw wrong(`'${match[2]}' has no cores`, where);
  return { size: { name: match[2]!, capacity, costPerHour }, count: Number(match[1]) };
}

function parseNeed(text: string): readonly [(typeof RESOURCES)[number] | 'cost', number] | null {
  const cores = /^(\d+(?:\.\d+)?)\s*cpu$/.exec(text);
  if (cores !== null) return Number(cores[1]) <= MAX_CORES ? ['cpu', Number(cores[1])] : null;
  const cost = /^(\d+(?:\.\d+)?)\s*\/\s*h$/.exec(text);
  if (cost !== null) return ['cost', Number(cost[1])];
  const disk = /^(.*\S)\s*disk$/.exec(text);
  const bytes = parseBytes(disk?.[1] ?? text);
  if (bytes !== null) return [disk === null ? 'memory' : 'disk', bytes];
  const network = parseBytesPerSecond(text);
  return network === null ? null : ['network', network];
}

function wrong(what: string, where: string): UserError {
  return new UserError({ what, where, todo: `write '${EXAMPLE}; 20*m8:8cpu,64GB,200GB disk,10Gbit/s,0.45/h'` });
}
