import type * as z from 'zod';
import type { Code } from '../diagnostics/catalogue.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { didYouMean, suggest } from '../diagnostics/suggest.ts';
import { choicesAt, knownKeysAt, rangeAt } from './known-keys.ts';
import { entryAt, type MapTree, type Path, placeOf, type Tree, treeAt } from './tree.ts';

type Issue = z.core.$ZodIssue;
type UnionIssue = Extract<Issue, { code: 'invalid_union' }>;

/** One schema issue → problems with a place: the key when it is unknown, the value when it is bad, the parent when something is missing. */
export function describeIssue(issue: Issue, tree: Tree): Diagnostic[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  switch (issue.code) {
    case 'invalid_union':
      return describeUnion(issue, path, tree);
    case 'unrecognized_keys':
      return issue.keys.map((key) => describeUnknownKey(key, path, tree));
    case 'invalid_key':
      return [describeBadKey(issue, path, tree)];
    default:
      return [describeValue(issue, path, tree)];
  }
}

/** What Compose calls it; many who write a manifest come from there. */
const COMPOSE_WORDS: Readonly<Record<string, string>> = {
  configs: 'files',
  depends_on: 'needs',
  environment: 'env',
  healthcheck: 'health',
  ports: 'endpoints',
  stop_grace_period: 'stopGrace',
};

function describeUnknownKey(key: string, path: Path, tree: Tree): Diagnostic {
  const known = knownKeysAt(path);
  const location = entryAt(tree, [...path, key])?.keyAt ?? placeOf(tree, path);
  if (known.includes(key)) {
    const others = keysOf(treeAt(tree, path)).filter((other) => other !== key);
    return problem('MESH1104', {
      message: `${label(path)}: \`${key}\` does not go with ${others.map((other) => `\`${other}\``).join(', ')}`,
      location,
      hint: `remove \`${key}\`, or what it does not go with`,
    });
  }
  return problem('MESH1102', {
    message: `${label([...path, key])}: unknown key ${quoted(key)}`,
    location,
    hint:
      didYouMean(key, known) ??
      composeHint(key, known) ??
      (known.length > 0 ? `known here: ${known.join(', ')}` : undefined),
  });
}

function composeHint(key: string, known: readonly string[]): string | undefined {
  const word = COMPOSE_WORDS[suggest(key, Object.keys(COMPOSE_WORDS)) ?? ''];
  return word !== undefined && known.includes(word) ? `it is called \`${word}\` here` : undefined;
}

function describeBadKey(issue: Extract<Issue, { code: 'invalid_key' }>, path: Path, tree: Tree): Diagnostic {
  const wanted = issue.issues[0] === undefined ? 'another form' : wantedOf(issue.issues[0] as Issue, path);
  return problem('MESH1101', {
    message: `${label(path)}: expected ${wanted}, got ${quoted(String(path.at(-1)))}`,
    location: entryAt(tree, path)?.keyAt ?? placeOf(tree, path),
  });
}

function describeValue(issue: Issue, path: Path, tree: Tree): Diagnostic {
  const found = treeAt(tree, path);
  if (found === undefined) return describeMissing(path, tree, wantedOf(issue, path));
  return problem('MESH1101', {
    message: `${label(path)}: expected ${wantedOf(issue, path)}, got ${show(found)}`,
    location: placeOf(tree, path),
    hint: hintFor(issue, found, path),
  });
}

function describeMissing(path: Path, tree: Tree, wanted: string): Diagnostic {
  const parent = path.slice(0, -1);
  return problem('MESH1103', {
    message: `${label(parent)}: needs \`${String(path.at(-1))}\`, ${wanted}`,
    location: entryAt(tree, parent)?.keyAt ?? placeOf(tree, path),
  });
}

/**
 * A union fails in every branch. Where its forms are told apart by a key, that key says which one was meant; otherwise
 * it is the one that got furthest into the value. When all fail at the top, what they wanted is listed.
 */
function describeUnion(issue: UnionIssue, path: Path, tree: Tree): Diagnostic[] {
  const branches = (issue.errors as Issue[][]).filter((branch) => branch.length > 0);
  const found = treeAt(tree, path);
  const choices = choicesAt(path);
  if (found?.kind === 'map' && choices.length > 0) return describeChoice(found, choices, branches, path, tree);
  const deepest = branches.filter(fitsSoFar).sort((a, b) => badness(a) - badness(b))[0];
  if (deepest !== undefined) return describeBranch(withoutGuesses(deepest), path, tree);
  const wanted = either(branches.flatMap((branch) => branch.slice(0, 1).map((inner) => wantedOf(inner, path))));
  if (found === undefined) return [describeMissing(path, tree, wanted)];
  const words = branches.flatMap((branch) =>
    branch.flatMap((inner) => (inner.code === 'invalid_value' ? inner.values.map(String) : [])),
  );
  return [
    problem('MESH1101', {
      message: `${label(path)}: expected ${wanted}, got ${show(found)}`,
      location: placeOf(tree, path),
      hint: hintFor(issue, found, path) ?? (found.kind === 'scalar' ? didYouMean(found.written, words) : undefined),
    }),
  ];
}

function describeBranch(branch: readonly Issue[], path: Path, tree: Tree): Diagnostic[] {
  return branch.flatMap((inner) => describeIssue({ ...inner, path: [...path, ...inner.path] } as Issue, tree));
}

