// What a profile shows by itself: each finding with its evidence. A click chooses the times that it is about.

import type { ProfileFinding } from '#core/profile';
import { DIAGNOSIS_NAMES } from '#profile/diagnosis/words';

interface FindingsProps {
  /** Null until they are found. */
  readonly findings: readonly ProfileFinding[] | null;
  /** Why nothing can be found; null where something can. */
  readonly tooThin: string | null;
  /** What it means that nothing was found; null where something was. */
  readonly nothing: string | null;
  /** Position of the one whose times are chosen; -1 for none. */
  readonly chosen: number;
  readonly onChoose: (position: number | null) => void;
}

export function ProfileFindings({ findings, tooThin, nothing, chosen, onChoose }: FindingsProps) {
  return (
    <section class="panel profile-findings" aria-label="Findings">
      <header class="panel-head">
        <h2>What it shows</h2>
        <span class="muted">a click chooses the times of a finding</span>
      </header>
      {findings === null ? (
        <p class="muted profile-none">looking for what stands out …</p>
      ) : findings.length === 0 ? (
        <p class="muted profile-none">{tooThin !== null ? `Nothing can be told: ${tooThin}.` : nothing}</p>
      ) : (
        <ol>
          {findings.map((finding, position) => (
            <li key={`${finding.diagnosis} ${position}`} data-diagnosis={finding.diagnosis}>
              <button
                type="button"
                class="profile-finding"
                aria-pressed={position === chosen}
                onClick={() => onChoose(position === chosen ? null : position)}
              >
                <b>{DIAGNOSIS_NAMES[finding.diagnosis]}</b>
                <span>{finding.what}</span>
                <span class="muted">
                  {percent(finding.share)} of the time ·{' '}
                  {finding.confidence > 0.99 ? 'over 99 %' : percent(finding.confidence)} sure
                </span>
              </button>
              {position === chosen && (
                <div class="profile-evidence">
                  <Sentences title="Because" sentences={finding.evidence} />
                  <Sentences title="What to try" sentences={finding.todo} />
                </div>
              )}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function Sentences({ title, sentences }: { title: string; sentences: readonly string[] }) {
  if (sentences.length === 0) return null;
  return (
    <div>
      <h3>{title}</h3>
      <ul>
        {sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </div>
  );
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
