import { setTimeout as sleep } from 'node:timers/promises';
import { SmallCollector } from './small-collector.ts';
import { startAgent } from './start-agent.ts';
const c = new SmallCollector(); await c.open();
const a = await startAgent(c);
while (c.batches.length < 5) await sleep(20);
c.socket!.pause(); const t = performance.now();
while (c.hellos.length < 2) await sleep(20);
console.log('reconnected after', performance.now()-t, a.news);
// large backlog
await c.vanish();
const spooled = performance.now();
await a.stop();
// Spool throughput
import { Spool } from '../../src/live/agent/spool.ts';
const s = new Spool({ folder: '/tmp/h3spool' });
let t0 = performance.now();
for (let i=0;i<6400;i++) s.push(new Uint8Array(10000), 10);
console.log('push 64MB ms', performance.now()-t0, s.oldest);
t0 = performance.now(); let n=0;
for (let i=s.oldest;i<s.next;i++) { n += s.read(i)!.length; s.acknowledge(i); }
console.log('read', n, performance.now()-t0); s.close();
process.exit();
