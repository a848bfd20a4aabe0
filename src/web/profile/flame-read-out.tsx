// What a node of a flame graph is about, in a line below it.

import { formatQuantity } from '#core/format-quantity';
import { isChangeSure, nodeChange } from '#profile/call-difference';
import { nodeFacts } from '#profile/call-node';
import { countedText, shareText } from '#profile/call-text';
import type { CallTree, CallUnit } from '#profile/call-tree';

interface FlameReadOutProps {
  readonly tree: CallTree;
  readonly node: number;
  readonly isNormalised: boolean;
}

export function FlameReadOut({ tree, node, isNormalised }: FlameReadOutProps) {
  if (!(tree.total[0]! > 0) || node >= tree.label.length) return <p class="flame-read-out muted"> </p>;
  const facts = nodeFacts(tree, node);
  const { kind, library } = facts;
  const change = 100 * nodeChange(tree, node, isNormalised);
  return (
    <p class="flame-read-out" role="status">
      <b>{facts.name}</b>{' '}
      <span class="muted">
        {library}
        {kind === 'kernel' || kind === 'jit' ? ` (${kind === 'jit' ? 'JIT' : kind})` : ''}
      </span>
      <br />
      total {formatWeight(facts.total, tree.unit)},{' '}
      {facts.self !== null && `self ${formatWeight(facts.self, tree.unit)}, `}
      {shareText(tree, node)} of what is shown, {countedText(tree, facts.samples)}
      {facts.vectorShare !== null && `, vector code ${(100 * facts.vectorShare).toFixed(0)} %`}
      {facts.baseline !== null && (
        <>
          ; compared: {(100 * facts.baseline.share).toFixed(1)} %, {formatWeight(facts.baseline.total, tree.unit)},{' '}
          <b>
            {change < 0 ? '−' : '+'}
            {Math.abs(change).toFixed(2)} % of {isNormalised ? 'each whole' : 'the larger whole'}
          </b>
          {Math.abs(change) >= 0.005 && !isChangeSure(tree, node, isNormalised) && ', which may be chance'}
        </>
      )}
    </p>
  );
}

export function formatWeight(weight: number, unit: CallUnit): string {
  if (unit === 'ns') return formatQuantity(weight / 1e9, 's');
  if (unit === 'bytes') return formatQuantity(weight, 'byte');
  return `${weight.toLocaleString('en')} samples`;
}
