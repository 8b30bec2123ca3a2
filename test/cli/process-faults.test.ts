import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { freePorts } from '../support/free-ports.ts';
import { type CliResult, events, mesh } from '../support/mesh-cli.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder.ts';

/**
 * Tells that it was started, and answers once the file `NAME.wait` is gone, with 503 while `NAME.sick` is there. While
 * `NAME.grab` is there it takes that port.
 */
const SERVER = `
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
const { NAME, PORT } = process.env;
appendFileSync(NAME + '.started', process.pid + '\\n');
const begin = () => {
  if (existsSync(NAME + '.wait')) return setTimeout(begin, 20);
  if (existsSync(NAME + '.grab')) createServer().listen(Number(readFileSync(NAME + '.grab', 'utf8')), '127.0.0.1', serve);
  else serve();
};
const status = () => (existsSync(NAME + '.sick') ? 503 : 200);
const serve = () => createServer((_, response) => response.writeHead(status()).end(NAME)).listen(Number(PORT), '127.0.0.1');
begin();
`;

const service = (name: string, port: number, needs = '') => `
  ${name}:
    image: never/pulled
    run: [node, server.mjs]
    endpoints: { http: { port: 80, host: ${port} } }
    ${needs}
    env: { NAME: ${name}, PORT: "\${self.http.port}" }
    health: { ready: / }`;

interface Scratch extends AsyncDisposable {
  readonly folder: TemporaryFolder;
  /** Of first, second and third, of which the second needs the first. */
  readonly ports: readonly [number, number, number];
  readonly run: (...args: string[]) => Promise<CliResult>;
  /** Process ids, in the order of the starts. */
  readonly starts: (name: string) => string[];
}

async function scratch(): Promise<Scratch> {
  const [first = 0, second = 0, third = 0] = await freePorts(3);
  const name = `faults-${randomBytes(4).toString('hex')}`;
  const nodes = [service('first', first), service('second', second, 'needs: [first]'), service('third', third)];
  const folder = temporaryFolder({ 'mesh.yaml': `name: ${name}\nservices:${nodes.join('')}\n`, 'server.mjs': SERVER });
  const run = (...args: string[]) => mesh(args, { cwd: folder.path, env: { MESH_ENGINE: 'process' } });
  return {
    folder,
    ports: [first, second, third],
    run,
    starts: (node) => {
      const file = path.join(folder.path, `${node}.started`);
      return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
    },
    [Symbol.asyncDispose]: async () => {
      await run('dev', 'down', '--volumes');
      folder[Symbol.dispose]();
    },
  };
}

const answer = async (port: number) => (await fetch(`http://127.0.0.1:${port}/`)).text();

/** Holds a port as some other program. */
async function hold(port: number): Promise<AsyncDisposable> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
      }),
  };
}

describe('a service that was ready', () => {
  it('and no longer is so is told from what only starts', async () => {
    await using subject = await scratch();
    expect((await subject.run('dev', 'up')).exitCode).toBe(0);
    subject.folder.write('first.sick', '');
    const ps = await subject.run('dev', 'ps', '--json');
    expect(ps.exitCode).toBe(1);
    const states = JSON.parse(ps.stdout).nodes.map(({ name, state }: Record<string, string>) => `${name} ${state}`);
    expect(states).toEqual(['first unready', 'second ready', 'third ready']);
  });
});

describe('a port of a service that somebody else takes', () => {
  it('while it is stopped is named before anything changes, and a free one is found on request', async () => {
    await using subject = await scratch();
    const [first, second, third] = subject.ports;
    expect((await subject.run('dev', 'up')).exitCode).toBe(0);
    await subject.run('dev', 'stop', 'second');
    {
      await using _holder = await hold(second);
      const up = await subject.run('dev', 'up');
      expect(up.exitCode).not.toBe(0);
      expect(up.stderr).toContain(`port ${second} is held by `);
      expect(up.stderr).toContain('mesh dev up --remap-ports');
      expect([await answer(first), await answer(third)]).toEqual(['first', 'third']);
      expect((await subject.run('dev', 'up', '--remap-ports')).exitCode).toBe(0);
      expect((await subject.run('dev', 'stop', 'second')).exitCode).toBe(0);
    }
    const again = await subject.run('dev', 'up');
    expect(again.exitCode).toBe(0);
    expect([subject.starts('first').length, subject.starts('third').length]).toEqual([1, 1]);
  });

  it('between the plan and the start fails alone, and comes up once the port is free', async () => {
    await using subject = await scratch();
    const [first, second, third] = subject.ports;
    subject.folder.write('first.grab', String(second));
    const up = await subject.run('dev', 'up');
    expect(up.exitCode).toBe(1);
    expect(up.stderr).toContain(`host port ${second} is held by `);
    expect(up.stderr).toContain('mesh dev up --remap-ports');
    expect([await answer(first), await answer(third)]).toEqual(['first', 'third']);
    expect(subject.starts('second')).toEqual([]);

    rmSync(path.join(subject.folder.path, 'first.grab'));
    await subject.run('dev', 'restart', 'first');
    expect((await subject.run('dev', 'up')).exitCode).toBe(0);
    expect(await answer(second)).toBe('second');
    expect(subject.starts('third')).toHaveLength(1);
  });
});

describe('two commands at the same moment', () => {
  it('the second one is refused and named the first, which goes on undisturbed', async () => {
    await using subject = await scratch();
    subject.folder.write('first.wait', '');
    const first = mesh(['dev', 'up', '--json'], {
      cwd: subject.folder.path,
      env: { MESH_ENGINE: 'process' },
      onStdout: (text) => {
        if (text.includes('"node:started"')) started();
        return undefined;
      },
    });
    let started = () => {};
    await Promise.race([first, new Promise<void>((resolve) => (started = resolve))]);
    const second = await subject.run('dev', 'up');
    expect(second.exitCode).not.toBe(0);
    expect(second.stderr).toMatch(/another mesh command \(pid \d+\) is changing faults-/);
    expect(second.stderr).toContain('wait for it, or end it: kill ');
    rmSync(path.join(subject.folder.path, 'first.wait'));
    const up = await first;
    expect(up.exitCode).toBe(0);
    expect(events(up).filter((event) => event.type === 'node:ready')).toHaveLength(3);
    expect(subject.starts('first')).toHaveLength(1);
  });

  it('start nothing twice, also where a killed command has left its lock', async () => {
    await using subject = await scratch();
    const name = /name: (.*)/.exec(readFileSync(path.join(subject.folder.path, 'mesh.yaml'), 'utf8'))?.[1];
    // No process has this id: Linux stops at 2^22, macOS far below.
    subject.folder.write(`.mesh/lock-${name}`, '99999999');
    const ups = await Promise.all([1, 2, 3, 4].map(() => subject.run('dev', 'up')));
    const refused = ups.filter((up) => up.exitCode !== 0);
    expect(refused.length).toBeLessThan(ups.length);
    for (const up of refused) expect(up.stderr).toContain('another mesh command');
    expect(['first', 'second', 'third'].map((node) => subject.starts(node).length)).toEqual([1, 1, 1]);
  });
});
