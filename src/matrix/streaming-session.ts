// Sessions whose cells stream on a live system, by agents.

import type { SessionKind } from '#core/session';

export function isStreaming(session: SessionKind): session is 'loopback' | 'spice' {
  return session === 'loopback' || session === 'spice';
}
