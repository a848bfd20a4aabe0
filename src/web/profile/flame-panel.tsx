// The flame graph of what is chosen of a profile, with all that can be done to it. What is looked at comes in and goes out as one choice.

import { useMemo, useRef, useState } from 'preact/hooks';
import { matchLabels, parseSearch, sumMatches, isFunction, nextMatch } from '#profile/call-search';
import type { Profile } from '#core/profile';
import { countedText, indentedText } from '#profile/call-text';
import { isComparable, LEAST_COMPARED } from '#profile/call-difference';
import type { CallTree } from '#profile/call-tree';
import { useShortcuts } from '../shell/keyboard.ts';
import { scheme } from '../shell/theme.ts';
import { FLAME_COLORS, type FlameChoice } from './flame-choice.ts';
import { flamePaint } from './flame-colors.ts';
import { FlameGraph } from './flame-graph.tsx';
import { FlameTable } from './flame-table.tsx';
import { FlameToolbar } from './flame-toolbar.tsx';
import { flameTrees, focusName, hasIdle, type ProfilePart } from './flame-trees.ts';

interface FlamePanelProps {
  readonly part: ProfilePart;
  /** What it is compared with; null for nothing. Kept by the caller: a new object is a new comparison. */
  readonly baseline: (ProfilePart & { readonly words: string }) | null;
  readonly choice: FlameChoice;
  readonly onChoice: (choice: FlameChoice) => void;
}

/** Of a sandwich: callers above, callees below. */
const HALF_ROWS = 16;

