import type { Outcome } from '../../../src/diagnostics/diagnostic.ts';
import type { ProjectClosure } from '../../../src/dotnet/project-closure.ts';
import { createClosureReader } from '../../../src/dotnet/read-closure.ts';
import type { WorkspaceFiles } from '../../../src/dotnet/workspace-files.ts';

/** Path below the root → text. */
export type Texts = Readonly<Record<string, string>>;

export const WORKSPACE = '/workspace';

/** A workspace that exists only in the test. */
export function memoryFiles(texts: Texts): WorkspaceFiles {
  const below = (file: string) => file.slice(WORKSPACE.length + 1);
  return {
    read: (file) => texts[below(file)],
    kind: (path) => {
      if (texts[below(path)] !== undefined) return 'file';
      return Object.keys(texts).some((file) => file.startsWith(`${below(path)}/`)) ? 'folder' : undefined;
    },
  };
}

/** The closure of a project, with a context that is the whole workspace unless the test says otherwise. */
export function closureOf(texts: Texts, project: string, context = ''): Outcome<ProjectClosure> {
  return createClosureReader().read(`${WORKSPACE}/${project}`, {
    root: WORKSPACE,
    context: context === '' ? WORKSPACE : `${WORKSPACE}/${context}`,
    files: memoryFiles(texts),
    show: (file) => file.slice(WORKSPACE.length + 1),
  });
}

/** A project file with these elements in it. */
export function project(body = '', sdk = 'Microsoft.NET.Sdk'): string {
  return `<Project Sdk="${sdk}">\n${body}\n</Project>\n`;
}

export function references(...files: readonly string[]): string {
  return `<ItemGroup>${files.map((file) => `<ProjectReference Include="${file}" />`).join('')}</ItemGroup>`;
}
