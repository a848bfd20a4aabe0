// What stands where there is nothing yet, or nothing any more.

import type { ComponentChildren } from 'preact';
import { RequestFailed } from './api.ts';
import type { Loaded, Resource } from './resource.ts';

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <section class="message">
      <h1>{title}</h1>
      {children}
    </section>
  );
}

export function Failed({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const todo = error instanceof RequestFailed ? error.todo : null;
  return (
    <section class="message" role="alert">
      <h1>This could not be read</h1>
      <p>{error.message}</p>
      {todo !== null && <p class="muted">{todo}</p>}
      <button type="button" onClick={onRetry}>
        Try again
      </button>
    </section>
  );
}

/** Grey where the content will be, of the size that it will have. */
export function Skeleton({ rows = 6 }: { rows?: number }) {
  return (
    <div class="skeleton" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        <i key={row} />
      ))}
    </div>
  );
}

/** Shows something that is read, or why it is not there. */
export function Show<T>({ of, children }: { of: Resource<T>; children: (data: T) => ComponentChildren }) {
  const loaded: Loaded<T> = of.value.value;
  switch (loaded.state) {
    case 'loading':
      return <Skeleton />;
    case 'failed':
      return <Failed error={loaded.error} onRetry={() => void of.reload()} />;
    case 'ready':
      return <>{children(loaded.data)}</>;
  }
}
