import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { httpGet } from '../src/http-get.ts';

const LIMITS = { timeoutMs: 5000, maxBytes: 100 };

async function against<T>(listener: RequestListener, use: (url: URL) => Promise<T>): Promise<T> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/a?b=1`));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

it('tells status and text', async () => {
  const answer = await against(
    ({ url }, response) => response.writeHead(503).end(`at ${url}`),
    (url) => httpGet(url, LIMITS),
  );
  expect(answer).toEqual({ status: 503, text: 'at /a?b=1' });
});

it('gives up on an answer that does not end', async () => {
  const answer = against(
    (_request, response) => void response.writeHead(200).write('one'),
    (url) => httpGet(url, { ...LIMITS, timeoutMs: 100 }),
  );
  await expect(answer).rejects.toThrow('no answer within 100 ms');
});

it('gives up on an answer that is too large', async () => {
  const answer = against(
    (_request, response) => void response.end('x'.repeat(101)),
    (url) => httpGet(url, LIMITS),
  );
  await expect(answer).rejects.toThrow('the answer is larger than 100 bytes');
});

it('tells of a connection that breaks in the middle', async () => {
  const answer = against(
    (_request, response) => {
      response.writeHead(200, { 'content-length': 50 }).write('one');
      setTimeout(() => response.destroy(), 20);
    },
    (url) => httpGet(url, LIMITS),
  );
  await expect(answer).rejects.toThrow();
});
