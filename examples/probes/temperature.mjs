// A probe of your own for an agent: how warm the machine is, from the files of its thermal zones.
//   encodelab agent --role guest --collector URL --probe examples/probes/temperature.mjs
// docs/agents.md tells what such a file may do.

import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = '/sys/class/thermal';
const zones = readdirSync(FOLDER).filter((name) => name.startsWith('thermal_zone'));
if (zones.length === 0) throw new Error(`there is no thermal zone in ${FOLDER}`);

/** What it measures: it is read once, before `start`. */
export const indicators = zones.map((zone, number) => ({
  name: `temperature[${number}]`,
  unit: '°C',
  description: `temperature of ${readFileSync(`${FOLDER}/${zone}/type`, 'utf8').trim()}`,
}));

/** Begins to measure; what it throws, now or later, is shown in the feed, and it is started again after 5 s. */
export function start({ report, signal, intervalMs }) {
  const timer = setInterval(() => {
    const values = {};
    zones.forEach((zone, number) => {
      // Thousandths of a degree, as the kernel has them.
      values[`temperature[${number}]`] = Number(readFileSync(`${FOLDER}/${zone}/temp`, 'utf8')) / 1000;
    });
    report(values);
  }, intervalMs);
  signal.addEventListener('abort', () => clearInterval(timer));
}