export function FlamePanel({ part, baseline, choice, onChoice }: FlamePanelProps) {
  const { profile, selection } = part;
  const search = useRef<HTMLInputElement>(null);
  const [callerNode, setCallerNode] = useState(0);
  const [copied, setCopied] = useState<string | null>(null);
  const current = useRef(0);
  const latest = useRef(choice);
  latest.current = choice;
  const change = (next: Partial<FlameChoice>) => onChoice({ ...latest.current, ...next });
  const knowsIdle = useMemo(() => hasIdle(profile), [profile]);
  const trees = useMemo(
    () => flameTrees({ profile, selection }, baseline, choice),
    [
      profile,
      selection,
      baseline,
      choice.focus,
      choice.direction,
      choice.widths,
      choice.group,
      choice.order,
      choice.withIdle,
    ],
  );
  const tree = trees?.tree ?? null;
  const { matches, problem } = useMemo(() => parseSearch(choice.search), [choice.search]);
  const isSearched = choice.search !== '' && matches !== null;
  const found = useMemo(
    () => (isSearched && tree !== null ? matchLabels(tree.labels, matches) : null),
    [matches, isSearched, tree?.labels],
  );
  const foundCallers = useMemo(
    () => (isSearched && trees?.callers ? matchLabels(trees.callers.labels, matches) : null),
    [matches, isSearched, trees?.callers?.labels],
  );
  const summed = useMemo(() => (found === null || tree === null ? null : sumMatches(tree, found)), [tree, found]);
  const colors = FLAME_COLORS.filter(
    (one) =>
      (one !== 'difference' || (tree !== null && tree.baseline !== null)) &&
      (one !== 'vector' || (tree !== null && tree.instructions !== null)),
  );
  const wanted = choice.color ?? (colors.includes('difference') ? 'difference' : 'library');
  const color = colors.includes(wanted) ? wanted : 'library';
  const isNormalised = !choice.isAbsolute;
  const libraries = useMemo(() => busiestLibraries(profile), [profile]);
  const legend = useMemo(
    () => (tree === null ? [] : flamePaint(tree, color, isNormalised, libraries).legend),
    [tree, color, isNormalised, libraries, scheme.value],
  );

  const copy = (from: CallTree, node: number) => {
    navigator.clipboard.writeText(indentedText(from, node)).then(
      () => setCopied('copied'),
      () => setCopied('the browser refused its clipboard'),
    );
  };
  const sandwich = (from: CallTree, node: number) => {
    const label = from.label[node]!;
    setCallerNode(0);
    if (isFunction(from.labels, label)) change({ focus: focusName(from, label), node: 0 });
    else change({ focus: null, node: 0 });
  };
  const commands: Readonly<Record<string, () => void>> = {
    '/': () => search.current?.focus(),
    r: () => change({ direction: choice.direction === 'callees' ? 'callers' : 'callees', focus: null, node: 0 }),
    f: () => change({ form: choice.form === 'icicle' ? 'flame' : 'icicle' }),
    c: () => change({ color: colors[(colors.indexOf(color) + 1) % colors.length]! }),
    s: () =>
      tree !== null && (choice.focus === null ? sandwich(tree, current.current) : change({ focus: null, node: 0 })),
    y: () => tree !== null && copy(tree, current.current),
    n: () => {
      const next = tree === null || found === null ? -1 : nextMatch(tree, found, choice.node);
      if (next >= 0) change({ node: next });
    },
  };
  useShortcuts('Flame graph: arrows walk, Enter zooms, Escape goes out where it has the focus', [
    { keys: ['/'], does: 'find functions', run: commands['/']! },
    { keys: ['n'], does: 'zoom to the next one that was found', run: commands['n']! },
    { keys: ['r'], does: 'reverse: innermost functions at the root', run: commands['r']! },
    { keys: ['s'], does: 'callers and callees of the function below the cursor, or all again', run: commands['s']! },
    { keys: ['f'], does: 'root above or below', run: commands['f']! },
    { keys: ['c'], does: 'next colours', run: commands['c']! },
    { keys: ['y'], does: 'copy what is below the cursor as text', run: commands['y']! },
  ]);
  const onKey = (from: CallTree) => (key: string, node: number) => {
    if (key === 's') sandwich(from, node);
    else if (key === 'y') copy(from, node);
    else if (commands[key] === undefined) return false;
    else commands[key]();
    return true;
  };
  const isEmpty = tree !== null && !(tree.total[0]! > 0) && !((tree.baseline?.total[0] ?? 0) > 0);
  const common = { color, isNormalised, libraries };
  const name = choice.focus?.slice(choice.focus.indexOf('!') + 1);
  return (
    <section class="panel flame-panel" aria-label="Flame graph">
      <header class="panel-head">
        <h2>Flame graph</h2>
        {choice.focus !== null && (
          <>
            <span>
              callers and callees of <b>{name}</b>
            </span>
            <button type="button" class="quiet" onClick={() => change({ focus: null, node: 0 })}>
              all functions
            </button>
          </>
        )}
        {baseline !== null && <span class="muted">compared with {baseline.words}</span>}
        <span class="muted small">wheel zooms, drag pans, click zooms to a function, double click goes out</span>
      </header>
      <FlameToolbar
        choice={choice}
        onChoice={change}
        colors={colors}
        color={color}
        hasWaits={profile.spans !== null}
        hasIdle={knowsIdle && selection.threads === null}
        hasBaseline={baseline !== null}
        hasTimes={profile.header.clock !== 'none' && baseline === null}
        search={search}
        matches={summed}
        problem={choice.search === '' ? null : problem}
        onCopy={() => tree !== null && copy(tree, choice.node)}
        copied={copied}
      />
      {tree === null && (
        <p class="muted pad">The scheduler was not watched: it is not known what threads waited for.</p>
      )}
      {isEmpty && <p class="muted pad">{emptyWords(choice)}</p>}
      {tree !== null && !isEmpty && !isComparable(tree) && (
        <p class="warn pad" role="status">
          {fewWords(tree)}
        </p>
      )}
      {tree !== null && !isEmpty && (
        <>
          {trees!.callers !== null && (
            <FlameGraph
              {...common}
              tree={trees!.callers}
              label={`Callers of ${name}`}
              form="flame"
              found={foundCallers}
              node={callerNode}
              onNode={setCallerNode}
              onKey={onKey(trees!.callers)}
              maxRows={HALF_ROWS}
            />
          )}
          <FlameGraph
            {...common}
            tree={tree}
            label={choice.focus === null ? 'Flame graph' : `Callees of ${name}`}
            form={choice.focus === null ? choice.form : 'icicle'}
            found={found}
            node={choice.node}
            onNode={(node) => change({ node })}
            onKey={onKey(tree)}
            onCurrent={(node) => (current.current = node)}
          />
          <p class="flame-legend muted">
            {legend.map(({ fill, words }) => (
              <span key={words}>
                <i aria-hidden="true" style={{ backgroundColor: fill }} />
                {words}
              </span>
            ))}
            {tree.cut > 0 && (
              <span class="warn">
                {countedText(tree, tree.cut)} are only in the root: the graph would have been too large
              </span>
            )}
            <span>
              {tree.counted === 'samples'
                ? 'hatched: where a node may end, 95 %'
                : 'stays off the CPU, as long as the scheduler told'}
            </span>
          </p>
          <FlameTable
            tree={tree}
            onFocus={(label) => isFunction(tree.labels, label) && change({ focus: focusName(tree, label), node: 0 })}
          />
        </>
      )}
    </section>
  );
}

function busiestLibraries({ header }: Profile): string[] {
  return header.quality.toSorted((a, b) => b.samples - a.samples).map(({ library }) => library);
}

function fewWords({ samples, baseline, counted }: CallTree): string {
  const counts = [samples[0]!, baseline?.samples[0] ?? 0].map((count) => count.toLocaleString('en'));
  return `Too few ${counted} to compare: ${counts[0]} here, ${counts[1]} in what it is compared with. Differences are told from ${LEAST_COMPARED} on both sides on.`;
}

function emptyWords({ widths, focus }: FlameChoice): string {
  if (widths === 'elided') return 'All that is chosen here is also in what it is compared with.';
  if (focus !== null) return 'This function has no samples in what is chosen.';
  return widths === 'off-cpu' ? 'No thread waited in what is chosen.' : 'There are no samples in what is chosen.';
}
