import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

/** What reading a project graph asks of the disk. Paths are absolute, with forward slashes. */
export interface WorkspaceFiles {
  /** The text of a file without its byte order mark; nothing when there is none, or it cannot be read. */
  readonly read: (file: string) => string | undefined;
  readonly kind: (path: string) => 'file' | 'folder' | undefined;
}

/** What was asked, and what a digest of the answer was: as long as all answers stay the same, so does the graph. */
export type Answers = Readonly<Record<string, string>>;

export interface RecordedFiles extends WorkspaceFiles {
  readonly answers: () => Answers;
}

/** The files of this machine, with a record of what was asked; what is not there is an answer, too. */
export function openWorkspaceFiles(): RecordedFiles {
  const answers = new Map<string, string>();
  const texts = new Map<string, string | undefined>();
  return {
    read: (file) => {
      if (!texts.has(file)) {
        texts.set(file, readText(file));
        answers.set(`text ${file}`, digestOf(texts.get(file)));
      }
      return texts.get(file);
    },
    kind: (path) => {
      const kind = kindOf(path);
      answers.set(`kind ${path}`, kind ?? '');
      return kind;
    },
    answers: () => Object.fromEntries([...answers].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** Whether the disk would give the same answers again. */
export function stillAnswer(answers: Answers): boolean {
  return Object.entries(answers).every(([question, answer]) => {
    const [what, path] = [question.slice(0, 4), question.slice(5)];
    return (what === 'text' ? digestOf(readText(path)) : (kindOf(path) ?? '')) === answer;
  });
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch {
    // A file that may not be read is reported as one that is not there, at the place that asks for it.
    return undefined;
  }
}

function kindOf(path: string): 'file' | 'folder' | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  return stats.isDirectory() ? 'folder' : 'file';
}

function digestOf(text: string | undefined): string {
  return text === undefined ? '' : createHash('sha256').update(text).digest('hex').slice(0, 16);
}
