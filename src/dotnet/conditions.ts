import path from 'node:path/posix';
import { resolvePath } from './paths.ts';
import { type Expander, expand, namesUnset } from './properties.ts';

/** `maybe`: it depends on something that only MSBuild knows. */
export type Truth = 'yes' | 'no' | 'maybe';

const TOKEN = /\s*('[^']*'|==|!=|<=|>=|<|>|\(|\)|!|\$\([^()]*\)|[\w.-]+)/y;

/**
 * Whether a `Condition` holds: comparisons of texts and properties, `Exists`, `and`, `or`, `!` and brackets. Everything
 * else may hold, as far as can be told without MSBuild.
 */
export function evaluateCondition(condition: string | undefined, by: Expander): Truth {
  if (condition === undefined || condition.trim() === '') return 'yes';
  const tokens = tokensOf(condition);
  if (tokens === undefined) return 'maybe';
  const parser = createParser(tokens, by);
  const result = parser.disjunction();
  return parser.atEnd() ? result : 'maybe';
}

function tokensOf(text: string): string[] | undefined {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  let end = 0;
  for (let found = TOKEN.exec(text); found !== null; found = TOKEN.exec(text)) {
    tokens.push(found[1] ?? '');
    end = TOKEN.lastIndex;
  }
  return text.slice(end).trim() === '' ? tokens : undefined;
}

function createParser(tokens: readonly string[], by: Expander) {
  let next = 0;
  const peek = () => tokens[next]?.toLowerCase();
  const accept = (word: string): boolean => {
    if (peek() !== word) return false;
    next += 1;
    return true;
  };

  const disjunction = (): Truth => {
    let result = conjunction();
    while (accept('or')) result = either(result, conjunction());
    return result;
  };
  const conjunction = (): Truth => {
    let result = term();
    while (accept('and')) result = not(either(not(result), not(term())));
    return result;
  };
  const term = (): Truth => {
    if (accept('!')) return not(term());
    if (accept('(')) {
      const inner = disjunction();
      return accept(')') ? inner : 'maybe';
    }
    if (peek() === 'exists') return exists();
    return comparison();
  };
  const exists = (): Truth => {
    next += 1;
    if (!accept('(')) return 'maybe';
    const written = expand(unquote(tokens[next++] ?? ''), by);
    if (!accept(')') || written === undefined) return 'maybe';
    return by.files.kind(resolvePath(path.dirname(by.file), written)) === undefined ? 'no' : 'yes';
  };
  const comparison = (): Truth => {
    const left = tokens[next++] ?? '';
    const operator = peek();
    if (operator !== '==' && operator !== '!=') return literal(left, by);
    next += 1;
    const equal = equality(left, tokens[next++] ?? '', by);
    return operator === '==' ? equal : not(equal);
  };
  return { disjunction, atEnd: () => next === tokens.length };
}

function equality(left: string, right: string, by: Expander): Truth {
  const [a, b] = [expand(unquote(left), by), expand(unquote(right), by)];
  if (a === undefined || b === undefined) return 'maybe';
  if (a.toLowerCase() === b.toLowerCase()) return 'yes';
  // What no file sets may still come from the SDK or a package, except where emptiness itself is asked for.
  const unset = [left, right].some((side) => namesUnset(side, by));
  return unset && (a !== '') !== (b !== '') ? 'maybe' : 'no';
}

function literal(token: string, by: Expander): Truth {
  const value = expand(unquote(token), by)?.toLowerCase();
  if (value === 'true') return 'yes';
  return value === 'false' ? 'no' : 'maybe';
}

function either(a: Truth, b: Truth): Truth {
  if (a === 'yes' || b === 'yes') return 'yes';
  return a === 'maybe' || b === 'maybe' ? 'maybe' : 'no';
}

function not(truth: Truth): Truth {
  if (truth === 'maybe') return 'maybe';
  return truth === 'yes' ? 'no' : 'yes';
}

function unquote(token: string): string {
  return token.replace(/^'(.*)'$/s, '$1');
}
