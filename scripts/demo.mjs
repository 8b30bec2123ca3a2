// Brings the reference mesh up and plays a day in its life: a user, a setting, a crash, and what can be seen of all that.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createMesh, ROOT } from './demo/mesh.mjs';
import { playScenario, Unexpected } from './demo/scenario.mjs';
import { createTeller } from './demo/teller.mjs';

const HELP = `Usage: npm run demo [-- options]

Brings the reference mesh up and plays a scenario through its gateway.

Options:
  --folder DIR       the folder of another mesh.yaml that extends the reference mesh
  --engine NAME      docker or process, as mesh dev up takes it
  --no-build         the images as they are
  -h, --help         this text`;

const { values, tokens } = parseArgs({
  strict: false,
  tokens: true,
  options: {
    folder: { type: 'string', default: path.join(ROOT, 'examples', 'toskamesh') },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
if (!existsSync(path.join(ROOT, 'dist', 'main.js'))) {
  console.error('the program is not built yet; run: npm ci');
  process.exit(1);
}

const mesh = createMesh(path.resolve(String(values.folder)));
// A laptop's own PostgreSQL or AirPlay may hold a port: the demo takes a free one instead. The rest is for `up`.
const own = new Set(tokens.filter(({ name }) => name === 'folder').flatMap(({ index }) => [index, index + 1]));
const passed = process.argv.slice(2).filter((argument, index) => !own.has(index) && !argument.startsWith('--folder'));
const upStatus = mesh.up(['--remap-ports', ...passed]);
if (upStatus !== 0) process.exit(upStatus);

const teller = createTeller(process.stdout);
try {
  await playScenario(mesh, teller);
} catch (error) {
  if (!(error instanceof Unexpected)) throw error;
  teller.failed(error.message);
  process.exit(1);
}
console.log('\ntake it down with: npm run demo:down');
