import { type Instance, signToken } from '@toskamesh/shared';
import { expect } from 'vitest';
import { type FakeDiscovery, startFakeDiscovery } from '../support/fake-discovery.ts';
import { type RunningService, startService } from '../support/running-service.ts';

export const SERVICE_SECRET = 'the secret that services share with each other';
export const JWT_SECRET = 'the secret that users tokens are signed with';
const PARTIES = { issuer: 'ToskaMesh', audience: 'ToskaMesh' };

export interface RunningGateway extends AsyncDisposable {
  readonly discovery: FakeDiscovery;
  readonly service: RunningService;
  readonly url: string;
  /** With a good token of a user. */
  call(path: string, init?: RequestInit & { readonly duplex?: 'half' }): Promise<Response>;
}

export function userToken(subject = 'ada'): Promise<string> {
  return signToken(JWT_SECRET, { ...PARTIES, subject, lifetimeSeconds: 600 }).then(({ token }) => token);
}

/** A gateway that is ready, with a discovery that knows these instances. */
export async function startGateway(
  instances: readonly Instance[],
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningGateway> {
  const discovery = await startFakeDiscovery(SERVICE_SECRET, instances);
  const service = await startService('gateway', {
    Mesh__ServiceAuth__Secret: SERVICE_SECRET,
    Mesh__ServiceDiscovery__Grpc__Address: discovery.url,
    Jwt__SecretKey: JWT_SECRET,
    ...environment,
  });
  const authorization = `Bearer ${await userToken()}`;
  await expect.poll(() => readiness(service.url), { timeout: 20_000 }).toBe(200);
  return {
    discovery,
    service,
    url: service.url,
    call: (path, init = {}) =>
      fetch(`${service.url}${path}`, { ...init, headers: { authorization, ...(init.headers as object) } }),
    [Symbol.asyncDispose]: async () => {
      await service.stop('SIGKILL');
      discovery.kill();
    },
  };
}

export async function readiness(url: string): Promise<number> {
  return (await fetch(`${url}/health/ready`)).status;
}
