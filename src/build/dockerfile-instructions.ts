/** One instruction of a Dockerfile, with its continuation lines joined. */
export interface Instruction {
  /** In capitals. */
  readonly keyword: string;
  /** What stands behind the keyword; the bodies of heredocs are left out. */
  readonly text: string;
  /** Where it begins and ends, counted from 1. */
  readonly line: number;
  readonly endLine: number;
}

const HEREDOC = /<<-?\s*(["']?)([A-Za-z_][A-Za-z0-9_]*)\1/g;
const TAKE_HEREDOCS: ReadonlySet<string> = new Set(['RUN', 'COPY', 'ADD']);

/**
 * Splits a Dockerfile into its instructions, as BuildKit does: `# escape=` is honoured, comment lines inside of an
 * instruction are dropped, and heredocs belong to the instruction that opens them.
 * Source: https://docs.docker.com/reference/dockerfile/
 */
export function parseDockerfile(dockerfile: string): Instruction[] {
  const lines = dockerfile.split(/\r?\n/);
  const escapeWith = escapeCharacter(lines);
  const instructions: Instruction[] = [];
  for (let index = 0; index < lines.length; ) {
    if (isBlankOrComment(lines[index])) {
      index += 1;
      continue;
    }
    const { text, next } = joinContinued(lines, index, escapeWith);
    const [, keyword = '', rest = ''] = /^\s*(\S+)\s*([\s\S]*)$/.exec(text) ?? [];
    const end = TAKE_HEREDOCS.has(keyword.toUpperCase()) ? skipHeredocs(lines, next, rest) : next;
    instructions.push({ keyword: keyword.toUpperCase(), text: rest.trim(), line: index + 1, endLine: end });
    index = end;
  }
  return instructions;
}

/** Directives stand before everything else, one a line. */
function escapeCharacter(lines: readonly string[]): string {
  for (const line of lines) {
    const directive = /^\s*#\s*([A-Za-z]+)\s*=\s*(\S+)\s*$/.exec(line);
    if (directive === null) return '\\';
    if (directive[1]?.toLowerCase() === 'escape') return directive[2] ?? '\\';
  }
  return '\\';
}

function isBlankOrComment(line: string | undefined): boolean {
  return line === undefined || /^\s*(#|$)/.test(line);
}

function joinContinued(lines: readonly string[], start: number, escapeWith: string): { text: string; next: number } {
  const parts: string[] = [];
  let index = start;
  for (; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (index > start && isBlankOrComment(line)) continue;
    const trimmed = line.trimEnd();
    if (!trimmed.endsWith(escapeWith)) {
      parts.push(line);
      return { text: parts.join(' '), next: index + 1 };
    }
    parts.push(trimmed.slice(0, -1));
  }
  return { text: parts.join(' '), next: index };
}

function skipHeredocs(lines: readonly string[], start: number, text: string): number {
  let index = start;
  for (const match of text.matchAll(HEREDOC)) {
    while (index < lines.length && lines[index]?.trim() !== match[2]) index += 1;
    index += 1;
  }
  return Math.min(index, lines.length);
}
