import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { isAlive, readProcesses } from '../../../../src/engine/process/state/process-table.ts';
import { readRecords, writeRecords } from '../../../../src/engine/process/state/state-file.ts';
import { NEVER, openScratchProject, type ScratchProject } from './scratch-project.ts';

// Real processes, on machines that may be busy with something else.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** Answers with its process id; does what its path says. */
const WEB = `
import { createServer } from 'node:http';
import { spawn } from 'node:child_process';
const { port, hostname } = new URL(process.env.URLS);
if (process.env.STUBBORN) process.on('SIGTERM', () => console.log('not now'));
if (process.env.CHILD) spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
createServer((request, response) => {
  console.log(request.url);
  if (request.url === '/crash') process.exit(3);
  response.end(String(process.pid));
}).listen(port, hostname, () => console.log('listening'));
`;

const FILES = { 'web/package.json': '{"type":"module"}', 'web/main.js': WEB };

const manifest = (fields: string, name = 'web') => `
name: scratch
services:
  ${name}:
    build: { node: web, entry: main.js }
    endpoints: { http: { port: 80, protocol: http, host: auto } }
    env: { URLS: "http://+:\${self.http.port}" }
    ${fields}
`;

const job = (script: string, fields = '') => ({
  manifest: `
name: scratch
services:
  job: { build: { node: web, entry: main.js }, ${fields} }
`,
  files: { 'web/package.json': '{}', 'web/main.js': script },
});

let project: ScratchProject;
afterEach(() => project[Symbol.asyncDispose]());

async function ask(url = '/', node = 'web'): Promise<string> {
  const { ports } = await project.instance(node);
  return (await fetch(`http://127.0.0.1:${ports[0]?.hostPort}${url}`)).text();
}

const answers = (url = '/', node = 'web') => project.eventually(() => ask(url, node).catch(() => undefined));
const state = (wanted: string, node = 'web') =>
  project.eventually(async () => {
    const instance = await project.instance(node);
    return instance.state === wanted ? instance : undefined;
  });
const isGone = (pid: number) =>
  project.eventually(async () => (readProcesses().some((info) => info.pid === pid && !info.zombie) ? undefined : true));
const crashSupervisor = async () => {
  const pid = project.supervisorPid();
  if (pid === undefined) throw new Error('there is no supervisor');
  process.kill(pid, 'SIGKILL');
  await isGone(pid);
};

