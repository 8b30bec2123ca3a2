import { createServer } from 'node:net';

/** Whether a TCP port can be bound now, of this machine's loopback address where no other is given. Somebody may still take it a moment later. */
export function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** A port that nobody holds, chosen by the system; `avoid` are ports that the mesh itself wants elsewhere. */
export async function findFreePort(avoid: ReadonlySet<number>): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = await systemChoice();
    if (!avoid.has(port)) return port;
  }
  throw new Error('the system gives no free port');
}

function systemChoice(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port: 0, host: '127.0.0.1' }, () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
