import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { freePorts } from '../support/free-ports.ts';
import { type CliResult, mesh } from '../support/mesh-cli.ts';
import { mountSmallDisk, type SmallDisk, whyNoSmallDisk } from '../support/small-disk.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder.ts';

/** Says a long line about every request. */
const SERVER = `
import { createServer } from 'node:http';
const { PORT, COLOUR } = process.env;
createServer((request, response) => {
  console.log(request.url.padEnd(1000, '.'));
  response.end(COLOUR);
}).listen(Number(PORT), '127.0.0.1');
`;

const manifest = (name: string, port: number, colour: string) => `name: ${name}
services:
  web:
    image: never/pulled
    run: [node, server.mjs]
    endpoints: { http: { port: 80, host: ${port} } }
    env: { PORT: "\${self.http.port}", COLOUR: ${colour} }
    health: { ready: / }
`;

interface Scratch extends AsyncDisposable {
  readonly folder: TemporaryFolder;
  /** `.mesh`. */
  readonly disk: SmallDisk;
  readonly run: (...args: string[]) => Promise<CliResult>;
  readonly ask: (url?: string) => Promise<string>;
  readonly paint: (colour: string) => void;
  readonly supervisor: () => unknown;
}

async function scratch(): Promise<Scratch> {
  const [port = 0] = await freePorts(1);
  const name = `full-${randomBytes(4).toString('hex')}`;
  const folder = temporaryFolder({ 'mesh.yaml': manifest(name, port, 'red'), 'server.mjs': SERVER });
  const disk = mountSmallDisk(path.join(folder.path, '.mesh'));
  const run = (...args: string[]) => mesh(args, { cwd: folder.path, env: { MESH_ENGINE: 'process' } });
  return {
    folder,
    disk,
    run,
    ask: async (url = '/') => (await fetch(`http://127.0.0.1:${port}${url}`)).text(),
    paint: (colour) => folder.write('mesh.yaml', manifest(name, port, colour)),
    supervisor: () =>
      JSON.parse(readFileSync(path.join(folder.path, '.mesh/process', name, 'supervisor.lock'), 'utf8')),
    [Symbol.asyncDispose]: async () => {
      disk.free();
      await run('dev', 'down', '--volumes');
      disk[Symbol.dispose]();
      folder[Symbol.dispose]();
    },
  };
}

/** Every JSON file of the state, read. Throws for one that is cut off; leaves out what is written to a side name. */
function readStates(folder: TemporaryFolder): number {
  const root = path.join(folder.path, '.mesh');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'));
  for (const file of files) JSON.parse(readFileSync(path.join(root, file), 'utf8'));
  return files.length;
}

const reason = whyNoSmallDisk();

describe.skipIf(reason !== '')(`a disk that is full${reason === '' ? '' : ` (skipped: ${reason})`}`, () => {
  it('is told with what to do, before anything starts', async () => {
    await using subject = await scratch();
    subject.disk.fill();
    const up = await subject.run('dev', 'up');
    expect(up.exitCode).not.toBe(0);
    expect(up.stderr).toContain('ENOSPC');
    expect(up.stderr).toContain('check that the folder exists, is yours to write, and that the disk has room');
    await expect(subject.ask()).rejects.toThrow();
    subject.disk.free();
    expect((await subject.run('dev', 'up')).exitCode).toBe(0);
    expect(await subject.ask()).toBe('red');
  });

  it('takes nothing from what runs, and no state is left half written', async () => {
    await using subject = await scratch();
    await subject.run('dev', 'up');
    const supervisor = subject.supervisor();
    subject.disk.fill();
    subject.paint('green');
    const up = await subject.run('dev', 'up');
    expect(up.exitCode).not.toBe(0);
    expect(up.stderr).toContain('ENOSPC');
    expect(up.stderr).toContain('make room on the disk');
    expect(await subject.ask()).toBe('red');
    expect((await subject.run('dev', 'ps')).stdout).toContain('1 of 1 ready');
    expect(readStates(subject.folder)).toBeGreaterThan(2);

    subject.disk.free();
    expect((await subject.run('dev', 'up')).exitCode).toBe(0);
    expect(await subject.ask()).toBe('green');
    expect(subject.supervisor()).toEqual(supervisor);
  });

  it('ends neither a service that has much to say nor its supervisor; what is lost is counted in the log', async () => {
    await using subject = await scratch();
    await subject.run('dev', 'up');
    const supervisor = subject.supervisor();
    subject.disk.fill();
    for (let count = 0; count < 20; count++) expect(await subject.ask(`/full-${count}`)).toBe('red');
    subject.disk.free();
    expect(await subject.ask('/free')).toBe('red');
    expect(subject.supervisor()).toEqual(supervisor);
    const lines = await logOnce(subject, '/free.');
    expect(lines).toMatch(/mesh: \d+ lines could not be written/);
    expect(lines).not.toContain('/full-19.');
  });

  it('does not keep anybody from taking the mesh down', async () => {
    await using subject = await scratch();
    await subject.run('dev', 'up');
    subject.disk.fill();
    const down = await subject.run('dev', 'down');
    expect(down.stderr).not.toContain('ENOSPC');
    expect(down.exitCode).toBe(0);
    await expect(subject.ask()).rejects.toThrow();
  });
});

/** The log, once it holds a text: a line is on its way for a moment. */
async function logOnce(subject: Scratch, text: string): Promise<string> {
  for (let tries = 0; tries < 20; tries++) {
    const { stdout } = await subject.run('dev', 'logs', 'web');
    if (stdout.includes(text)) return stdout;
  }
  throw new Error(`the log does not show ${text}`);
}