describe('a service', () => {
  test('is created first and runs once it is started', async () => {
    project = await openScratchProject(manifest(''), FILES);
    await project.engine.converge({ mesh: project.mesh, nodes: ['web'], anew: [], remove: [] }, NEVER);
    expect(await project.instance('web')).toMatchObject({ state: 'created', name: 'scratch-web-1', replica: 1 });
    await project.up();
    expect(Number(await answers())).toBeGreaterThan(1);
    expect(await project.instance('web')).toMatchObject({ state: 'running' });
    expect(project.events.map((event) => event.type)).toEqual(['started']);
  });

  test('stays what it is when nothing changed, and is made anew when something did', async () => {
    project = await openScratchProject(manifest(''), FILES);
    await project.up();
    const before = await project.instance('web');
    await project.up();
    expect((await project.instance('web')).id).toBe(before.id);
    const changed = { ...project.mesh, nodes: project.mesh.nodes.map((node) => ({ ...node, stopGraceMs: 1234 })) };
    await project.engine.converge({ mesh: changed, nodes: ['web'], anew: [], remove: [] }, NEVER);
    const after = await project.instance('web');
    expect(after.id).not.toBe(before.id);
    expect(after).toMatchObject({ state: 'created', ports: [] });
    await project.engine.start(after, changed, NEVER);
    expect((await project.instance('web')).ports).toEqual(before.ports);
  });

  test('keeps its port over down and up', async () => {
    project = await openScratchProject(manifest(''), FILES);
    await project.up();
    const { ports } = await project.instance('web');
    await project.engine.removeProject('scratch', { volumes: false });
    await project.up(project.openEngine());
    expect((await project.instance('web')).ports).toEqual(ports);
  });

  test('that crashes is restarted, and its output is one log', async () => {
    project = await openScratchProject(manifest(''), FILES);
    await project.up();
    await answers();
    await ask('/crash').catch(() => {});
    await answers('/again');
    const { lines } = project;
    // The answer may be here before the line is.
    await project.eventually(async () => ((await lines('web')).includes('/again') ? true : undefined));
    expect(await lines('web')).toEqual(['listening', '/', '/crash', 'listening', '/again']);
    const { id } = await project.instance('web');
    expect(await project.engine.inspect(id)).toMatchObject({ state: 'running', restarts: 1 });
    expect(project.events.map((event) => `${event.type} ${event.exitCode ?? ''}`)).toEqual([
      'started ',
      'exited 3',
      'started ',
    ]);
  });

  test('that is killed is restarted', async () => {
    project = await openScratchProject(manifest(''), FILES);
    await project.up();
    const pid = Number(await answers());
    process.kill(pid, 'SIGKILL');
    await isGone(pid);
    expect(Number(await answers())).not.toBe(pid);
    expect(project.events.find((event) => event.type === 'exited')?.exitCode).toBe(137);
  });

  test('that is stopped stays down', async () => {
    project = await openScratchProject(manifest(''), FILES);
    await project.up();
    await answers();
    await project.engine.stop(await project.instance('web'), 5000);
    expect(await project.instance('web')).toMatchObject({ state: 'exited', exitCode: 143 });
  });

  test('that does not heed SIGTERM is killed after its grace', async () => {
    project = await openScratchProject(manifest('').replace('env: {', 'env: { STUBBORN: 1,'), FILES);
    await project.up();
    await answers();
    await project.engine.stop(await project.instance('web'), 200);
    expect(await project.instance('web')).toMatchObject({ state: 'exited', exitCode: 137 });
    expect(await project.lines('web')).toContain('not now');
  });

  test('takes its children with it', async () => {
    project = await openScratchProject(manifest('').replace('env: {', 'env: { CHILD: 1,'), FILES);
    await project.up();
    const pid = Number(await answers());
    const child = await project.eventually(async () => readProcesses().find((info) => info.parent === pid));
    process.kill(pid, 'SIGKILL');
    await isGone(child.pid);
  });

  test('whose leader goes at once still gets its grace', async () => {
    // Like `dotnet run`: the leader heeds SIGTERM, the program that it started has something to finish.
    const { manifest, files } = job(
      `const { spawn } = require('node:child_process');
       const child = "process.on('SIGTERM', () => setTimeout(() => { console.log('in order'); process.exit() }, 200)); setInterval(() => {}, 1000); console.log('up')";
       spawn(process.execPath, ['-e', child], { stdio: 'inherit' });`,
      'restart: always',
    );
    project = await openScratchProject(manifest, files);
    const { eventually, lines, engine, instance } = project;
    await project.up();
    await eventually(async () => ((await lines('job')).includes('up') ? true : undefined));
    await engine.stop(await instance('job'), 10_000);
    expect(await lines('job')).toEqual(['up', 'in order']);
  });

  test('whose port somebody else holds is not started', async () => {
    const holder = createServer();
    const port = await new Promise<number>((resolve) => {
      holder.listen(0, '127.0.0.1', () => resolve(portOf(holder.address())));
    });
    try {
      project = await openScratchProject(manifest('').replace('auto', String(port)), FILES);
      await expect(project.up()).rejects.toMatchObject({
        code: 'MESH2006',
        message: expect.stringContaining(`127.0.0.1:${port}: bind`),
      });
      expect(await project.instance('web')).toMatchObject({ state: 'created' });
    } finally {
      holder.close();
    }
  });

  test('tells who holds a port', async () => {
    project = await openScratchProject(manifest(''), FILES);
    await project.up();
    const { ports } = await project.instance('web');
    expect(await project.engine.portHolder(ports[0]?.hostPort ?? 0)).toBe('scratch-web-1 of project scratch');
    expect(await project.engine.portHolder(1)).toBeUndefined();
  });

  test('runs in as many replicas as asked for, each with its own port', async () => {
    project = await openScratchProject(manifest('replicas: 2'), FILES);
    await project.up();
    const { instances } = await project.engine.observe('scratch', []);
    const ports = instances.map((instance) => instance.ports[0]?.hostPort);
    expect(new Set(ports).size).toBe(2);
    for (const port of ports) {
      await project.eventually(() =>
        fetch(`http://127.0.0.1:${port}`)
          .then(() => true)
          .catch(() => undefined),
      );
    }
  });

  test('uses processor and memory', async () => {
    project = await openScratchProject(manifest(''), FILES);
    await project.up();
    await answers();
    const [stats] = await project.engine.stats([await project.instance('web')]);
    expect(stats?.memory).toBeGreaterThan(10_000_000);
    expect(stats?.cpuPercent).toBeGreaterThanOrEqual(0);
  });
});

