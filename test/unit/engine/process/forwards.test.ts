import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Forward, SocketAddress } from '../../../../src/engine/process/forward.ts';
import { pathsIn } from '../../../../src/engine/process/state/project-paths.ts';
import { createForwards, type Forwards } from '../../../../src/engine/process/supervisor/forwards.ts';
import { createSupervisor } from '../../../../src/engine/process/supervisor/supervisor.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../temporary-folder.ts';
import { askOnce, freeAddress, LOCAL, OTHER_HOST, openClient, openEcho, openNamed, openTarget } from './tcp-peers.ts';

let folder: TemporaryFolder;
let file: string;
let forwards: Forwards;
beforeEach(() => {
  folder = createTemporaryFolder();
  file = path.join(folder.path, 'forwards.json');
  forwards = createForwards(file);
});
afterEach(() => {
  forwards.close();
  folder[Symbol.dispose]();
});

/** A free address that leads there. */
async function leadTo(to: SocketAddress, allow: readonly string[] = LOCAL): Promise<Forward> {
  return { listen: await freeAddress(), to, allow };
}

async function open(to: SocketAddress, allow?: readonly string[]): Promise<SocketAddress> {
  const forward = await leadTo(to, allow);
  await forwards.set([...forwards.list(), forward]);
  return forward.listen;
}

describe('a connection', () => {
  test('carries data both ways while it is open', async () => {
    await using echo = await openEcho();
    using client = openClient(await open(echo.address));
    client.socket.write('one');
    expect(await client.read(3)).toBe('one');
    client.socket.end('two');
    expect(await client.received).toBe('onetwo');
  });

  test('whose client is done with writing still gets its answer', async () => {
    await using target = await openTarget((socket) => {
      let bytes = 0;
      socket.on('data', (chunk) => {
        bytes += chunk.length;
      });
      socket.once('end', () => socket.end(`got ${bytes}`));
    });
    expect(await askOnce(await open(target.address), 'question')).toBe('got 8');
  });

  test('whose target is done with writing still takes what the client has to say', async () => {
    await using target = await openTarget((socket) => socket.end('that is all'));
    using client = openClient(await open(target.address));
    await once(client.socket, 'end');
    const [socket] = target.sockets;
    const rest: Buffer[] = [];
    socket?.on('data', (chunk) => rest.push(chunk));
    client.socket.end('and this comes after it');
    if (socket !== undefined) await once(socket, 'end');
    expect(Buffer.concat(rest).toString()).toBe('and this comes after it');
  });

  test('carries megabytes, in order and to the end', async () => {
    await using echo = await openEcho();
    const sent = randomBytes(16 * 1024 * 1024);
    const hash = createHash('sha256');
    using client = openClient(await open(echo.address));
    client.socket.on('data', (chunk) => hash.update(chunk));
    client.socket.end(sent);
    await client.received;
    expect(hash.digest('hex')).toBe(createHash('sha256').update(sent).digest('hex'));
  });

  test('to a target that is slow and has nothing to say loses nothing', async () => {
    await using target = await openTarget((socket) => socket.pause().end());
    using client = openClient(await open(target.address));
    client.socket.end(randomBytes(8 * 1024 * 1024));
    const socket = await target.first;
    let bytes = 0;
    socket.on('data', (chunk) => {
      bytes += chunk.length;
    });
    // It said at once that it will not write, so only what is on its way keeps the connection.
    socket.resume();
    await once(socket, 'end');
    expect(bytes).toBe(8 * 1024 * 1024);
  });

  test('to a target that does not listen is ended', async () => {
    const listen = await open(await freeAddress('127.0.0.1'));
    expect(await askOnce(listen, 'anybody there?')).toBe('');
  });

  test('ends with its target', async () => {
    await using target = await openTarget((socket) => socket.once('data', () => socket.resetAndDestroy()));
    using client = openClient(await open(target.address));
    client.socket.write('go away');
    // Not as if all had been said.
    expect(await client.wasReset).toBe(true);
  });

  test('ends with its client', async () => {
    await using target = await openNamed('here');
    using client = openClient(await open(target.address));
    await client.read(4);
    const socket = await target.first;
    socket.resume();
    const ended = new Promise((resolve) => socket.once('close', resolve));
    client.socket.resetAndDestroy();
    await ended;
  });
});

