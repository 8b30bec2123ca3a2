import type * as z from 'zod';
import type { Code } from '../diagnostics/catalogue.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import { entryAt, type Path, placeOf, type Tree, treeAt } from './tree.ts';

type Issue = z.core.$ZodIssue;

/** One schema issue → problems with a place: the key when it is unknown, the value when it is bad, the parent when something is missing. */
export function describeIssue(issue: Issue, tree: Tree, knownKeys: (path: Path) => readonly string[]): Diagnostic[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  switch (issue.code) {
    case 'invalid_union':
      return describeUnion(issue, path, tree, knownKeys);
    case 'unrecognized_keys':
      return issue.keys.map((key) => describeUnknownKey(key, path, tree, knownKeys(path)));
    case 'invalid_key':
      return [describeBadKey(issue, path, tree)];
    default:
      return [describeValue(issue, path, tree)];
  }
}

function describeUnknownKey(key: string, path: Path, tree: Tree, known: readonly string[]): Diagnostic {
  const suggestion = didYouMean(key, known);
  const list = known.length > 0 && known.length <= 12 ? `known here: ${known.join(', ')}` : undefined;
  return problem('MESH1102', {
    message: `${label([...path, key])}: unknown key \`${key}\``,
    location: entryAt(tree, [...path, key])?.keyAt ?? placeOf(tree, path),
    hint: suggestion ?? list,
  });
}

function describeBadKey(issue: Extract<Issue, { code: 'invalid_key' }>, path: Path, tree: Tree): Diagnostic {
  const key = String(path.at(-1));
  const wanted = issue.issues[0] === undefined ? 'another form' : wantedOf(issue.issues[0] as Issue);
  return problem('MESH1101', {
    message: `${label(path)}: expected ${wanted}, got \`${key}\``,
    location: entryAt(tree, path)?.keyAt ?? placeOf(tree, path),
  });
}

function describeValue(issue: Issue, path: Path, tree: Tree): Diagnostic {
  const found = treeAt(tree, path);
  if (found === undefined) {
    return problem('MESH1103', {
      message: `${label(path.slice(0, -1))}: needs \`${String(path.at(-1))}\`, ${wantedOf(issue)}`,
      location: entryAt(tree, path.slice(0, -1))?.keyAt ?? placeOf(tree, path),
    });
  }
  return problem('MESH1101', {
    message: `${label(path)}: expected ${wantedOf(issue)}, got ${show(found)}`,
    location: placeOf(tree, path),
    hint: hintFor(issue, found, path),
  });
}

/**
 * A union fails in every branch; the one that was meant is the one that got furthest into the value. When all fail at
 * the top, what they wanted is listed.
 */
function describeUnion(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: Path,
  tree: Tree,
  knownKeys: (path: Path) => readonly string[],
): Diagnostic[] {
  const branches = issue.errors.filter((branch) => branch.length > 0) as Issue[][];
  const deepest = branches.filter(fitsSoFar).sort((a, b) => badness(a) - badness(b))[0];
  if (deepest !== undefined) {
    return withoutGuesses(deepest).flatMap((inner) => {
      const absolute = { ...inner, path: [...path, ...inner.path] } as Issue;
      return describeIssue(absolute, tree, knownKeys);
    });
  }
  const wanted = [...new Set(branches.flatMap((branch) => branch.slice(0, 1).map(wantedOf)))];
  const found = treeAt(tree, path);
  if (found === undefined) {
    return [
      problem('MESH1103', {
        message: `${label(path.slice(0, -1))}: needs \`${String(path.at(-1))}\`, ${wanted.join(' or ')}`,
        location: entryAt(tree, path.slice(0, -1))?.keyAt ?? placeOf(tree, path),
      }),
    ];
  }
  return [
    problem('MESH1101', {
      message: `${label(path)}: expected ${wanted.join(' or ')}, got ${show(found)}`,
      location: placeOf(tree, path),
    }),
  ];
}

