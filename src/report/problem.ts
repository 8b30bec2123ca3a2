import { renderDiagnostic } from '../diagnostics/code-frame.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { formatLocation, type Location } from '../diagnostics/location.ts';
import { InvalidInput, MeshError, messageOf } from '../diagnostics/mesh-error.ts';
import { escapeControls, visibleText } from '../logs/visible-text.ts';
import type { Styles } from './styles.ts';

export interface ProblemOptions {
  readonly styles: Styles;
  readonly version: string;
}

const OUR_BUG = 70;

/** A problem for people. What the user wrote is shown with its lines; our own bugs with what a report needs. */
export function renderProblem(error: unknown, options: ProblemOptions): string {
  if (error instanceof InvalidInput) return renderInvalidInput(error, options.styles);
  if (error instanceof MeshError) return renderMeshError(error, options.styles);
  return renderBug(error, options);
}

function renderInvalidInput(error: InvalidInput, styles: Styles): string {
  const problems = error.diagnostics.map((diagnostic) =>
    paintDiagnostic(renderDiagnostic(diagnostic, error.sources), diagnostic, styles),
  );
  const files = [...new Set(error.diagnostics.flatMap((diagnostic) => diagnostic.location?.file ?? []))];
  const count = error.diagnostics.length === 1 ? '1 problem' : `${error.diagnostics.length} problems`;
  const total =
    files.length === 0 || error.diagnostics.length === 1 ? '' : `\n${styles.bold(`${count} in ${files.join(', ')}`)}`;
  return `${problems.join('\n\n')}${total}\n`;
}

/** The line under the blamed one: it has no number, so a `^` in the manifest is not taken for it. */
const MARKER = /^( +\| *)(\^+)(.*)$/m;
/** Behind the marker, or in a line of its own: a message may say `hint: ` as well. */
const HINT = /^( +(?:\| .*\^\S* {2})?)(hint: .*)$/m;

function paintDiagnostic(text: string, diagnostic: Diagnostic, styles: Styles): string {
  const paint = diagnostic.severity === 'error' ? styles.red : styles.yellow;
  return text
    .replace(
      `${diagnostic.severity} ${diagnostic.code}`,
      `${paint(diagnostic.severity)} ${styles.dim(diagnostic.code)}`,
    )
    .replace(MARKER, (_line, lead: string, marker: string, hint: string) => `${lead}${paint(marker)}${hint}`)
    .replace(HINT, (_line, lead: string, hint: string) => `${lead}${styles.cyan(hint)}`);
}

function renderMeshError(error: MeshError, styles: Styles): string {
  const place = error.location === undefined ? '' : `\n  ${styles.cyan('from')}  ${formatLocation(error.location)}`;
  const hint = error.hint === undefined ? '' : `\n  ${styles.cyan('do')}    ${visibleLines(error.hint)}`;
  return `${styles.red('✘')} ${visibleLines(error.message)} ${styles.dim(`(${error.code})`)}${place}${hint}\n`;
}

/** An engine's words may hold what a terminal would obey; their line ends stay. */
function visibleLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => visibleText(line, 'strip'))
    .join('\n');
}

function renderBug(error: unknown, { styles, version }: ProblemOptions): string {
  const stack = error instanceof Error && error.stack !== undefined ? error.stack : String(error);
  return `${styles.red('✘')} this is a bug in mesh ${version}, not something you did ${styles.dim('(MESH9001)')}\n\n${visibleLines(stack)}\n\n  ${styles.cyan('do')}    report it with the lines above and the command that you ran\n`;
}

/** The same for scripts, one JSON line a problem. */
export function problemLines(error: unknown): string[] {
  if (error instanceof InvalidInput) return error.diagnostics.map(problemLine);
  if (error instanceof MeshError) return [problemLine(error)];
  return [problemLine({ code: 'MESH9001', message: messageOf(error), hint: 'report it' })];
}

interface Problem {
  readonly code: string;
  readonly message: string;
  readonly location?: Location | undefined;
  readonly hint?: string | undefined;
}

function problemLine({ code, message, location, hint }: Problem): string {
  return escapeControls(
    JSON.stringify({
      v: 1,
      type: 'problem',
      code,
      message,
      file: location?.file,
      line: location?.line,
      column: location?.column,
      hint,
    }),
  );
}

/** What the program ends with after this error. */
export function exitCodeOf(error: unknown): number {
  return error instanceof InvalidInput || error instanceof MeshError ? error.exitCode : OUR_BUG;
}