describe('peers', () => {
  test('that are not allowed get nothing, and the target hears nothing of them', async () => {
    await using target = await openNamed('secret');
    for (const allow of [[], ['10.0.0.0/8', '127.0.0.2/31'], ['0.0.0.0/32']]) {
      expect(await askOnce(await open(target.address, allow), 'hello')).toBe('');
    }
    expect(target.sockets).toEqual([]);
  });

  test('are allowed by any of the blocks', async () => {
    await using echo = await openEcho();
    for (const allow of [['10.0.0.0/8', '127.0.0.0/8'], ['127.0.0.1/32'], ['0.0.0.0/0']]) {
      expect(await askOnce(await open(echo.address, allow), 'hello')).toBe('hello');
    }
  });

  // Elsewhere this machine has one loopback address only, so there are no two peers.
  test.runIf(process.platform === 'linux')('are told apart, and changed in place', async () => {
    await using echo = await openEcho();
    const forward = await leadTo(echo.address, ['127.0.0.4/32', '127.0.0.5/32']);
    const { listen } = forward;
    await forwards.set([forward]);
    using stays = openClient(listen, '127.0.0.4');
    using goes = openClient(listen, '127.0.0.5');
    for (const { socket, read } of [stays, goes]) {
      socket.write('1');
      await read(1);
    }
    expect(await askOnce(listen, 'x', '127.0.0.6')).toBe('');

    await forwards.set([{ ...forward, allow: ['127.0.0.4/32', '127.0.0.6/32'] }]);
    expect(await goes.received).toBe('1');
    expect(await askOnce(listen, 'x', '127.0.0.5')).toBe('');
    expect(await askOnce(listen, 'x', '127.0.0.6')).toBe('x');
    stays.socket.write('2');
    expect(await stays.read(2)).toBe('12');
  });
});

describe('a list of forwards', () => {
  test('takes the place of the one before: what stays is not touched', async () => {
    await using echo = await openEcho();
    const [stays, goes, comes] = [await leadTo(echo.address), await leadTo(echo.address), await leadTo(echo.address)];
    await forwards.set([stays, goes]);
    using kept = openClient(stays.listen);
    using cut = openClient(goes.listen);
    for (const { socket, read } of [kept, cut]) {
      socket.write('1');
      await read(1);
    }
    await forwards.set([comes, stays]);
    expect(forwards.list()).toEqual(expect.arrayContaining([stays, comes]));
    expect(forwards.list()).toHaveLength(2);
    expect(await cut.received).toBe('1');
    expect(await askOnce(goes.listen, 'x')).toBe('');
    expect(await askOnce(comes.listen, 'x')).toBe('x');
    kept.socket.write('2');
    expect(await kept.read(2)).toBe('12');
  });

  test('changes a target in place, and ends what was connected to the old one', async () => {
    await using old = await openNamed('old');
    await using next = await openNamed('new');
    const forward = await leadTo(old.address);
    await forwards.set([forward]);
    using before = openClient(forward.listen);
    expect(await before.read(3)).toBe('old');
    await forwards.set([{ ...forward, to: next.address }]);
    expect(await before.received).toBe('old');
    using after = openClient(forward.listen);
    expect(await after.read(3)).toBe('new');
  });

  test('that cannot be opened as a whole changes nothing', async () => {
    await using echo = await openEcho();
    await using holder = await openTarget(() => {}, OTHER_HOST);
    const [old, fresh] = [await leadTo(echo.address), await leadTo(echo.address)];
    const { host, port } = holder.address;
    await forwards.set([old]);
    using client = openClient(old.listen);
    const changed = { ...old, allow: [] };
    await expect(
      forwards.set([changed, fresh, { listen: holder.address, to: echo.address, allow: LOCAL }]),
    ).rejects.toThrow(`listen EADDRINUSE: address already in use ${host}:${port}`);
    expect(forwards.list()).toEqual([old]);
    expect(await askOnce(fresh.listen, 'x')).toBe('');
    client.socket.end('x');
    expect(await client.received).toBe('x');
    expect(await reopened()).toEqual([old]);
  });

  test.each<[string, Partial<Forward>]>([
    ['localhost:1 is not an IPv4 address and a port', { listen: { host: 'localhost', port: 1 } }],
    [':1 is not an IPv4 address and a port', { listen: { host: '', port: 1 } }],
    ['127.0.0.1:0 is not an IPv4 address and a port', { listen: { host: '127.0.0.1', port: 0 } }],
    ['127.0.0.1:1 would lead to itself', { to: { host: '127.0.0.1', port: 1 } }],
    ['127.0.0.1:1 would lead to 65536, which is no port', { to: { host: '127.0.0.1', port: 65_536 } }],
    ['10.0.0.0 is not a block of IPv4 addresses', { allow: ['10.0.0.0'] }],
    ['10.0.0.0/33 is not a block of IPv4 addresses', { allow: ['10.0.0.0/33'] }],
    ['10.0.0.256/8 is not a block of IPv4 addresses', { allow: ['10.0.0.256/8'] }],
    ['fe80::/10 is not a block of IPv4 addresses', { allow: [...LOCAL, 'fe80::/10'] }],
  ])('is refused: %s', async (message, wrong) => {
    const right = { listen: { host: '127.0.0.1', port: 1 }, to: { host: '127.0.0.1', port: 2 }, allow: LOCAL };
    await expect(forwards.set([{ ...right, ...wrong }])).rejects.toThrow(message);
    expect(forwards.list()).toEqual([]);
  });

  test('is refused when an address is in it twice', async () => {
    const forward = await leadTo({ host: '127.0.0.1', port: 1 });
    const { host, port } = forward.listen;
    const twice = [forward, { ...forward, to: { host: '127.0.0.1', port: 2 } }];
    await expect(forwards.set(twice)).rejects.toThrow(`${host}:${port} is to lead to two places`);
  });

  test('that is set while another one is being set comes after it', async () => {
    await using echo = await openEcho();
    const [one, two] = [await leadTo(echo.address), await leadTo(echo.address)];
    await Promise.all([forwards.set([one]), forwards.set([one, two]), forwards.set([two])]);
    expect(forwards.list()).toEqual([two]);
    expect(await askOnce(one.listen, 'x')).toBe('');
    expect(await askOnce(two.listen, 'x')).toBe('x');
  });
});

