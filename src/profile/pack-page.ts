// A page that carries a profile: the built page with the packed bytes in it, as text that survives every mail and every editor.

/** Of what stands in the page beside the profile. */
export const PAGE_VERSION = 1;

/** In the built page, where the profile goes. */
const PLACE = '<!--profile-->';
const BEGIN = '<script type="text/plain" id="profile-pack">';
const FACTS = '<script type="application/json" id="profile-facts">';
const END = '</script>';

/**
 * Puts a profile into the built page.
 * @param template the built page, with one place for it
 * @param base64 the packed profile, compressed by gzip
 * @param facts what is told beside it: anything that JSON can hold
 * @throws Error where the page has no such place
 */
export function pageWithProfile(template: string, base64: string, title: string, facts: unknown): string {
  const at = template.indexOf(PLACE);
  if (at < 0 || !/^[\w+/=]*$/.test(base64)) throw new Error('the built page has no place for a profile');
  // Nothing in it can end the element that it stands in.
  const json = JSON.stringify(facts).replaceAll('<', '\\u003c');
  const head = template.slice(0, at).replace(/<title>[^<]*<\/title>/, () => `<title>${escaped(title)}</title>`);
  return `${head}${FACTS}${json}${END}\n${BEGIN}${base64}${END}${template.slice(at + PLACE.length)}`;
}

/** What `pageWithProfile` put into a page; null where it holds no profile. */
export function profileInPage(html: string): { readonly base64: string; readonly facts: unknown } | null {
  const base64 = between(html, BEGIN);
  const facts = between(html, FACTS);
  if (base64 === null || facts === null) return null;
  try {
    return { base64: base64.trim(), facts: JSON.parse(facts) as unknown };
  } catch {
    // It was changed by hand: no page of ours any more.
    return null;
  }
}

/** The first one: the page's own script, which comes behind, speaks of it too. */
function between(html: string, begin: string): string | null {
  const from = html.indexOf(begin);
  const to = from < 0 ? -1 : html.indexOf(END, from);
  return to < 0 ? null : html.slice(from + begin.length, to);
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (sign) => entities[sign]!);
}
