// Asks the server to find out which parameters an encoder takes while it works, and shows how far that is.

import { useEffect, useState } from 'preact/hooks';
import type { EncoderInfo } from '#core/encoder';
import type { ProofState } from '#server/encoders-wire';
import { api } from '../shell/api.ts';

/** Between two looks at how far it is. */
const POLL_MS = 600;

export interface LiveProofProps {
  readonly encoder: EncoderInfo;
  readonly first: ProofState | null;
  /** Called when there is something new to read. */
  readonly onEnd: () => void;
}

export function LiveProof({ encoder, first, onEnd }: LiveProofProps) {
  const [proof, setProof] = useState(first);
  const [problem, setProblem] = useState<string | null>(null);
  const isRunning = proof?.state === 'running';
  const isMine = proof?.engine === encoder.engine && proof.encoder === encoder.name;
  useEffect(() => {
    if (!isRunning) return;
    const look = async () => {
      // A server that is away is told at the top of the page; the next look may find it.
      const next = await api.proof().catch(() => proof);
      setProof(next);
      if (next?.state !== 'running') onEnd();
    };
    const timer = setInterval(() => void look(), POLL_MS);
    return () => clearInterval(timer);
  }, [isRunning]);
  const ask = (request: Promise<ProofState | null>) => {
    setProblem(null);
    request.then(setProof, (error: Error) => setProblem(error.message));
  };
  const open = encoder.parameters.filter(({ live }) => live === null).length;
  return (
    <section class="panel proof" aria-label="Changes while encoding">
      <h2>Changes while encoding</h2>
      {isRunning ? (
        <>
          <span role="status">
            {isMine ? '' : `${proof.encoder}: `}
            {proof.total === null ? 'beginning …' : `${proof.done} of ${proof.total} parameters`}
          </span>
          {proof.total !== null && (
            <span class="small-track">
              <i style={{ width: `${(100 * (proof.done ?? 0)) / Math.max(1, proof.total)}%` }} />
            </span>
          )}
          <button type="button" onClick={() => ask(api.stopProof())}>
            Stop
          </button>
        </>
      ) : (
        <>
          <span class="muted">
            {open === 0
              ? 'each parameter was tried in the middle of small encodes'
              : `${open} of ${encoder.parameters.length} parameters not tried yet: each is changed in the middle of small encodes`}
          </span>
          {open > 0 && (
            <button
              type="button"
              disabled={!encoder.available}
              title={encoder.available ? undefined : 'it does not work on this machine'}
              onClick={() => ask(api.proveEncoder(encoder.engine, encoder.name))}
            >
              Prove
            </button>
          )}
        </>
      )}
      {isMine && proof.problem !== null && <span class="bad">{proof.problem}</span>}
      {problem !== null && (
        <span class="bad" role="alert">
          {problem}
        </span>
      )}
    </section>
  );
}
