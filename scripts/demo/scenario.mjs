import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { crash } from './mesh.mjs';

/** The reference mesh did not do what it promises. */
export class Unexpected extends Error {}

const LOOK_EVERY_MS = 250;
const VICTIM = 'config-service';
const CALLS = 20;

/** A user registers, logs in and keeps a setting; an instance crashes; traces, metrics and health tell of it. */
export async function playScenario(mesh, teller) {
  const gateway = addressOf(mesh, 'gateway');
  const monitor = addressOf(mesh, 'health-monitor');
  const call = caller(gateway);

  teller.chapter(`A user, through the gateway at ${gateway}`);
  const user = { username: `demo-${randomBytes(4).toString('hex')}`, password: randomBytes(12).toString('base64url') };
  await call('POST', '/api/auth/register', { body: user, expect: [201] });
  teller.done(`registered ${user.username}`, 'POST /api/auth/register → 201');
  const refused = await call('GET', '/api/config/greeting/development', { expect: [401] });
  teller.done('refused without a token', `GET /api/config/… → 401 ${refused.json.detail}`);
  const { json: session } = await call('POST', '/api/auth/login', { body: user, expect: [200] });
  const token = session.accessToken;
  teller.done('logged in', `POST /api/auth/login → 200, a token for ${session.expiresIn / 3600} h`);

  teller.chapter('A setting');
  const path = '/api/config/greeting/development';
  const values = { message: 'hello from the mesh' };
  const kept = await call('PUT', path, { token, body: { values }, expect: [200, 201] });
  teller.done(`kept as version ${kept.json.version}`, `PUT ${path} → ${kept.status}`);
  const stale = { token, body: { values }, headers: { 'if-match': '"0"' }, expect: [412] };
  await call('PUT', path, stale);
  teller.done('a change of another version than the present one is refused', `PUT with If-Match "0" → 412`);
  const answered = await callOften(call, path, token);
  teller.done(`${CALLS} times read, from ${describeServers(answered)}`, `GET ${path} → 200`);

  teller.chapter('What became of the PUT');
  const waterfall = await until('the trace of the PUT', async () => {
    const { status, text } = await call('GET', `/api/traces/${kept.traceId}?view=text`, { token });
    // The gateway's span and the service's: each is sent by its own.
    return status === 200 && text.includes('\ngateway') && text.includes(`\n${VICTIM}`) ? text : undefined;
  });
  teller.done('its trace', `GET /api/traces/${kept.traceId}?view=text`);
  teller.show(waterfall);

  teller.chapter(`One instance of ${VICTIM} crashes`);
  const replica = mesh.replicasOf(VICTIM).at(-1);
  const stopCrashing = keepDown(mesh, replica);
  teller.done(
    `killed ${replica.pid === undefined ? `container ${replica.id.slice(0, 12)}` : `process ${replica.pid}`}`,
  );
  const survived = await callOften(call, path, token);
  teller.done(`${CALLS} times read all the same, from ${describeServers(survived)}`, 'every answer was 200');
  const seen = await until('health-monitor to notice', () => unhealthyInstance(monitor));
  teller.done(`health-monitor: ${seen.id} is ${seen.status}`, seen.reason);
  const routes = await until('the gateway to notice', () => gatewayNotices(call, token, seen.id));
  teller.done(`the gateway calls ${routes}`, 'GET /api/gateway/routes');
  await stopCrashing();
  const healed = mesh.heal();
  if (healed.status !== 0) throw new Unexpected(`mesh dev up did not bring it back:\n${healed.stdout}${healed.stderr}`);
  teller.done('back again', 'mesh dev up');

  teller.chapter('What can be seen of all that');
  const overview = await until('metrics of those calls', async () => {
    const { status, json } = await call('GET', '/api/metrics/overview', { token });
    const services = status === 200 ? json.services : [];
    return services.some(({ service, requestsPerSecond }) => service === VICTIM && requestsPerSecond > 0)
      ? services
      : undefined;
  });
  teller.done('metrics of the services', 'GET /api/metrics/overview');
  teller.show(overview.map(describeService).join('\n'));
  teller.done(`the page of all instances: ${monitor}/status`);
}

