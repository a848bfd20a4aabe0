// A line to copy, and the button that does it.

import { useRef, useState } from 'preact/hooks';

/** How long the button says that it is done. */
const SAID_MS = 1_600;

interface CopyLineProps {
  readonly text: string;
  readonly title?: string;
  readonly children?: preact.ComponentChildren;
}

export function CopyLine({ text, title = 'For a benchmark file', children }: CopyLineProps) {
  const code = useRef<HTMLElement>(null);
  const [state, setState] = useState<'ready' | 'copied' | 'marked'>('ready');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setState('copied');
    } catch {
      // A browser may refuse its clipboard: then the line is marked, for the person to copy.
      getSelection()?.selectAllChildren(code.current!);
      setState('marked');
    }
    setTimeout(() => setState('ready'), SAID_MS);
  };
  return (
    <section class="panel copy-line" aria-label={title}>
      <h2>{title}</h2>
      <code ref={code} tabIndex={0}>
        {text}
      </code>
      <button type="button" onClick={() => void copy()}>
        {{ ready: 'Copy', copied: '✓ Copied', marked: 'Marked: press Ctrl-C' }[state]}
      </button>
      {children}
    </section>
  );
}
