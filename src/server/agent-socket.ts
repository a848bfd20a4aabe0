// The WebSocket of agents: whoever shows the lab's token goes to the collector.

import { AGENT_PATH, MAX_AGENT_MESSAGE_BYTES } from '#live/agent-wire';
import type { Collector } from '#live/collector-types';
import type { SocketService } from './upgrades.ts';

/** Agents connected at once. */
export const MAX_AGENTS = 2_000;

export function agentService(collector: Collector): SocketService {
  return {
    path: AGENT_PATH,
    maxMessageBytes: MAX_AGENT_MESSAGE_BYTES,
    maxSockets: MAX_AGENTS,
    bearerOnly: true,
    serve: (webSocket) => collector.accept(webSocket),
  };
}
