// An instance that answers at once and does nothing else, so that the rest of the time is the gateway's.
// Usage: node plain-upstream.mjs <its URL> <discovery's URL>
import { createServer } from 'node:http';

const [url, discovery] = process.argv.slice(2);
const port = Number(new URL(url).port);
const body = JSON.stringify({ service: 'plain', values: { feature: true, limit: 10, text: 'x'.repeat(200) } });
const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
createServer((_request, response) => response.writeHead(200, headers).end(body)).listen(port, '127.0.0.1');

const instance = { id: 'plain-1', service: 'plain', address: '127.0.0.1', port };
const options = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(instance) };
// Registering again is as good as a heartbeat.
const register = () => fetch(new URL('/api/discovery/instances', discovery), options).catch(() => undefined);
setInterval(register, 2000);
await register();
