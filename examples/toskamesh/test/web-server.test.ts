import { Agent, request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { Dependency } from '../src/shared/dependency.ts';
import { parseListenUrl } from '../src/shared/listen-url.ts';
import type { Logger } from '../src/shared/log.ts';
import { WebServer, type WebServerOptions } from '../src/shared/web-server.ts';

const log: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined };

async function serve(options: Partial<WebServerOptions>) {
  const addresses = [parseListenUrl('URLS', 'http://127.0.0.1:0')];
  const web = new WebServer({ service: 'test', log, addresses, dependencies: [], ...options });
  await web.listen();
  const agent = new Agent({ keepAlive: true });
  const get = (path: string): Promise<{ readonly status: number; readonly text: string }> =>
    new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port: web.port, path, agent }, (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += String(chunk);
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      });
      sent.on('error', reject);
      sent.end();
    });
  return { web, get };
}

describe('WebServer', () => {
  it('names each check and its last answer while it is unready', async () => {
    const down = new Dependency({ name: 'postgres', log, probe: () => Promise.reject(new Error('no answer')) });
    const { web, get } = await serve({ dependencies: [down], facts: { registry: 'memory' } });
    expect(JSON.parse((await get('/health/ready')).text)).toEqual({
      status: 'unready',
      checks: { postgres: 'starting' },
      registry: 'memory',
    });
    expect((await get('/health/ready')).status).toBe(503);
    expect((await get('/health/live')).status).toBe(200);
    await web.close();
  });

  it('finishes an open request when it stops, and does not wait for its kept-alive connection', async () => {
    let finish = (): void => undefined;
    let entered = (): void => undefined;
    const begun = new Promise<void>((resolve) => {
      entered = resolve;
    });
    const handle = () =>
      new Promise<{ status: number; body: string }>((resolve) => {
        finish = () => resolve({ status: 200, body: 'done' });
        entered();
      });
    const { web, get } = await serve({ routes: [{ method: 'GET', path: /^\/slow$/, handle }] });
    const answer = get('/slow');
    await begun;

    web.drain();
    expect(web.ready).toBe(false);
    const startedAt = performance.now();
    const closed = web.close();
    finish();
    expect(await answer).toEqual({ status: 200, text: '"done"' });
    await closed;
    // Without the care taken, this is the keep-alive time-out of five seconds.
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  it('serves metrics unless told not to', async () => {
    const served = await serve({});
    expect((await served.get('/metrics')).text).toContain('process_resident_memory_bytes');
    await served.web.close();
    const none = await serve({ metrics: 'none' });
    expect((await none.get('/metrics')).status).toBe(404);
    await none.web.close();
  });
});
