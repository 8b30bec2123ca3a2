import { Composer, type CST, isScalar, Lexer, Parser, type YAMLError } from 'yaml';
import type { Diagnostic, Outcome } from '../diagnostics/diagnostic.ts';
import type { Source } from '../diagnostics/location.ts';
import { describeYamlError, isOutsideStructure } from './describe-yaml-error.ts';
import { findTooDeep } from './find-too-deep.ts';
import type { Tree } from './tree.ts';
import { createLocator, createTreeConverter, MAX_DEPTH, type Report, TOO_DEEP } from './yaml-tree.ts';

/** YAML text → tree with places. Every problem of the syntax is returned, not only the first. */
export function parseYaml(source: Source): Outcome<Tree> {
  const diagnostics: Diagnostic[] = [];
  const locate = createLocator(source);
  const report: Report = (diagnostic) => diagnostics.push({ severity: 'error', ...diagnostic });
  const words = [...new Lexer().lex(source.text)];
  const tooDeep = findTooDeep(words, MAX_DEPTH);
  if (tooDeep !== undefined) {
    report({ code: 'MESH1002', message: TOO_DEEP, location: locate(tooDeep, tooDeep + 1) });
    return { diagnostics };
  }
  const [document, second] = new Composer({ uniqueKeys: false }).compose(parse(words), true, source.text.length);
  if (document === undefined) throw new Error('the YAML composer made no document');
  for (const error of withoutConsequences([...document.errors, ...document.warnings])) {
    const [from, to] = error.pos;
    report({ code: 'MESH1002', ...describeYamlError(error), location: locate(from, Math.max(to, from + 1)) });
  }
  if (second !== undefined) {
    const at = second.range[0];
    report({
      code: 'MESH1002',
      message: 'a second document begins here, and a manifest is one',
      location: locate(at, at + 1),
      hint: 'remove the line `---` or `...`',
    });
  }
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null)) {
    if (diagnostics.length === 0) {
      report({
        code: 'MESH1103',
        message: 'the manifest is empty: expected at least `name` and `services`, or `extends`',
        location: locate(0, 1),
      });
    }
    return { diagnostics };
  }
  const tree = createTreeConverter(document, locate, report)(contents);
  // A key written twice leaves a tree whose other problems are worth reporting in the same run.
  const broken = diagnostics.some((diagnostic) => diagnostic.code !== 'MESH1003');
  return broken ? { diagnostics } : { value: tree, diagnostics };
}

/** What else is wrong at the same letter follows from the first; so does all that has no place once the structure is lost. */
function withoutConsequences(errors: readonly YAMLError[]): YAMLError[] {
  const blamed = new Set<number | string>();
  return errors.filter((error) => {
    const cause = isOutsideStructure(error) ? 'structure' : error.pos[0];
    if (blamed.has(cause)) return false;
    blamed.add(cause);
    return true;
  });
}

function* parse(words: readonly string[]): Generator<CST.Token> {
  const parser = new Parser();
  for (const word of words) yield* parser.next(word);
  yield* parser.end();
}