describe('exec', () => {
  test('runs where the service runs, with what it knows', async () => {
    project = await openScratchProject(manifest(''), FILES);
    await project.up();
    const instance = await project.instance('web');
    const run = (...command: string[]) =>
      project.engine.exec({ instance, command, stdio: 'capture', env: ['EXTRA=1'] }, NEVER);
    expect(await run('sh', '-c', 'basename "$PWD"; echo $URLS $EXTRA; exit 4')).toEqual({
      exitCode: 4,
      output: `web\nhttp://127.0.0.1:${instance.ports[0]?.hostPort} 1\n`,
    });
    expect(await run('no-such-program')).toMatchObject({ exitCode: 127 });
  });

  test('ends with its signal', async () => {
    project = await openScratchProject(manifest(''), FILES);
    await project.up();
    const instance = await project.instance('web');
    const over = new AbortController();
    const running = project.engine.exec(
      { instance, command: ['sh', '-c', 'echo; sleep 60'], stdio: 'capture' },
      over.signal,
    );
    over.abort(new Error('over'));
    await expect(running).rejects.toThrow('over');
  });
});

describe('a job', () => {
  test('that succeeds is done', async () => {
    const { manifest, files } = job('console.log("done"); process.stderr.write("no line end")', 'job: true');
    project = await openScratchProject(manifest, files);
    await project.up();
    expect(await state('exited', 'job')).toMatchObject({ exitCode: 0 });
    expect(await project.lines('job')).toEqual(expect.arrayContaining(['done', 'no line end']));
  });

  test('that fails tells its exit code', async () => {
    const { manifest, files } = job('process.exit(7)', 'job: true');
    project = await openScratchProject(manifest, files);
    await project.up();
    expect(await state('exited', 'job')).toMatchObject({ exitCode: 7 });
  });

  test('whose program does not exist cannot be started', async () => {
    const { manifest, files } = job('', 'job: true, command: [no-such-program]');
    project = await openScratchProject(manifest, files);
    await expect(project.up()).rejects.toMatchObject({ code: 'MESH3007', message: expect.stringContaining('ENOENT') });
    expect(await project.instance('job')).toMatchObject({ state: 'exited', exitCode: 127 });
  });

  test('that is restarted for ever is a crash loop that waits ever longer', async () => {
    const { manifest, files } = job('process.exit(1)', 'restart: on-failure');
    project = await openScratchProject(manifest, files);
    await project.up();
    await project.eventually(async () =>
      project.events.filter((event) => event.type === 'exited').length >= 3 ? true : undefined,
    );
    const instance = await project.instance('job');
    await project.engine.stop(instance, 1000);
    expect(await project.instance('job')).toMatchObject({ state: 'exited' });
  });
});

