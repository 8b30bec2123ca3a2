import type { AddressProperty, Part, Value } from './value.ts';

/** A reference as it was written, before names are looked up. */
export type Reference =
  | { readonly kind: 'secret'; readonly name: string }
  | { readonly kind: 'variable'; readonly name: string; readonly fallback?: string }
  | { readonly kind: 'mesh'; readonly property: string }
  | { readonly kind: 'address'; readonly node: string; readonly endpoint: string; readonly property: string }
  | { readonly kind: 'malformed'; readonly because: string };

export type RawPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'reference'; readonly written: string; readonly reference: Reference };

export const ADDRESS_PROPERTIES: readonly AddressProperty[] = ['url', 'host', 'port', 'address'];

/** Splits a text at its `${…}`; `$${` is a literal `${`, and a `$` before anything else is itself. */
export function parseReferences(text: string): RawPart[] {
  const parts: RawPart[] = [];
  let plain = '';
  const flush = () => {
    if (plain !== '') parts.push({ kind: 'text', text: plain });
    plain = '';
  };
  for (let at = 0; at < text.length; ) {
    if (text.startsWith('$${', at)) {
      plain += '${';
      at += 3;
    } else if (text.startsWith('${', at)) {
      const end = text.indexOf('}', at);
      const written = end === -1 ? text.slice(at) : text.slice(at, end + 1);
      flush();
      parts.push({
        kind: 'reference',
        written,
        reference: end === -1 ? UNCLOSED : parseReference(text.slice(at + 2, end)),
      });
      at += written.length;
    } else {
      plain += text[at];
      at += 1;
    }
  }
  flush();
  return parts;
}

const UNCLOSED: Reference = { kind: 'malformed', because: 'the closing } is missing' };
const VARIABLE = /^env\.([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?$/;

function parseReference(body: string): Reference {
  if (body.startsWith('env.')) {
    const match = VARIABLE.exec(body);
    const [, name, fallback] = match ?? [];
    if (name === undefined) return { kind: 'malformed', because: 'expected env.NAME or env.NAME:-default' };
    return fallback === undefined ? { kind: 'variable', name } : { kind: 'variable', name, fallback };
  }
  if (body === '') return { kind: 'malformed', because: 'nothing stands between the braces' };
  if (/\s/.test(body)) return { kind: 'malformed', because: 'a reference has no spaces' };
  const words = body.split('.');
  const [first, second, third] = words;
  if (words.some((word) => word === '')) return { kind: 'malformed', because: 'a name is empty' };
  if (first === 'secrets' && second !== undefined && third === undefined) return { kind: 'secret', name: second };
  if (first === 'mesh' && second !== undefined && third === undefined) return { kind: 'mesh', property: second };
  const isNode = first !== 'secrets' && first !== 'mesh';
  if (isNode && first !== undefined && second !== undefined && third !== undefined && words.length === 3) {
    return { kind: 'address', node: first, endpoint: second, property: third };
  }
  return { kind: 'malformed', because: 'expected node.endpoint.url, secrets.name, env.NAME:-default or mesh.name' };
}

/** A value that is one literal text. */
export function textValue(text: string): Value {
  return text === '' ? [] : [{ kind: 'text', text }];
}

/** Neighbouring texts become one, so that equal values have equal parts. */
export function joinTexts(parts: readonly Part[]): Value {
  const joined: Part[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part.kind === 'text' && part.from === undefined && last?.kind === 'text' && last.from === undefined)
      joined[joined.length - 1] = { kind: 'text', text: last.text + part.text };
    else joined.push(part);
  }
  return joined;
}
