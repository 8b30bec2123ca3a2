import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { describe, expect, it } from 'vitest';
import { findPortHolder } from '../../../src/machine/port-holder.ts';
import { findFreePort, isPortFree } from '../../../src/machine/ports.ts';

const LISTENER = `
  const server = require('node:net').createServer().listen(0, '127.0.0.1', () => console.log(server.address().port));
  process.stdin.resume().on('end', () => process.exit());
`;

describe('ports of this machine', () => {
  it('are free until somebody listens', async () => {
    const port = await findFreePort(new Set());
    expect(await isPortFree(port)).toBe(true);
    const server = await listen(port);
    expect(await isPortFree(port)).toBe(false);
    await close(server);
    expect(await isPortFree(port)).toBe(true);
  });

  it('are given out beside those to avoid', async () => {
    const avoid = new Set<number>();
    for (let count = 0; count < 5; count++) {
      const port = await findFreePort(avoid);
      expect(avoid.has(port)).toBe(false);
      expect(port).toBeGreaterThan(1023);
      avoid.add(port);
    }
  });

  it('lead to the process that holds them', async () => {
    const child = spawn(process.execPath, ['-e', LISTENER], { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      const [line] = (await once(child.stdout, 'data')) as [Buffer];
      const port = Number(line.toString());
      expect(await findPortHolder(port)).toEqual({ pid: child.pid, command: 'node' });
    } finally {
      child.stdin.end();
      await once(child, 'exit');
    }
  });

  it('lead nowhere when nobody holds them', async () => {
    expect(await findPortHolder(await findFreePort(new Set()))).toBeUndefined();
  });
});

async function listen(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
