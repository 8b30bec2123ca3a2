import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../../test/support/free-ports.ts';

const EXAMPLE = path.resolve(import.meta.dirname, '../../examples/toskamesh');
const READY_MS = 60_000;
const STOP_MS = 10_000;
const POSTGRES = ['-e', 'POSTGRES_PASSWORD=secret', '-e', 'POSTGRES_USER=toksa_mesh', 'postgres:15-alpine'];

/** What is called: the config service, which asks PostgreSQL for each answer, or a service that does nothing. */
export type UpstreamKind = 'config' | 'plain';

export interface LoadMesh {
  readonly token: string;
  /** The same resource, without and with the gateway. */
  readonly direct: string;
  readonly throughGateway: string;
  readonly gatewayPid: number;
  readonly upstreamPid: number;
  /** Ends all that was started. */
  stop(): Promise<void>;
}

/** Discovery with its registry in memory, a gateway and one upstream, each a process on this machine. */
export async function startLoadMesh(upstream: UpstreamKind, gatewayOptions: readonly string[]): Promise<LoadMesh> {
  const started: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.splice(0).map((end) => end()));
  };
  try {
    return { ...(await start(upstream, gatewayOptions, (end) => started.push(end))), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(upstream: UpstreamKind, gatewayOptions: readonly string[], onStop: (end: () => unknown) => void) {
  const [discovery, grpc, service, gateway, sql] = (await freePorts(5)).map((port) => `http://127.0.0.1:${port}`);
  const jwtSecret = randomBytes(32).toString('hex');
  const serviceSecret = randomBytes(32).toString('hex');
  const run = (args: readonly string[], environment: Readonly<Record<string, string | undefined>> = {}): number => {
    const child = spawn(process.execPath, [...args], {
      cwd: EXAMPLE,
      env: { PATH: process.env.PATH, ...environment },
      // The log lines are written, to where writing costs the least.
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    onStop(() => stopProcess(child));
    return child.pid ?? 0;
  };
  const token = userToken(jwtSecret);

  run(['dist/discovery/main.js'], {
    URLS: discovery,
    Kestrel__Endpoints__Grpc__Url: grpc,
    Mesh__ServiceAuth__Secret: serviceSecret,
  });
  const gatewayPid = run([...gatewayOptions, 'dist/gateway/main.js'], {
    URLS: gateway,
    Mesh__ServiceDiscovery__Grpc__Address: grpc,
    Mesh__ServiceAuth__Secret: serviceSecret,
    Jwt__SecretKey: jwtSecret,
    // Counted as always, and never reached.
    Gateway__RateLimit__RequestsPerSecond: '1000000',
  });
  await answers(`${discovery}/health/ready`);
  let upstreamPid: number;
  let resource = '/api/plain/x';
  if (upstream === 'plain') {
    upstreamPid = run([path.join(import.meta.dirname, 'plain-upstream.mjs'), `${service}`, `${discovery}`]);
  } else {
    const port = new URL(`${sql}`).port;
    const publish = `127.0.0.1:${port}:5432`;
    const container = docker('run', '--detach', '--publish', publish, ...POSTGRES).trim();
    onStop(() => docker('rm', '--force', '--volumes', container));
    upstreamPid = run(['dist/config-service/main.js'], {
      URLS: service,
      ConnectionStrings__DefaultConnection: `Host=127.0.0.1;Port=${port};Database=toksa_mesh;Username=toksa_mesh;Password=secret`,
      Jwt__Secret: jwtSecret,
      Mesh__ServiceDiscovery__Grpc__Address: grpc,
    });
    await answers(`${service}/health/ready`);
    resource = '/api/config/load/bench';
    await put(`${service}${resource}`, token, { values: { feature: true, limit: 10, text: 'x'.repeat(200) } });
  }
  await answers(`${gateway}${resource}`, token);
  return { token, direct: `${service}${resource}`, throughGateway: `${gateway}${resource}`, gatewayPid, upstreamPid };
}

/** Waits until an address answers with success. */
async function answers(url: string, token = ''): Promise<void> {
  const deadline = Date.now() + READY_MS;
  for (;;) {
    const headers = { authorization: `Bearer ${token}` };
    const status = await fetch(url, token === '' ? {} : { headers }).then(
      (response) => response.text().then(() => response.status),
      () => 0,
    );
    if (status === 200) return;
    if (Date.now() > deadline) throw new Error(`${url} answers ${status || 'nothing'} after ${READY_MS / 1000} s`);
    await sleep(100);
  }
}

async function put(url: string, token: string, body: object): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'PUT', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`PUT ${url}: ${response.status} ${await response.text()}`);
}

/** A JWT as the auth service signs it: HS256, good for an hour. */
function userToken(secret: string): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const issuedAt = Math.floor(Date.now() / 1000);
  const claims = { iss: 'ToskaMesh', aud: 'ToskaMesh', sub: 'load', jti: 'load', iat: issuedAt, exp: issuedAt + 3600 };
  const content = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
}

function stopProcess(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}

function docker(...args: readonly string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8' });
}
