// Brings the reference mesh up and sends one request through the gateway to a service that discovery finds.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const folder = path.join(root, 'examples', 'toskamesh');
const mesh = path.join(root, 'bin', 'mesh.js');

function run(args, stdio) {
  return spawnSync(process.execPath, [mesh, ...args], { cwd: folder, stdio, encoding: 'utf8' });
}

if (!existsSync(path.join(root, 'dist', 'main.js'))) {
  console.error('the program is not built yet; run: npm ci');
  process.exit(1);
}
// A laptop's own PostgreSQL or AirPlay may hold a port: the demo takes a free one instead.
const up = run(['dev', 'up', '--remap-ports', ...process.argv.slice(2)], 'inherit');
if (up.status !== 0) process.exit(up.status ?? 1);

const status = JSON.parse(run(['dev', 'ps', '--json'], 'pipe').stdout);
const gateway = status.nodes
  .find((node) => node.name === 'gateway')
  ?.endpoints.find((endpoint) => endpoint.protocol === 'http')?.url;
if (gateway === undefined) {
  console.error('the gateway has no address on this machine');
  process.exit(1);
}
const address = `${gateway}/api/config/greeting`;
await request('PUT', address, JSON.stringify({ value: 'hello from the mesh' }));
await request('GET', address);
console.log('\ntake it down with: npm run demo:down');

async function request(method, url, body) {
  const response = await fetch(url, { method, body, headers: { 'content-type': 'application/json' } });
  const served = response.headers.get('x-served-by');
  console.log(
    `\n${method} ${url}\n  ${response.status} ${(await response.text()).trim()}${served === null ? '' : `   served by ${served}`}`,
  );
  if (!response.ok) process.exit(1);
}
