// Programs beside agents (`--process`) that are not there: what a desktop whose server or client is gone has to say of it.

/** As an agent's `absent` begins of them. */
const PROGRAM = 'program: ';

/** `server: process 23275 has ended`, of each agent that says so. */
export function endedPrograms(
  agents: Iterable<{ readonly role: string; readonly absent: readonly string[] }>,
): string[] {
  return [...agents].flatMap(({ role, absent }) =>
    absent.filter((line) => line.startsWith(PROGRAM)).map((line) => `${role}: ${line.slice(PROGRAM.length)}`),
  );
}