describe('logs', () => {
  test('are followed until nothing runs any more', async () => {
    const { manifest, files } = job(
      'let n = 0; setInterval(() => { console.log(++n); if (n === 5) process.exit() }, 30)',
      'job: true',
    );
    project = await openScratchProject(manifest, files);
    await project.up();
    const lines: string[] = [];
    await project.engine.logs({ project: 'scratch', nodes: [], follow: true }, (line) => lines.push(line.text), NEVER);
    expect(lines).toEqual(['1', '2', '3', '4', '5']);
  });

  test('end when what they wait for cannot be started', async () => {
    const { manifest, files } = job('', 'job: true, run: [no-such-program]');
    project = await openScratchProject(manifest, files);
    await project.engine.converge({ mesh: project.mesh, nodes: ['job'], anew: [], remove: [] }, NEVER);
    const following = project.engine.logs({ project: 'scratch', nodes: [], follow: true }, () => {}, NEVER);
    await expect(project.up()).rejects.toMatchObject({ code: 'MESH3007' });
    await following;
  });

  test('end with their signal', async () => {
    project = await openScratchProject(manifest(''), FILES);
    await project.up();
    await answers();
    const over = new AbortController();
    const lines: string[] = [];
    await project.engine.logs(
      { project: 'scratch', nodes: ['web'], follow: true, tail: 1 },
      (line) => {
        lines.push(line.text);
        over.abort();
      },
      over.signal,
    );
    expect(lines).toEqual(['/']);
  });

  test('go on with the instance that comes in the place of another', async () => {
    project = await openScratchProject(manifest(''), FILES);
    await project.up();
    await answers('/1');
    const over = new AbortController();
    const lines: string[] = [];
    const following = project.engine.logs(
      { project: 'scratch', nodes: ['web'], follow: true, tail: 1 },
      (line) => {
        lines.push(line.text);
        if (line.text === '/2') over.abort();
      },
      over.signal,
    );
    await project.eventually(async () => (lines.includes('/1') ? true : undefined));
    const changed = { ...project.mesh, nodes: project.mesh.nodes.map((node) => ({ ...node, stopGraceMs: 1234 })) };
    await project.engine.converge({ mesh: changed, nodes: ['web'], anew: [], remove: [] }, NEVER);
    await project.engine.start(await project.instance('web'), changed, NEVER);
    await answers('/2');
    await following;
    expect(lines).toEqual(['/1', 'listening', '/2']);
  });

  test('go on where they were when the supervisor is killed', async () => {
    project = await openScratchProject(manifest(''), FILES);
    await project.up();
    await answers('/1');
    const over = new AbortController();
    const lines: string[] = [];
    const following = project.engine.logs(
      { project: 'scratch', nodes: [], follow: true },
      (line) => {
        lines.push(line.text);
        if (line.text === '/3') over.abort();
      },
      over.signal,
    );
    await project.eventually(async () => (lines.includes('/1') ? true : undefined));
    await crashSupervisor();
    await ask('/2');
    await answers('/3');
    await following;
    expect(lines).toEqual(['listening', '/1', '/2', '/3']);
  });
});

