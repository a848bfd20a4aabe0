// What is looked at is in the address: a path for the page, a query for how it is shown.

import { computed, signal } from '@preact/signals';

export type Route =
  | { readonly page: 'benchmarks' }
  | { readonly page: 'benchmark'; readonly name: string }
  | { readonly page: 'run'; readonly id: string }
  | { readonly page: 'profile'; readonly id: string }
  | { readonly page: 'explore' }
  | { readonly page: 'live' }
  | { readonly page: 'titles' }
  | { readonly page: 'title'; readonly id: string }
  | { readonly page: 'shapes' }
  | { readonly page: 'scripts' }
  | { readonly page: 'encoders' }
  | { readonly page: 'encoder'; readonly engine: string; readonly name: string }
  | { readonly page: 'nowhere'; readonly path: string };

/** The page that a path names. */
export function parsePath(path: string): Route {
  const parts = path.split('/').filter((part) => part !== '');
  const [first, second] = parts;
  if (first === undefined) return { page: 'benchmarks' };
  if (first === 'explore' && parts.length === 1) return { page: 'explore' };
  if (first === 'live' && parts.length === 1) return { page: 'live' };
  if (first === 'titles' && parts.length === 1) return { page: 'titles' };
  if (first === 'shapes' && parts.length === 1) return { page: 'shapes' };
  if (first === 'scripts' && parts.length === 1) return { page: 'scripts' };
  if (first === 'encoders' && parts.length === 1) return { page: 'encoders' };
  const name = second === undefined ? null : decode(second);
  if (first === 'encoders' && name !== null && parts.length === 3) {
    const encoder = decode(parts[2]!);
    if (encoder !== null) return { page: 'encoder', engine: name, name: encoder };
  }
  if (first === 'benchmarks' && name !== null && parts.length === 2) return { page: 'benchmark', name };
  if (first === 'titles' && name !== null && parts.length === 2) return { page: 'title', id: name };
  if (first === 'runs' && name !== null && parts.length === 2) return { page: 'run', id: name };
  if (first === 'runs' && name !== null && parts.length === 3 && parts[2] === 'profile')
    return { page: 'profile', id: name };
  return { page: 'nowhere', path };
}

export const benchmarkPath = (name: string) => `/benchmarks/${encodeURIComponent(name)}`;
/** An engine may be the path of an executable: its slashes are escaped. */
export const encoderPath = (engine: string, name: string) =>
  `/encoders/${encodeURIComponent(engine)}/${encodeURIComponent(name)}`;
export const titlePath = (id: string) => `/titles/${encodeURIComponent(id)}`;
export const runPath = (id: string) => `/runs/${encodeURIComponent(id)}`;
/** Of a run: where its CPU time went. */
export const profilePath = (id: string) => `${runPath(id)}/profile`;
/** Of the run of a stream: its recording on the live page. */
export const replayPath = (id: string) => `/live?run=${encodeURIComponent(id)}`;

/** A query with some values set anew; null takes one away. */
export function changedQuery(search: string, changes: Readonly<Record<string, string | null>>): string {
  const query = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

const address = signal(currentAddress());

export const route = computed(() => parsePath(address.value.path));
export const query = computed(() => new URLSearchParams(address.value.search));

/** Goes to an address of this page; `replace` leaves no step for the back button. */
export function navigate(to: string, how: 'push' | 'replace' = 'push'): void {
  if (how === 'push') history.pushState(null, '', to);
  else history.replaceState(null, '', to);
  const before = address.peek().path;
  address.value = currentAddress();
  if (address.peek().path !== before) scrollTo(0, 0);
}

/** Sets parts of the query and stays on the page. */
export function setQuery(changes: Readonly<Record<string, string | null>>, how: 'push' | 'replace' = 'replace'): void {
  const { path, search } = address.peek();
  const next = changedQuery(search, changes);
  if (next !== search) navigate(path + next, how);
}

/** Follows the back and forward buttons, and takes over clicks on links to this page. */
export function followAddress(): void {
  addEventListener('popstate', () => (address.value = currentAddress()));
  addEventListener('click', (event) => {
    const link = (event.target as Element | null)?.closest?.('a[href^="/"]');
    if (!(link instanceof HTMLAnchorElement) || link.hasAttribute('download') || link.target !== '') return;
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return;
    event.preventDefault();
    navigate(link.getAttribute('href')!);
  });
}

function currentAddress() {
  // Tests read the pure functions above where there is no page.
  return typeof location === 'undefined'
    ? { path: '/', search: '' }
    : { path: location.pathname, search: location.search };
}

function decode(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}
