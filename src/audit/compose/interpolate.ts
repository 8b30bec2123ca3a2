import type { FactPart, FactValue } from '../facts.ts';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*/;

/** A text as Compose reads it: `$$` is a `$`, and `${NAME:-fallback}` a variable of the environment. */
export function interpolate(text: string): FactValue {
  const parts: FactPart[] = [];
  let plain = '';
  const flush = () => {
    if (plain !== '') parts.push({ kind: 'text', text: plain });
    plain = '';
  };
  for (let at = 0; at < text.length; ) {
    const found = text[at] === '$' ? variableAt(text, at) : undefined;
    if (found === undefined) {
      plain += text[at];
      at += text.startsWith('$$', at) ? 2 : 1;
      continue;
    }
    flush();
    parts.push(found.part);
    at += found.length;
  }
  flush();
  return parts;
}

/** The same where only the text counts, such as in a list of ports: variables have their fallback. */
export function interpolateText(text: string): string {
  return interpolate(text)
    .map((part) => (part.kind === 'text' ? part.text : part.kind === 'variable' ? (part.fallback ?? '') : ''))
    .join('');
}

interface Variable {
  readonly part: FactPart;
  readonly length: number;
}

function variableAt(text: string, at: number): Variable | undefined {
  if (text.startsWith('$$', at)) return undefined;
  if (text[at + 1] !== '{') {
    const name = NAME.exec(text.slice(at + 1))?.[0];
    return name === undefined ? undefined : { part: { kind: 'variable', name }, length: name.length + 1 };
  }
  const end = closingBrace(text, at + 1);
  const body = text.slice(at + 2, end);
  const name = NAME.exec(body)?.[0];
  if (name === undefined) return undefined;
  const fallback = /^:?-([\s\S]*)$/.exec(body.slice(name.length))?.[1];
  const part: FactPart =
    fallback === undefined
      ? { kind: 'variable', name }
      : { kind: 'variable', name, fallback: interpolateText(fallback) };
  return { part, length: end + 1 - at };
}

/** Compose counts braces, so that a fallback may hold another variable. */
function closingBrace(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === '{') depth += 1;
    else if (text[at] === '}' && --depth === 0) return at;
  }
  return text.length;
}
