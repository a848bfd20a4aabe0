// Names that come over the wire: shown in lists, written into tables, and part of other names.

const MAX_NAME = 64;
/** Control characters, line breaks, half characters, what turns the direction of a line around, and the slash of `agent/indicator`. */
const FORBIDDEN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}/\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;

/** Of an agent, a role, a stream, a source of messages. */
export function isWireName(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length <= MAX_NAME &&
    // It would name the prototype of an object that is kept by name.
    value !== '__proto__' &&
    /[^\s\p{Cf}]/u.test(value) &&
    !FORBIDDEN.test(value)
  );
}
