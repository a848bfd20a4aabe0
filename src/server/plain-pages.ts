// Pages that stand without the application: no link yet, a used link, a page that was not built.

import { createHash } from 'node:crypto';

const STYLE = `:root{color-scheme:light dark}body{font:15px/1.55 system-ui,sans-serif;max-width:34rem;margin:18vh auto 0;padding:0 1.5rem}
h1{font-size:1.25rem;font-weight:600;margin:0 0 .5rem}code{font:13px ui-monospace,monospace;background:color-mix(in srgb,currentColor 9%,transparent);padding:.15em .45em;border-radius:4px}
p{margin:.6rem 0;opacity:.85}`;

/** For the `style-src` of these pages: their style is inline, so that they need nothing else. */
export const PLAIN_STYLE_SOURCE = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

function page(title: string, ...paragraphs: string[]): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title} · encodelab</title><style>${STYLE}</style><h1>${title}</h1>${paragraphs.map((text) => `<p>${text}</p>`).join('')}</html>`;
}

export const USED_LINK_PAGE = page(
  'This link has been used',
  'A link to encodelab opens one browser, once. This one was opened before, or it is not from this server.',
  'The browser that it opened stays signed in until it is closed, or the server ends: there, any page of this address opens without a link.',
  'For a new one, run <code>encodelab serve --link</code> in a terminal, with the same <code>--lab</code>.',
);

export const NO_LINK_PAGE = page(
  'This browser is not signed in',
  'Open the link that <code>encodelab serve</code> printed when it started.',
  'For a new one, run <code>encodelab serve --link</code> in a terminal, with the same <code>--lab</code>.',
);

export const NOT_BUILT_PAGE = page(
  'The page is not built',
  'This is a checkout without <code>dist/web</code>. Run <code>npm run build</code>, then reload.',
);

/**
 * A page that goes on to another by itself. A browser that came from another site does not send its new strict cookie
 * along a redirect; it does where a page of ours sends it on.
 */
export function onwardPage(path: string): string {
  const escaped = path.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${escaped}"><title>encodelab</title>`;
}
