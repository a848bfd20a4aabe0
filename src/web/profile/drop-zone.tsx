// A file that is dropped anywhere on a page, or chosen by a button.

import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

interface DropZoneProps {
  /** What is done with the file; what it throws is shown. */
  readonly onFile: (file: File) => Promise<void>;
  /** Says while a file hangs over the page what will become of it. */
  readonly words: string;
  readonly children?: ComponentChildren;
}

/** A button that opens a file, and the whole window as a place to drop one. */
export function DropZone({ onFile, words, children }: DropZoneProps) {
  const [isOver, setOver] = useState(false);
  const [busy, setBusy] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const picker = useRef<HTMLInputElement>(null);
  const take = useRef<(file: File) => void>(() => undefined);
  take.current = (file) => {
    if (busy !== null) return;
    setBusy(file.name);
    setProblem(null);
    onFile(file)
      .catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)))
      .finally(() => setBusy(null));
  };
  useEffect(() => {
    const listeners = new AbortController();
    const listen = (type: 'dragover' | 'dragleave' | 'drop', run: (event: DragEvent) => void) =>
      addEventListener(type, run, { signal: listeners.signal });
    listen('dragover', (event) => {
      if (event.dataTransfer?.types.includes('Files') !== true) return;
      event.preventDefault();
      setOver(true);
    });
    listen('dragleave', (event) => event.relatedTarget === null && setOver(false));
    listen('drop', (event) => {
      const file = event.dataTransfer?.files[0];
      setOver(false);
      if (file === undefined) return;
      event.preventDefault();
      take.current(file);
    });
    return () => listeners.abort();
  }, []);
  return (
    <>
      <button type="button" disabled={busy !== null} onClick={() => picker.current!.click()}>
        {children}
      </button>
      <input
        ref={picker}
        type="file"
        class="drop-picker"
        aria-label={words}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = '';
          if (file !== undefined) take.current(file);
        }}
      />
      {(isOver || busy !== null || problem !== null) && (
        <div class="drop-words" data-over={isOver} role={problem === null ? 'status' : 'alert'}>
          <p>{isOver ? words : busy === null ? problem : `reading ${busy} …`}</p>
          {!isOver && busy === null && (
            <button type="button" class="quiet" onClick={() => setProblem(null)}>
              close
            </button>
          )}
        </div>
      )}
    </>
  );
}