function addressOf(mesh, name) {
  const url = mesh.urlOf(name);
  if (url === undefined) throw new Unexpected(`${name} has no address on this machine`);
  return url;
}

function caller(gateway) {
  return async (method, path, { token, body, headers = {}, expect } = {}) => {
    const traceId = randomBytes(16).toString('hex');
    const response = await fetch(`${gateway}${path}`, {
      method,
      body: body === undefined ? undefined : JSON.stringify(body),
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01`,
        ...headers,
      },
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    if (expect !== undefined && !expect.includes(response.status)) {
      throw new Unexpected(`${method} ${path} → ${response.status} instead of ${expect.join(' or ')}: ${text}`);
    }
    const server = response.headers.get('x-served-by') ?? 'the gateway';
    return { status: response.status, text, json: isJson ? JSON.parse(text) : undefined, server, traceId };
  };
}

async function callOften(call, path, token) {
  const answers = [];
  for (let count = 0; count < CALLS; count++) answers.push(await call('GET', path, { token, expect: [200] }));
  return answers;
}

function describeServers(answers) {
  const servers = [...new Set(answers.map((answer) => answer.server))].sort();
  return servers
    .map((server) => `${server} (${answers.filter((answer) => answer.server === server).length})`)
    .join(', ');
}

/** A container stays down. A process comes back at once and is killed again: each time its supervisor waits longer. */
function keepDown(mesh, { number, ...replica }) {
  crash(replica);
  if (replica.pid === undefined) return async () => undefined;
  let isOver = false;
  const killing = (async () => {
    let killed = replica.pid;
    while (!isOver) {
      const next = mesh.replicasOf(VICTIM).find((candidate) => candidate.number === number);
      if (next?.pid !== undefined && next.pid !== killed) {
        killed = next.pid;
        crash(next);
      }
      await sleep(LOOK_EVERY_MS);
    }
  })();
  return async () => {
    isOver = true;
    await killing;
  };
}

async function unhealthyInstance(monitor) {
  const response = await fetch(`${monitor}/status`, { headers: { accept: 'application/json' } });
  const { services } = await response.json();
  return services
    .flatMap(({ service, instances }) => instances.map((instance) => ({ service, ...instance })))
    .find(({ service, status }) => service === VICTIM && (status === 'unhealthy' || status === 'gone'));
}

async function gatewayNotices(call, token, id) {
  const { json } = await call('GET', '/api/gateway/routes', { token, expect: [200] });
  const instances = json.services.find(({ name }) => name === VICTIM)?.instances ?? [];
  const notCalled = instances.find((instance) => instance.id === id);
  if (notCalled === undefined) return instances.length > 0 ? `only ${describeIds(instances)}` : undefined;
  if (!notCalled.passing) return `${id} no more: it is not ready`;
  return notCalled.breaker === 'closed' ? undefined : `${id} no more: its circuit breaker is ${notCalled.breaker}`;
}

function describeIds(instances) {
  return instances.map((instance) => instance.id).join(', ');
}

async function until(what, look, withinMs = 30_000) {
  const end = Date.now() + withinMs;
  while (Date.now() < end) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(LOOK_EVERY_MS);
  }
  throw new Unexpected(`waited ${withinMs / 1000} s for ${what}`);
}

function describeService({ service, instances, requestsPerSecond, errorShare, latencySeconds }) {
  const known = (value, text) => (value === null ? '–' : text(value));
  return [
    service.padEnd(15),
    `${instances.up} up`,
    known(requestsPerSecond, (value) => `${value.toFixed(1)} requests/s`).padStart(15),
    known(errorShare, (value) => `${(value * 100).toFixed(1)} % errors`).padStart(12),
    `p95 ${known(latencySeconds.p95, (value) => `${Math.round(value * 1000)} ms`)}`,
  ].join('   ');
}
