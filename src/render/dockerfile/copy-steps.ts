import { posix } from 'node:path';
import { isInside } from '../../dotnet/paths.ts';
import type { Input } from '../../dotnet/project-closure.ts';
import { execForm } from './exec-form.ts';

/** COPY instructions that put files of the context to the same place below the working folder. */
export function copySteps(inputs: readonly Input[], context: string): string[] {
  const files = new Map<string, string[]>();
  const folders: string[] = [];
  for (const input of inputs) {
    const source = posix.relative(context, input.path);
    if (input.kind === 'folder') folders.push(copy([escapePattern(source), `./${source}`]));
    else {
      const folder = posix.dirname(source);
      files.set(folder, [...(files.get(folder) ?? []), input.kind === 'pattern' ? source : escapePattern(source)]);
    }
  }
  // What stands further up first, which is what a reader looks for first.
  const ordered = [...files].sort(([a], [b]) => depth(a) - depth(b));
  const ofFiles = ordered.map(([folder, sources]) => copy([...sources, folder === '.' ? './' : `${folder}/`]));
  return [...ofFiles, ...folders];
}

function depth(folder: string): number {
  return folder === '.' ? 0 : folder.split('/').length;
}

function copy(words: readonly string[]): string {
  const plain = words.every((word) => /^[\w./*?[\]@+-]+$/.test(word) && !word.startsWith('-'));
  return `COPY ${plain ? words.join(' ') : execForm(words)}`;
}

/** In a source, COPY takes these as a pattern. */
function escapePattern(text: string): string {
  return (text === '' ? '.' : text).replace(/[[*?\\]/g, (character) => (character === '[' ? '[[]' : `\\${character}`));
}

/** Inputs that are not there yet, neither themselves nor with a folder. */
export function withoutCopied(inputs: readonly Input[], copied: readonly Input[]): Input[] {
  const fresh = new Map<string, Input>();
  for (const input of inputs) {
    const there = copied.some((other) =>
      other.kind === 'folder' ? isInside(other.path, input.path) : other.path === input.path,
    );
    if (!there) fresh.set(input.path, input);
  }
  return [...fresh.values()];
}
