// What the query of a request asks for, checked.

import { validator } from 'hono/validator';
import { UserError } from '#core/user-error';

/** Buckets of a thinned-out chart: two points each, so about two for a pixel of a wide screen. */
const DEFAULT_BUCKETS = 2_000;
const MAX_BUCKETS = 10_000;

/** What a part of a run is asked for: `?from=1.5&to=3&buckets=2000`, seconds on the axis of what is read. */
export const selection = validator('query', (query) => ({
  from: query['from'] === undefined ? undefined : finite('from', query['from']),
  to: query['to'] === undefined ? undefined : finite('to', query['to']),
  buckets: Math.min(MAX_BUCKETS, Math.max(1, finite('buckets', query['buckets'] ?? String(DEFAULT_BUCKETS)))),
}));

/** @throws UserError where that is no number */
export function finite(name: string, text: string | string[]): number {
  const value = Number(text);
  if (text === '' || !Number.isFinite(value))
    throw new UserError({ what: `${String(text)} is not a number`, where: `?${name}=` });
  return value;
}
