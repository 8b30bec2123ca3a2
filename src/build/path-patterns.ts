/**
 * Patterns of paths as Docker matches them: `*` and `?` stay inside of a folder, `**` crosses folders, `[…]` is a set.
 * Source: https://docs.docker.com/build/concepts/context/#dockerignore-files, https://pkg.go.dev/path/filepath#Match
 */
export function patternSource(pattern: string): string {
  return pattern.replace(/\*\*\/|\*\*|\*|\?|\[[^\]]+\]|\\.|[\s\S]/g, (token) => {
    if (token === '**/') return '(?:.*/)?';
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    if (token.length > 1 && token.startsWith('[')) return token.replaceAll('\\', '\\\\');
    return escapeLetter(token.length > 1 ? token.slice(1) : token);
  });
}

function escapeLetter(letter: string): string {
  return /[.*+?^${}()|[\]\\/]/.test(letter) ? `\\${letter}` : letter;
}

/** Whether a path is what a COPY source names, or lies in it. */
export function createPathMatcher(patterns: readonly string[]): (path: string) => boolean {
  if (patterns.includes('.')) return () => true;
  const expressions = patterns.map((pattern) => new RegExp(`^${patternSource(pattern)}(?:/.*)?$`, 's'));
  return (path) => expressions.some((expression) => expression.test(path));
}

export interface IgnoreRules {
  readonly ignores: (path: string) => boolean;
  /** A folder that is ignored need not be looked into, unless some rule takes things in it back. */
  readonly hasExceptions: boolean;
}

/** The rules of a `.dockerignore`: the last one that matches a path, or a folder that it is in, decides. */
export function parseDockerignore(text: string): IgnoreRules {
  const rules = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .flatMap((line) => {
      const keeps = line.startsWith('!');
      const pattern = cleanPattern(keeps ? line.slice(1).trim() : line);
      if (pattern === '') return [];
      return [{ keeps, expression: new RegExp(`^${patternSource(pattern)}(?:/.*)?$`, 's') }];
    });
  return {
    ignores: (path) => {
      const last = rules.findLast(({ expression }) => expression.test(path));
      return last !== undefined && !last.keeps;
    },
    hasExceptions: rules.some(({ keeps }) => keeps),
  };
}

function cleanPattern(written: string): string {
  const parts: string[] = [];
  for (const part of written.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}