/** A misspelt key is also a missing one; the misspelling is the better report. */
function withoutGuesses(branch: readonly Issue[]): readonly Issue[] {
  const unknown = branch.filter((issue) => issue.code === 'unrecognized_keys');
  return unknown.length > 0
    ? branch.filter((issue) => !(issue.code === 'invalid_type' && issue.path.length === 1))
    : branch;
}

/** A branch whose type is wrong at the top was not meant; one whose range, key or inner value is wrong was. */
function fitsSoFar(branch: readonly Issue[]): boolean {
  return !branch.some((issue) => issue.path.length === 0 && issue.code === 'invalid_type') && !isWholeUnion(branch);
}

function isWholeUnion(branch: readonly Issue[]): boolean {
  return branch.length === 1 && branch[0]?.path.length === 0 && branch[0].code === 'invalid_value';
}

/** Fewer unknown and missing keys: closer to what was meant. */
function badness(branch: readonly Issue[]): number {
  let sum = 0;
  for (const issue of branch) {
    if (issue.code === 'unrecognized_keys') sum += issue.keys.length * 2;
    else if (issue.code === 'invalid_type' && issue.path.length === 1) sum += 3;
    else sum += 1;
  }
  return sum;
}

function wantedOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return typeName(issue.expected);
    case 'too_small':
    case 'too_big':
      return rangeName(issue);
    case 'invalid_value':
      return issue.values
        .map((value) => `\`${String(value)}\``)
        .join(', ')
        .replace(/, ([^,]*)$/, ' or $1');
    case 'invalid_union':
      return [...new Set((issue.errors as Issue[][]).flatMap((branch) => branch.slice(0, 1).map(wantedOf)))].join(
        ' or ',
      );
    default:
      return issue.message;
  }
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'an integer',
  boolean: '`true` or `false`',
  array: 'a list',
  object: 'a block of keys',
  record: 'a block of keys',
};

function typeName(expected: string): string {
  return TYPE_NAMES[expected] ?? expected;
}

function rangeName(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  const bound = issue.code === 'too_small' ? issue.minimum : issue.maximum;
  if (issue.origin === 'array')
    return issue.code === 'too_small' ? `a list of at least ${bound}` : `a list of at most ${bound}`;
  if (issue.origin === 'string') return issue.message;
  const known = RANGES[String(bound)];
  if (known !== undefined) return known;
  return issue.code === 'too_small' ? `a number of at least ${bound}` : `a number of at most ${bound}`;
}

/** Both ends of a range read better than the one that was passed. */
const RANGES: Readonly<Record<string, string>> = {
  '65535': 'an integer from 1 to 65535',
  '1': 'an integer of at least 1',
  '100': 'an integer from 1 to 100',
};

function hintFor(issue: Issue, found: Tree, path: Path): string | undefined {
  if (path.includes('endpoints') && (path.at(-1) === 'port' || path.at(-2) === 'endpoints')) {
    if (issue.code === 'too_big' || issue.code === 'too_small') return 'this is the port inside the container';
  }
  if (found.kind === 'scalar' && found.value === null) {
    return path.includes('env')
      ? 'write "" for an empty text'
      : 'an empty value removes only what an extended manifest has';
  }
  if (issue.code === 'invalid_value' && found.kind === 'scalar') {
    return didYouMean(found.written, issue.values.map(String));
  }
  return undefined;
}

function show(tree: Tree): string {
  if (tree.kind === 'sequence') return 'a list';
  if (tree.kind === 'map') return 'a block of keys';
  if (tree.value === null) return 'nothing';
  const written = typeof tree.value === 'string' ? `"${tree.value}"` : tree.written;
  return written.length > 60 ? `${written.slice(0, 57)}…` : written;
}

/** `services.api.endpoints.http.port`; the root is called the manifest. */
function label(path: Path): string {
  return path.length === 0 ? 'the manifest' : path.join('.');
}

function problem(code: Code, rest: Omit<Diagnostic, 'code' | 'severity'>): Diagnostic {
  return { code, severity: 'error', ...rest };
}