describe('the supervisor', () => {
  test('outlives the engine that started it, and ends when nothing is left', async () => {
    project = await openScratchProject(manifest(''), FILES);
    const other = project.openEngine();
    await project.up(other);
    other.close();
    await answers();
    const pid = project.supervisorPid() ?? 0;
    await project.engine.stop(await project.instance('web'), 5000);
    project.engine.close();
    await isGone(pid);
    const [instance] = (await project.openEngine().observe('scratch', [])).instances;
    expect(instance).toMatchObject({ state: 'exited', exitCode: 143 });
  });

  test('that is killed leaves its services running, and the next look adopts them', async () => {
    project = await openScratchProject(manifest(''), FILES);
    await project.up();
    const pid = await answers();
    await crashSupervisor();
    expect(await ask()).toBe(pid);
    expect(await project.instance('web')).toMatchObject({ state: 'running' });
    expect(await ask()).toBe(pid);
    // The new one restarts it as the old one would have.
    process.kill(Number(pid), 'SIGKILL');
    await isGone(Number(pid));
    expect(await answers()).not.toBe(pid);
  });

  test('that is killed does not keep its services from being taken down', async () => {
    project = await openScratchProject(manifest(''), FILES);
    await project.up();
    const pid = Number(await answers());
    await crashSupervisor();
    await project.engine.removeProject('scratch', { volumes: false });
    await isGone(pid);
    expect((await project.engine.observe('scratch', [])).instances).toEqual([]);
  });

  test('that is killed together with its service leaves one that has exited', async () => {
    project = await openScratchProject(manifest(''), FILES);
    await project.up();
    const pid = Number(await answers());
    await crashSupervisor();
    process.kill(pid, 'SIGKILL');
    await isGone(pid);
    const instance = await project.instance('web');
    expect(instance.state).toBe('exited');
    expect((await project.engine.inspect(instance.id)).exitCode).toBe(-1);
    await project.up();
    expect(Number(await answers())).not.toBe(pid);
  });

  // Marks are read from /proc; elsewhere such a process is not found.
  test.runIf(process.platform === 'linux')('that could not write its state leaves nothing behind either', async () => {
    project = await openScratchProject(manifest(''), FILES);
    await project.up();
    const pid = Number(await answers());
    const file = path.join(project.root, '.mesh/process/scratch/state.json');
    const stale = readRecords(file).map(({ process: _, ...record }) => ({ ...record, state: 'exited' as const }));
    // Before it is killed: whoever watches asks for a successor at once, and that one reads the file.
    writeRecords(file, stale);
    await crashSupervisor();
    expect(await project.instance('web')).toMatchObject({ state: 'exited' });
    await isGone(pid);
  });

  test('is one, however many commands want it at once', async () => {
    project = await openScratchProject(manifest(''), FILES);
    await Promise.all([1, 2, 3, 4].map(() => project.openEngine().watch('scratch', () => {}, NEVER)));
    const supervisors = () => readProcesses().filter((info) => info.parent === process.pid && info.group === info.pid);
    await project.eventually(async () => (supervisors().filter((info) => !info.zombie).length <= 1 ? true : undefined));
    await project.up();
    await answers();
  });

  test('stops everything when it is asked to end', async () => {
    project = await openScratchProject(manifest(''), FILES);
    await project.up();
    const pid = Number(await answers());
    const supervisor = project.supervisorPid() ?? 0;
    process.kill(supervisor, 'SIGTERM');
    await isGone(supervisor);
    await isGone(pid);
  });

  test('stops everything when its folder is gone', async () => {
    project = await openScratchProject(manifest(''), FILES);
    await project.up();
    const pid = Number(await answers());
    rmSync(path.join(project.root, '.mesh'), { recursive: true });
    await isGone(pid);
  });

  test('takes no other process for one of its own', async () => {
    project = await openScratchProject(manifest(''), FILES);
    await project.up();
    const pid = Number(await answers());
    const supervisor = project.supervisorPid() ?? 0;
    expect(isAlive({ pid: supervisor, startedAt: 'another boot/1' })).toBe(false);
    // A process without the mark, in nobody's group: nothing that the engine does may end it.
    const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      detached: true,
      stdio: 'ignore',
    });
    await project.engine.removeProject('scratch', { volumes: true });
    await isGone(pid);
    expect(bystander.exitCode).toBeNull();
    bystander.kill('SIGKILL');
  });

  test('answers also where the path of the project is too long for a socket', async () => {
    project = await openScratchProject(manifest(''), FILES, `mesh-${'long'.repeat(25)}-`);
    await project.up();
    await answers();
    expect(existsSync(path.join(project.root, '.mesh/process/scratch/supervisor.sock'))).toBe(false);
  });
});

function portOf(address: ReturnType<ReturnType<typeof createServer>['address']>): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}
