// The call tree of a JavaScript profile (Chrome DevTools Protocol, Profiler.ProfileNode), as stacks of a profile.

import { UserError } from '#core/user-error';
import type { ProfileBuilder } from '../profile-builder.ts';
import { fileName, isObject, numberOf, textOf, type JsonObject } from './json-values.ts';

/** What the engine itself does, in parentheses where others have the function's name. */
const ENGINE = 'V8';
const ROOT = '(root)';
const IDLE = '(idle)';

export class JavaScriptNodes {
  readonly #builder: ProfileBuilder;
  readonly #where: string;
  readonly #parents = new Map<number, number>();
  readonly #calls = new Map<number, JsonObject>();
  /** By node: its stack, -1 for the root. */
  readonly #stacks = new Map<number, number>();

  constructor(builder: ProfileBuilder, where: string) {
    this.#builder = builder;
    this.#where = where;
  }

  /** A node with its `id`, and its `parent` or `children`; parents may come later. */
  add(node: unknown): void {
    if (!isObject(node)) throw this.#error('a node is no object');
    const id = numberOf(node['id']);
    if (Number.isNaN(id)) throw this.#error('a node has no id');
    // Before Chrome 58 the fields of a call frame were those of the node.
    this.#calls.set(id, isObject(node['callFrame']) ? node['callFrame'] : node);
    const parent = numberOf(node['parent']);
    if (!Number.isNaN(parent)) this.#parents.set(id, parent);
    if (Array.isArray(node['children']))
      for (const child of node['children']) if (typeof child === 'number') this.#parents.set(child, id);
  }

  /** The stack of what was not running; -1 where there is none such. */
  idleStack = -1;

  /**
   * The stack of a node, -1 for none.
   * @throws UserError where there is no such node, or it is called by itself
   */
  stackOf(id: number): number {
    const path: number[] = [];
    let known: number | undefined;
    for (let at: number | undefined = id; at !== undefined; at = this.#parents.get(at)) {
      known = this.#stacks.get(at);
      if (known !== undefined) break;
      if (!this.#calls.has(at)) throw this.#error(`there is no node ${at}`);
      if (path.length > this.#calls.size) throw this.#error(`node ${id} is below itself`);
      path.push(at);
    }
    let stack = known ?? -1;
    for (const node of path.toReversed()) {
      stack = this.#stackOn(stack, this.#calls.get(node)!);
      this.#stacks.set(node, stack);
    }
    return stack;
  }

  #stackOn(parent: number, call: JsonObject): number {
    const name = textOf(call['functionName']);
    if (name === ROOT && parent === -1) return -1;
    const url = textOf(call['url']);
    const isEngine = url === null && name !== null && /^\(.+\)$/.test(name);
    const library = isEngine ? ENGINE : url === null ? '[native]' : fileName(url);
    const line = numberOf(call['lineNumber']);
    const shown = name ?? `(anonymous)${url === null || Number.isNaN(line) ? '' : ` ${library}:${line + 1}`}`;
    const called = this.#builder.function(shown, library, isEngine ? 'user' : 'jit', 'given');
    const stack = this.#builder.stacks.add(parent, called);
    if (name === IDLE && isEngine && parent === -1) this.idleStack = stack;
    return stack;
  }

  #error(what: string): UserError {
    return new UserError({ what, where: this.#where, todo: 'The file is damaged: record or export it again.' });
  }
}
