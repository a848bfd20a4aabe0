// The address of a collector, as `serve` prints it, made into that of its WebSocket for agents.

import { UserError } from '#core/user-error';
import { AGENT_PATH } from '../agent-wire.ts';

/**
 * `http://127.0.0.1:4600/…` → `ws://127.0.0.1:4600/api/v1/agents`. What follows the host is ignored: the link that `serve`
 * prints signs a browser in, once.
 * @throws UserError where it is no such address
 */
export function agentSocketUrl(text: string): string {
  const url = URL.parse(/^[a-z]+:\/\//i.test(text) ? text : `http://${text}`);
  const scheme = url === null ? undefined : SCHEMES.get(url.protocol);
  if (url === null || scheme === undefined || url.host === '') {
    throw new UserError({
      what: `"${text}" is not the address of a collector`,
      where: '--collector',
      todo: 'give the address that `encodelab serve` prints: http://127.0.0.1:4600',
    });
  }
  return `${scheme}//${url.host}${AGENT_PATH}`;
}

const SCHEMES = new Map([
  ['http:', 'ws:'],
  ['ws:', 'ws:'],
  ['https:', 'wss:'],
  ['wss:', 'wss:'],
]);
