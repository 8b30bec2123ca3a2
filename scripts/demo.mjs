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
  --build            build all images first
  --no-build         take the images as they are
  -h, --help         this text`;

const { folder, engine, build, help } = readOptions();
if (help) {
  console.log(HELP);
  process.exit(0);
}
if (!existsSync(path.join(ROOT, 'dist', 'main.js'))) refuse('the program is not built yet; run: npm ci');
if (!existsSync(path.join(folder, 'mesh.yaml'))) refuse(`there is no mesh.yaml in ${path.resolve(folder)}`);

const mesh = createMesh(path.resolve(folder));
const upStatus = mesh.up([
  // A laptop's own PostgreSQL or AirPlay may hold a port: the demo takes a free one instead.
  '--remap-ports',
  ...(engine === undefined ? [] : ['--engine', engine]),
  ...(build === undefined ? [] : [build ? '--build' : '--no-build']),
]);
if (upStatus !== 0) process.exit(upStatus);

const TAKE_DOWN = 'take it down with: npm run demo:down';
process.once('SIGINT', () => {
  console.log(`\ninterrupted: the mesh stays up as it is; ${TAKE_DOWN}`);
  process.exit(130);
});
const teller = createTeller(process.stdout);
try {
  await playScenario(mesh, teller);
} catch (error) {
  if (!(error instanceof Unexpected)) throw error;
  teller.failed(error.message);
  process.exit(1);
}
console.log(`\n${TAKE_DOWN}`);

function readOptions() {
  try {
    const options = {
      folder: { type: 'string', default: path.join(ROOT, 'examples', 'toskamesh') },
      engine: { type: 'string' },
      build: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    };
    return parseArgs({ allowNegative: true, options }).values;
  } catch (error) {
    return refuse(`${error.message}\n\n${HELP}`, 2);
  }
}

function refuse(text, status = 1) {
  console.error(text);
  process.exit(status);
}