function describeChoice(
  found: MapTree,
  choices: readonly string[],
  branches: readonly Issue[][],
  path: Path,
  tree: Tree,
): Diagnostic[] {
  const [chosen, second] = choices.filter((choice) => found.entries.has(choice));
  if (second !== undefined) {
    return [
      problem('MESH1104', {
        message: `${label(path)}: \`${chosen}\` and \`${second}\` cannot stand together`,
        location: found.entries.get(second)?.keyAt ?? found.at,
        hint: 'keep one of them',
      }),
    ];
  }
  if (chosen !== undefined) {
    const meant = branches.find((branch) => fitsSoFar(branch) && !lacks(branch, chosen)) ?? [];
    return describeBranch(meant, path, tree);
  }
  const known = knownKeysAt(path);
  const unknown = keysOf(found).filter((key) => !known.includes(key));
  const missing = problem('MESH1103', {
    message: `${label(path)}: needs one of ${either(choices.map((choice) => `\`${choice}\``))}`,
    location: entryAt(tree, path)?.keyAt ?? found.at,
  });
  const misspelt = unknown.some((key) => suggest(key, choices) !== undefined);
  return [...(misspelt ? [] : [missing]), ...unknown.map((key) => describeUnknownKey(key, path, tree))];
}

/** Whether the key is unknown to a branch; the branches of other forms do not know it. */
function lacks(branch: readonly Issue[], key: string): boolean {
  return branch.some(
    (issue) => issue.code === 'unrecognized_keys' && issue.path.length === 0 && issue.keys.includes(key),
  );
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
  return !branch.some((issue) => issue.path.length === 0 && isWrongType(issue)) && !isWholeUnion(branch);
}

function isWrongType(issue: Issue): boolean {
  if (issue.code === 'invalid_union') return !(issue.errors as Issue[][]).some(fitsSoFar);
  return issue.code === 'invalid_type';
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

function wantedOf(issue: Issue, path: Path): string {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.expected === 'number' || issue.expected === 'int') return rangeAt(path) ?? typeName(issue.expected);
      // A schema that says it in its own words does so in the middle of a sentence; zod's own words begin with a capital.
      return /^[a-z]/.test(issue.message) ? issue.message : typeName(issue.expected);
    case 'too_small':
    case 'too_big':
      return rangeName(issue, path);
    case 'invalid_value':
      return either(issue.values.map((value) => `\`${String(value)}\``));
    case 'invalid_union':
      return either(
        (issue.errors as Issue[][]).flatMap((branch) => branch.slice(0, 1).map((inner) => wantedOf(inner, path))),
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

function rangeName(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>, path: Path): string {
  if (issue.origin === 'array') return 'a list of at least one';
  if (issue.origin === 'string') return issue.message;
  const bound = issue.code === 'too_small' ? issue.minimum : issue.maximum;
  const words = issue.code === 'too_small' ? (issue.inclusive === false ? 'above' : 'of at least') : 'of at most';
  return rangeAt(path) ?? `a number ${words} ${bound}`;
}

function hintFor(issue: Issue, found: Tree, path: Path): string | undefined {
  if (path.includes('endpoints') && (path.at(-1) === 'port' || path.at(-2) === 'endpoints')) {
    if (issue.code === 'too_big' || issue.code === 'too_small') return 'this is the port inside the container';
  }
  if (found.kind === 'scalar' && found.value === null) {
    return path.at(-2) === 'env'
      ? 'write "" for an empty text'
      : 'an empty value removes only what an extended manifest has';
  }
  if (issue.code === 'invalid_value' && found.kind === 'scalar') {
    return didYouMean(found.written, issue.values.map(String));
  }
  return undefined;
}

function show(tree: Tree): string {
  if (tree.kind === 'sequence') return tree.items.length === 0 ? 'an empty list' : 'a list';
  if (tree.kind === 'map') return 'a block of keys';
  if (tree.value === null) return 'nothing';
  const written = typeof tree.value === 'string' ? JSON.stringify(tree.value) : tree.written;
  return written.length > 60 ? `${written.slice(0, 57)}…` : written;
}

/** `a, b or c`; a last item that is itself an alternative brings its own "or". */
function either(items: readonly string[]): string {
  const unique = [...new Set(items)];
  const last = unique.at(-1) ?? 'something else';
  if (unique.length < 2) return last;
  return `${unique.slice(0, -1).join(', ')}${last.includes(' or ') ? ', ' : ' or '}${last}`;
}

/** `services.api.endpoints.http.port`; the root is called the manifest. Keys that are no plain words are quoted. */
function label(path: Path): string {
  if (path.length === 0) return 'the manifest';
  return path.map((step) => (/^[\p{L}\p{N}_./-]+$/u.test(String(step)) ? step : JSON.stringify(step))).join('.');
}

function quoted(key: string): string {
  return /^[^\p{Cc}`]+$/u.test(key) ? `\`${key}\`` : JSON.stringify(key);
}

function keysOf(tree: Tree | undefined): string[] {
  return tree?.kind === 'map' ? [...tree.entries.keys()] : [];
}

function problem(code: Code, rest: Omit<Diagnostic, 'code' | 'severity'>): Diagnostic {
  return { code, severity: 'error', ...rest };
}
