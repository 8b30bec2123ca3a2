import type { YAMLError } from 'yaml';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';

type Words = Pick<Diagnostic, 'message' | 'hint'>;

/** The parser speaks to those who know its grammar; what people really get wrong is said in their words. */
export function describeYamlError(error: YAMLError): Words {
  const said = error.message.split('\n')[0] ?? error.message;
  switch (error.code) {
    case 'BLOCK_AS_IMPLICIT_KEY':
      return {
        message: 'a key cannot stand in the value of another one on the same line',
        hint: 'put quotes around a text that holds `: `',
      };
    case 'MULTILINE_IMPLICIT_KEY':
      return { message: 'a key must stand on one line', hint: 'is the colon missing, or the space after it?' };
    case 'TAB_AS_INDENT':
      return { message: 'a tab cannot indent', hint: 'use spaces' };
    case 'TAG_RESOLVE_FAILED':
      return {
        message: `a manifest has no tags such as ${said.replace(/^.*: /, '')}`,
        hint: 'put quotes around a text that begins with !',
      };
    case 'BAD_INDENT':
      return {
        message: said.startsWith('Flow')
          ? 'a { or [ is opened above and not closed before this place'
          : 'the keys of one block must begin at the same column',
      };
    case 'BAD_SCALAR_START':
      return { message: lowerFirst(said), hint: 'put quotes around the text' };
    case 'MISSING_CHAR':
      return said.startsWith('Implicit map keys')
        ? KEY_ALONE
        : { message: lowerFirst(said.replace("'quote", 'single quote').replace('"quote', 'double quote')) };
    case 'UNEXPECTED_TOKEN':
      return describeUnexpected(said);
    default:
      return { message: lowerFirst(said) };
  }
}

const KEY_ALONE: Words = {
  message: 'a key needs a colon and a value',
  hint: 'write `key: value`, or `- item` in a list',
};

const OUTSIDE = / token in YAML \w+: (.*)$/;

/** The parser has lost the structure: it says so of every word that follows. */
export function isOutsideStructure(error: YAMLError): boolean {
  return error.code === 'UNEXPECTED_TOKEN' && OUTSIDE.test(error.message.split('\n')[0] ?? '');
}

function shorten(token: string): string {
  return token.length > 40 ? `${token.slice(0, 38)}…"` : token;
}

function describeUnexpected(said: string): Words {
  const token = OUTSIDE.exec(said)?.[1];
  if (token !== undefined)
    return {
      message: `${shorten(token)} is outside of every block`,
      hint: 'is the line above indented as it should be, and are its quotes and brackets closed?',
    };
  if (said.includes('on same line with key')) {
    return {
      message: 'a list cannot begin on the line of its key',
      hint: 'put each item on a line of its own, or write [a, b]',
    };
  }
  if (said.endsWith('at node end'))
    return { message: 'something stands behind a value that has ended', hint: 'put quotes around the whole text' };
  return { message: lowerFirst(said) };
}

function lowerFirst(message: string): string {
  return message.slice(0, 1).toLowerCase() + message.slice(1);
}
