// A real agent in a process of its own, without the command line around it: ROLE URL [NAME].

import { runAgent } from '#live/agent/agent';
import { readEnvironment } from '#measure/environment';
import { startPart } from '#session/start-part';

const [role, collector, name] = process.argv.slice(2);
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
const { reason } = await runAgent(
  {
    role: role!,
    name,
    collector: collector!,
    token: 'none',
    allowHooks: true,
    program: '0.0.0',
    environment: await readEnvironment({}),
    startPart,
    onNews: (text) => console.error(text),
  },
  stop.signal,
);
if (reason !== null) console.error(reason);
process.exit(reason === null ? 0 : 1);
