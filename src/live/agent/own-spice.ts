// What of a SPICE desktop a part works beside is the agent's own: no request names a device, an address or a file.

import type { AgentSpice } from '#core/live';
import { UserError } from '#core/user-error';
import type { PartSpec } from '#session/part';

/**
 * The spec with what this agent was started beside, whatever the collector said there.
 * @throws UserError where it was started without
 */
export function withOwnSpice(spec: PartSpec, own: AgentSpice | null): PartSpec {
  switch (spec.part) {
    case 'sender':
      if (spec.device === undefined) return spec;
      return { ...spec, device: own?.device ?? missing('no stream device', '--stream-device') };
    case 'relay':
      if (spec.spice === undefined) return spec;
      if (own?.tap === null || own === null) return missing('no tap', '--spice-server HOST:PORT --spice-listen PORT');
      return { ...spec, listen: own.tap.listen, spice: { ...spec.spice, agent: own } };
    case 'receiver':
      if (spec.spice === undefined) return spec;
      if (own?.log === null || own === null) return missing('no log of the client', '--spice-log FILE');
      return { ...spec, spice: { ...spec.spice, agent: own } };
  }
}

function missing(what: string, options: string): never {
  throw new UserError({ what: `this agent has ${what}`, todo: `Start it with ${options}.` });
}