describe('the supervisor after this one', () => {
  test('opens the same again', async () => {
    await using echo = await openEcho();
    const [one, two] = [await leadTo(echo.address), await leadTo(echo.address)];
    await forwards.set([one, two]);
    forwards.close();
    expect(await askOnce(one.listen, 'x')).toBe('');
    forwards = createForwards(file);
    expect(await forwards.reopen()).toEqual([]);
    expect(forwards.list()).toEqual([one, two]);
    expect(await askOnce(two.listen, 'x')).toBe('x');
  });

  test('leaves out what cannot be opened any more', async () => {
    await using echo = await openEcho();
    const [one, two] = [await leadTo(echo.address), await leadTo(echo.address)];
    await forwards.set([one, two]);
    const next = createForwards(file);
    try {
      // The old one still holds its addresses.
      const { host, port } = one.listen;
      expect(await next.reopen()).toEqual([
        `listen EADDRINUSE: address already in use ${host}:${port}`,
        expect.stringContaining('EADDRINUSE'),
      ]);
      expect(next.list()).toEqual([]);
    } finally {
      next.close();
    }
  });

  test('has nothing to open when nothing was left, or nothing that can be read', async () => {
    await using echo = await openEcho();
    await forwards.set([await leadTo(echo.address)]);
    await forwards.set([]);
    expect(existsSync(file)).toBe(false);
    folder.write('forwards.json', '{"v":1,"forwards":[');
    expect(await reopened()).toEqual([]);
  });

  test('is not promised what could not be written', async () => {
    await using echo = await openEcho();
    const forward = await leadTo(echo.address);
    const homeless = createForwards(path.join(folder.path, 'gone', 'forwards.json'));
    await expect(homeless.set([forward])).rejects.toMatchObject({ code: 'MESH2011' });
    expect(homeless.list()).toEqual([]);
    expect(await askOnce(forward.listen, 'x')).toBe('');
  });
});

describe('a supervisor', () => {
  test('is busy while it forwards, though nothing runs', async () => {
    await using echo = await openEcho();
    const supervisor = createSupervisor(pathsIn(folder.path), () => {});
    expect(supervisor.isBusy()).toBe(false);
    const forward = await leadTo(echo.address);
    await supervisor.forwards.set([forward]);
    expect(supervisor.isBusy()).toBe(true);
    await supervisor.forwards.set([]);
    expect(supervisor.isBusy()).toBe(false);
  });

  test('that stops everything ends its forwards for good', async () => {
    await using echo = await openEcho();
    const supervisor = createSupervisor(pathsIn(folder.path), () => {});
    const forward = await leadTo(echo.address);
    await supervisor.forwards.set([forward]);
    await supervisor.stopAll();
    expect(await askOnce(forward.listen, 'x')).toBe('');
    expect(await reopened()).toEqual([]);
  });
});

/** What the next supervisor would open; the addresses are free again for it. */
async function reopened(): Promise<readonly Forward[]> {
  forwards.close();
  const next = createForwards(file);
  await next.reopen();
  const list = next.list();
  next.close();
  return list;
}
