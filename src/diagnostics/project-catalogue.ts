import type { CatalogueEntry } from './catalogue-entry.ts';

/** The codes of .NET project files. */
export const projectCatalogue = {
  MESH1601: {
    title: 'A project file is not valid XML',
    meaning: 'A .csproj, or a file that it imports, cannot be read, so it cannot be told what an image is built from.',
    fix: 'Mend the syntax at that place; `dotnet build` refuses it, too.',
  },
  MESH1602: {
    title: 'A project that is referred to is not there',
    meaning: 'A ProjectReference names a file that does not exist. On Linux, upper and lower case count.',
    fix: 'Mend the path, which is relative to the project that says it, or remove the reference.',
  },
  MESH1603: {
    title: 'A project reference leads out of the build context',
    meaning: 'An image is built from the files of its context only, and the project is not among them.',
    fix: 'Give `build.context` a folder that holds all projects, or move the project into it.',
  },
  MESH1604: {
    title: 'Projects refer to each other in a circle',
    meaning: 'Each of the projects named in the message would have to be built before the others.',
    fix: 'Remove one of the references, or move what both need into a third project.',
  },
  MESH1605: {
    title: 'It cannot be told which project is meant',
    meaning: 'A ProjectReference has a wildcard, or a property that no file sets which mesh reads.',
    fix: 'Write the path out, or set the property in the project or in a Directory.Build.props.',
  },
} as const satisfies Record<string, CatalogueEntry>;
