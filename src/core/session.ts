// What a cell's run is: a whole encode, or (with live sessions) a stream.

export const SESSION_KINDS = ['encode', 'loopback', 'spice', 'command'] as const;
export type SessionKind = (typeof SESSION_KINDS)[number];
