import { catalogue } from '../../src/diagnostics/catalogue.ts';

const GROUPS: readonly (readonly [prefix: string, title: string, text: string])[] = [
  [
    'MESH1',
    'What you wrote',
    'Problems of the manifest, its secrets and the command line. All of them are reported at once; exit code 2.',
  ],
  [
    'MESH2',
    'The machine and the engine',
    'Something outside the manifest is missing or in the way. Exit code 1, or 3 when no engine answers.',
  ],
  ['MESH3', 'A run', 'A node did not become what others wait for. Exit code 1; what is fine stays up.'],
  ['MESH4', 'Generated files', 'Files on disk and the manifest do not agree. Exit code 1.'],
  ['MESH9', 'mesh itself', 'Exit code 70.'],
];

/** docs/errors.md, from the catalogue that the program prints from. */
export function renderErrorsDoc(): string {
  const sections = GROUPS.map(([prefix, title, text]) => {
    const all = Object.entries(catalogue).sort(([a], [b]) => (a < b ? -1 : 1));
    const entries = all.filter(([code]) => code.startsWith(prefix));
    const blocks = entries.map(
      ([code, { title: name, meaning, fix }]) => `### ${code}: ${name}\n\n${meaning}\n\n**What to do:** ${fix}\n`,
    );
    return `## ${title}\n\n${text}\n\n${blocks.join('\n')}`;
  });
  return `<!-- Generated from src/diagnostics/catalogue.ts by \`npm run docs\`. Do not edit. -->

# Errors

Every problem that \`mesh\` prints carries a code, and where it comes from a file, its line and column. Codes are
permanent: one that is retired is never used for something else. With \`--json\` a problem is one line,
\`{ "v": 1, "type": "problem", "code", "message", "file", "line", "column", "hint" }\`.

${sections.join('\n')}`;
}
