// A mistake that a person can mend: what is wrong, where, and what to do about it.

/** One thing that is wrong: a sentence, the place (`file:line:column`, a path or an option), and the remedy. */
export interface Problem {
  readonly what: string;
  readonly where?: string | undefined;
  readonly todo?: string | undefined;
}

/**
 * An error that is printed for a person, without a stack. It may carry several problems, so that a file with three
 * mistakes is mended in one go.
 */
export class UserError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: Problem | readonly Problem[], options?: ErrorOptions) {
    const list = Array.isArray(problems) ? (problems as readonly Problem[]) : [problems as Problem];
    super(list.map(formatProblem).join('\n'), options);
    this.name = 'UserError';
    this.problems = list;
  }
}

/** `where: what (todo)`, in one line unless the sentences themselves hold several. */
export function formatProblem(problem: Problem): string {
  const where = problem.where === undefined ? '' : `${problem.where}: `;
  const todo = problem.todo === undefined ? '' : `\n  ${problem.todo}`;
  return `${where}${problem.what}${todo}`;
}
