// The live system over HTTP: its state, the session, the feed, recordings, hooks and loads, layouts of charts.

import { Hono, type MiddlewareHandler } from 'hono';
import { z } from 'zod';
import type { Catalogue } from '#core/catalogue';
import type { RunRecord } from '#core/run';
import { UserError, type Problem } from '#core/user-error';
import type { Collector } from '#live/collector-types';
import { newId } from '#system/clock';
import { agentLine, type Listening } from './agent-line.ts';
import { runPlacedHook } from './benchmark-hooks.ts';
import type { Layouts } from './layouts.ts';
import {
  controlBody,
  endBody,
  hookBody,
  layoutBody,
  messageBody,
  profileBody,
  recordingBody,
  sessionBody,
  sinceS,
  stressBody,
  waitMs,
} from './live-bodies.ts';
import type { LiveFigures } from './live-figures.ts';
import { LongWork } from './long-work.ts';

/** Below what a proxy or a client gives up after. */
const LONGEST_WAIT_S = 25;

export interface LiveParts {
  readonly collector: Collector;
  readonly figures: LiveFigures;
  readonly layouts: Layouts;
  readonly listening: Listening;
  readonly token: string;
}

/**
 * @param given absent where this server was started without a collector
 * @param catalogue of the lab
 */
export function liveApi(given: LiveParts | undefined, catalogue: Catalogue) {
  const recordings = new LongWork<RunRecord>();
  const hooks = new LongWork<Problem | null>();
  const live = (): LiveParts => {
    if (given === undefined) throw new UserError({ what: 'this server has no collector', todo: 'encodelab serve has' });
    return given;
  };
  const collector = () => live().collector;
  return new Hono()
    .get('/live/state', (c) => c.json(collector().state(), 200))
    .post('/live/session', sessionBody, async (c) => {
      const wish = c.req.valid('json');
      if (wish.action === 'stop') await collector().stopSession(wish.operator);
      else await collector().startSession(wish.settings, wish.operator);
      return c.json(collector().state(), 200);
    })
    .post('/live/control', controlBody, async (c) => {
      const wish = c.req.valid('json');
      const results =
        'reset' in wish
          ? await collector().reset(wish.operator)
          : await collector().control(wish.changes, wish.operator, c.req.raw.signal);
      return c.json({ results, state: collector().state() }, 200);
    })
    .post('/live/profile', profileBody, async (c) => {
      const { action, operator } = c.req.valid('json');
      if (action === 'stop') await collector().stopProfile();
      else await collector().startProfile(operator);
      return c.json(collector().state(), 200);
    })
    .get('/live/profile/slices', (c) => {
      const after = Number(c.req.query('after') ?? 0);
      if (Number.isNaN(after)) throw new UserError({ what: 'after is the number of a slice', where: '?after=' });
      return c.body(joinedSlices(collector().profileSlices(after)), 200, {
        'content-type': 'application/octet-stream',
      });
    })
    .get('/live/presented', async (c) => {
      const presented = await live().figures.watch().presentedSince(sinceS(c), waitMs(c, LONGEST_WAIT_S));
      return c.json({ presented }, 200);
    })
    .get('/live/passed', async (c) => {
      const passed = await live().figures.watch().passedSince(sinceS(c), waitMs(c, LONGEST_WAIT_S));
      return c.json({ passed }, 200);
    })
    .post('/live/messages', messageBody, (c) => {
      const { source, text } = c.req.valid('json');
      return c.json(collector().say(source, text), 200);
    })
    .delete('/live/messages', (c) => {
      collector().clearFeed();
      return c.json({}, 200);
    })
    .post('/live/recordings', recordingBody, async (c) => {
      const request = c.req.valid('json');
      // A page records what it sees; results of a benchmark come from its bench.
      if (request.identity !== null && c.req.header('authorization') === undefined) return c.json(BEARER_ONLY, 403);
      const { run } = await collector().startRecording(request);
      recordings.keep(run, collector().recorded(run));
      return c.json({ run }, 201);
    })
    .post('/live/recordings/:run/end', endBody, async (c) => {
      const id = c.req.param('run');
      if ((await catalogue.run(id)) === null) return c.json(noRecording(id), 404);
      await collector().endRecording(id, c.req.valid('json').interrupted);
      return c.json({}, 200);
    })
    .get('/live/recordings/:run', async (c) => {
      const id = c.req.param('run');
      // Begun before this server was: the collector went on with it.
      if (!recordings.has(id) && (await catalogue.run(id)) === null) return c.json(noRecording(id), 404);
      if (!recordings.has(id)) recordings.keep(id, collector().recorded(id));
      try {
        const run = await recordings.within(id, waitMs(c, LONGEST_WAIT_S));
        return c.json({ run: run ?? null, recording: collector().state().recording }, 200);
      } catch (error) {
        recordings.forget(id);
        throw error;
      }
    })
    .post('/live/hooks', bearerOnly, hookBody, (c) => {
      const { timeoutMs, ...place } = c.req.valid('json');
      const id = newId();
      hooks.keep(id, runPlacedHook(collector(), place, timeoutMs));
      return c.json({ id }, 202);
    })
    .get('/live/hooks/:id', bearerOnly, async (c) => {
      const id = c.req.param('id');
      if (!hooks.has(id)) return c.json({ problems: [{ what: `no hook ${id} was begun here` }] }, 404);
      const problem = await hooks.within(id, waitMs(c, LONGEST_WAIT_S));
      return c.json({ done: problem !== undefined, problem: problem ?? null }, 200);
    })
    .post('/live/stress', bearerOnly, stressBody, async (c) => {
      const { role, load } = c.req.valid('json');
      await collector().stress(role, load);
      return c.json({}, 200);
    })
    .get('/live/layouts', async (c) => c.json({ layouts: await live().layouts.list() }, 200))
    .get('/live/layouts/:name', async (c) => {
      const saved = await live().layouts.read(c.req.param('name'));
      return saved === null
        ? c.json({ problems: [{ what: `there is no layout ${c.req.param('name')}` }] }, 404)
        : c.json(saved, 200);
    })
    .put('/live/layouts/:name', layoutBody, async (c) =>
      c.json(await live().layouts.save(c.req.param('name'), c.req.valid('json').layout), 200),
    )
    .delete('/live/layouts/:name', async (c) => {
      await live().layouts.delete(c.req.param('name'));
      return c.json({}, 200);
    })
    .get('/live/agent-line', (c) => {
      const { listening, token } = live();
      const role = z
        .string()
        .regex(/^[\w.-]{1,64}$/)
        .catch('client')
        .parse(c.req.query('role'));
      return c.json(agentLine(listening, role, `--token ${token}`), 200);
    });
}

const BEARER_ONLY = { problems: [{ what: 'only a program that shows the token of the lab may do this' }] };

/** Of an answer: a page that comes late asks again for the rest. */
const MAX_ANSWER_BYTES = 16 * 2 ** 20;

/** Each as its number and its length, 32-bit numbers (little endian), and the packed profile. */
function joinedSlices(slices: ReturnType<Collector['profileSlices']>): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (const { number, packed } of slices) {
    if (bytes > MAX_ANSWER_BYTES) break;
    parts.push(new Uint8Array(Uint32Array.of(number, packed.length).buffer), packed);
    bytes += packed.length;
  }
  return Uint8Array.from(Buffer.concat(parts));
}

function noRecording(id: string) {
  return { problems: [{ what: `there is no recording ${id}`, todo: 'encodelab runs lists them' }] };
}

/** A page can be anybody's who sits at that browser: what runs commands wants the token itself. */
const bearerOnly: MiddlewareHandler = async (c, next) =>
  c.req.header('authorization') === undefined ? c.json(BEARER_ONLY, 403) : await next();
