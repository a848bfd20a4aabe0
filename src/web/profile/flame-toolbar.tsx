// How a flame graph is looked at: shape, direction, order, colours, groups, and the search.

import type { RefObject } from 'preact';
import { CALL_GROUPINGS, type CallGrouping } from '#profile/call-groups';
import type { CallMatches } from '#profile/call-search';
import type { CallOrder } from '#profile/call-tree';
import { FLAME_ORDERS, FLAME_WIDTHS, type FlameChoice, type FlameColor } from './flame-choice.ts';

interface FlameToolbarProps {
  readonly choice: FlameChoice;
  readonly onChoice: (change: Partial<FlameChoice>) => void;
  readonly colors: readonly FlameColor[];
  readonly color: FlameColor;
  readonly hasWaits: boolean;
  /** Time in which nothing ran is among the samples. */
  readonly hasIdle: boolean;
  readonly hasBaseline: boolean;
  readonly hasTimes: boolean;
  readonly search: RefObject<HTMLInputElement | null>;
  /** Null where nothing is searched for. */
  readonly matches: CallMatches | null;
  /** What is wrong with what is searched for. */
  readonly problem: string | null;
  readonly onCopy: () => void;
  readonly copied: string | null;
}

const WIDTH_WORDS = { 'on-cpu': 'on the CPU', 'off-cpu': 'off the CPU', elided: 'only here' } as const;
const COLOR_WORDS = { library: 'library', kind: 'kind', vector: 'vector code', difference: 'difference' } as const;
const GROUP_WORDS = { thread: 'thread', process: 'process', cpu: 'CPU', library: 'library', kind: 'kind' } as const;
const ORDER_WORDS = { name: 'name', weight: 'size', time: 'first time' } as const;

function foundWords(matches: CallMatches | null): string {
  if (matches === null) return '';
  if (matches.nodes === 0) return 'nothing is called so';
  return `${(100 * matches.share).toFixed(1)} % in ${matches.nodes.toLocaleString('en')} ${matches.nodes === 1 ? 'node' : 'nodes'}`;
}

export function FlameToolbar(props: FlameToolbarProps) {
  const { choice, onChoice, matches } = props;
  const widths = FLAME_WIDTHS.filter(
    (one) => one === 'on-cpu' || (one === 'off-cpu' ? props.hasWaits : props.hasBaseline),
  );
  return (
    <div class="flame-toolbar">
      <fieldset class="segments">
        <legend>Root</legend>
        {(['icicle', 'flame'] as const).map((form) => (
          <button key={form} type="button" aria-pressed={form === choice.form} onClick={() => onChoice({ form })}>
            {form === 'icicle' ? 'above' : 'below'}
          </button>
        ))}
      </fieldset>
      <fieldset class="segments">
        <legend>From</legend>
        {(['callees', 'callers'] as const).map((direction) => (
          <button
            key={direction}
            type="button"
            disabled={choice.focus !== null}
            aria-pressed={direction === choice.direction}
            onClick={() => onChoice({ direction, node: 0 })}
          >
            {direction === 'callees' ? 'outermost' : 'innermost'}
          </button>
        ))}
      </fieldset>
      {widths.length > 1 && (
        <fieldset class="segments">
          <legend>Width</legend>
          {widths.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={one === choice.widths}
              onClick={() => onChoice({ widths: one, node: 0 })}
            >
              {WIDTH_WORDS[one]}
            </button>
          ))}
        </fieldset>
      )}
      <label>
        <span class="muted">colour</span>
        <select value={props.color} onChange={(event) => onChoice({ color: event.currentTarget.value as FlameColor })}>
          {props.colors.map((one) => (
            <option key={one} value={one}>
              {COLOR_WORDS[one]}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span class="muted">order</span>
        <select value={choice.order} onChange={(event) => onChoice({ order: event.currentTarget.value as CallOrder })}>
          {FLAME_ORDERS.filter((one) => one !== 'time' || props.hasTimes).map((one) => (
            <option key={one} value={one}>
              {ORDER_WORDS[one]}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span class="muted">by</span>
        <select
          value={choice.group ?? ''}
          onChange={(event) => onChoice({ group: (event.currentTarget.value || null) as CallGrouping | null, node: 0 })}
        >
          <option value="">nothing</option>
          {CALL_GROUPINGS.map((one) => (
            <option key={one} value={one}>
              {GROUP_WORDS[one]}
            </option>
          ))}
        </select>
      </label>
      {props.hasIdle && choice.widths === 'on-cpu' && (
        <label title="time in which nothing ran is shown too">
          <input
            type="checkbox"
            checked={choice.withIdle}
            onChange={(event) => onChoice({ withIdle: event.currentTarget.checked, node: 0 })}
          />
          idle
        </label>
      )}
      {props.hasBaseline && (
        <label title="differences of weights; else of shares of each whole">
          <input
            type="checkbox"
            checked={choice.isAbsolute}
            onChange={(event) => onChoice({ isAbsolute: event.currentTarget.checked })}
          />
          absolute
        </label>
      )}
      <label class="flame-search">
        <span class="muted">find</span>
        <input
          ref={props.search}
          type="search"
          value={choice.search}
          placeholder="text or /expression/"
          aria-invalid={props.problem !== null}
          onInput={(event) => onChoice({ search: event.currentTarget.value })}
        />
        <span role="status" class={props.problem === null ? 'muted' : 'bad'}>
          {props.problem ?? foundWords(matches)}
        </span>
      </label>
      <button type="button" onClick={props.onCopy}>
        copy as text
      </button>
      <span class="muted small" role="status">
        {props.copied ?? ''}
      </span>
    </div>
  );
}
