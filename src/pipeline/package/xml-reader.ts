// A strict reader of small XML documents (CPIX, MPD): elements, attributes and text. No document types and no entities
// but the five of XML itself, so that a document can neither grow nor reach for another file.

/** Characters of a document, and elements inside each other, at most. */
const MAX_LENGTH = 4 * 1024 * 1024;
const MAX_DEPTH = 64;

export interface XmlElement {
  /** Without its prefix: documents choose prefixes freely. */
  readonly name: string;
  /** By their names without a prefix; declarations of name spaces are left out. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Its own text, not that of its children. */
  readonly text: string;
}

type OpenElement = {
  name: string;
  tag: string;
  attributes: Record<string, string>;
  children: XmlElement[];
  text: string;
};

/** A tag with its attributes, a comment, an instruction, CDATA; sticky, so that each step begins where the last ended. */
const MARKUP =
  /<!--(?:(?!--)[^])*-->|<\?(?:(?!\?>)[^])*\?>|<!\[CDATA\[((?:(?!\]\]>)[^])*)\]\]>|<\/([\w:.-]+)\s*>|<([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;
const ATTRIBUTE = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * Reads a whole document.
 * @returns its root
 * @throws Error where it is not well-formed, too large, or holds what is not read here
 */
export function readXml(document: string): XmlElement {
  if (document.length > MAX_LENGTH) throw new Error(`it is longer than ${MAX_LENGTH} characters`);
  const open: OpenElement[] = [];
  let root: XmlElement | null = null;
  let at = document.startsWith('\ufeff') ? 1 : 0;
  const add = (element: XmlElement) => {
    const parent = open.at(-1);
    if (parent !== undefined) parent.children.push(element);
    else if (root === null) root = element;
    else throw new Error('it has more than one root element');
  };
  const addText = (text: string) => {
    const parent = open.at(-1);
    if (parent !== undefined) parent.text += text;
    else if (text.trim() !== '') throw new Error('it has text outside of its root element');
  };
  while (at < document.length) {
    const next = document.indexOf('<', at);
    addText(unescape(document.slice(at, next === -1 ? document.length : next)));
    if (next === -1) break;
    MARKUP.lastIndex = next;
    const match = MARKUP.exec(document);
    if (match === null) throw new Error(`it is not well-formed at character ${next}, or has a document type`);
    at = MARKUP.lastIndex;
    const [, cdata, closing, opening, attributes, empty] = match;
    if (cdata !== undefined) addText(cdata);
    if (closing !== undefined) {
      const element = open.pop();
      if (element?.tag !== closing) throw new Error(`</${closing}> closes what is not open at character ${next}`);
      add(element);
    }
    if (opening !== undefined) {
      const element = {
        name: local(opening),
        tag: opening,
        attributes: readAttributes(attributes!),
        children: [],
        text: '',
      };
      if (empty === '/') add(element);
      else if (open.push(element) > MAX_DEPTH) throw new Error(`its elements are nested deeper than ${MAX_DEPTH}`);
    }
  }
  if (open.length > 0) throw new Error(`<${open.at(-1)!.tag}> is not closed`);
  if (root === null) throw new Error('it is empty');
  return root;
}

/** All elements of that name, in the order of the document, however deep. */
export function elementsOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.flatMap((child) => [...(child.name === name ? [child] : []), ...elementsOf(child, name)]);
}

/** Text as it may stand in an element or an attribute. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function readAttributes(text: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [, name, double, single] of text.matchAll(ATTRIBUTE)) {
    if (name === 'xmlns' || name!.startsWith('xmlns:')) continue;
    const key = local(name!);
    if (Object.hasOwn(attributes, key)) throw new Error(`the attribute ${key} stands twice`);
    attributes[key] = unescape(double ?? single!);
  }
  return attributes;
}

function unescape(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-fA-F]{1,6})|(\w+));|&/g, (whole, decimal, hex, name) => {
    const known = ENTITIES[name as string];
    if (known !== undefined) return known;
    const code = decimal !== undefined ? Number(decimal) : Number.parseInt(hex as string, 16);
    if (!Number.isInteger(code) || code > 0x10ffff) throw new Error(`"${whole}" is an entity that is not known`);
    return String.fromCodePoint(code);
  });
}

function local(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
