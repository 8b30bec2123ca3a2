import { examineImage, examineTrial, type Finding } from '../build/verify-image.ts';
import { MeshError } from '../diagnostics/mesh-error.ts';
import type { DockerHost } from '../engine/docker/docker-host.ts';
import type { ImageFacts, ImageStore } from '../engine/docker/image-store.ts';
import { startTrial } from '../engine/docker/trial-container.ts';
import { type MeshNode, nodeOf } from '../mesh/mesh.ts';
import { renderVerifyTable, type VerifiedRow } from '../report/verify-table.ts';
import { systemClock } from '../time/clock.ts';
import type { BuildRequest } from './build-options.ts';
import { columnsOf, stylesFor } from './display.ts';
import type { Io } from './io.ts';
import { openEngine } from './open-engine.ts';
import type { Project } from './project.ts';

export interface VerifyRequest {
  readonly project: Project;
  readonly host: DockerHost;
  readonly images: ImageStore;
  readonly request: Pick<BuildRequest, 'names'>;
  readonly nodes: readonly string[];
  readonly json?: boolean | undefined;
}

/** Starts each image that was built and tells what it does. Returns whether all are as the manifest says. */
export async function verifyBuilds(verify: VerifyRequest, io: Io): Promise<boolean> {
  const { project, images, request, nodes } = verify;
  const names = new Map(nodes.map((node) => [node, request.names(node)[0] ?? '']));
  const found = await images.inspect([...names.values()]);
  const rows: VerifiedRow[] = [];
  // One after the other: each start takes what the machine has.
  for (const name of nodes) {
    const image = found.get(names.get(name) ?? '');
    const node = nodeOf(project.mesh, name);
    const findings =
      image === undefined
        ? [{ what: 'start', verdict: 'wrong', text: 'there is no image of it' } as const]
        : await findingsOf(node, { name: names.get(name) ?? '', facts: image }, verify, io);
    rows.push({ node: name, ok: findings.every(({ verdict }) => verdict !== 'wrong'), findings });
  }
  if (verify.json === true)
    for (const row of rows) io.stdout.write(`${JSON.stringify({ v: 1, type: 'verified', ...row })}\n`);
  else io.stdout.write(renderVerifyTable(rows, { styles: stylesFor(io.stdout, io), columns: columnsOf(io.stdout) }));
  return rows.every(({ ok }) => ok);
}

async function findingsOf(
  node: MeshNode,
  image: { readonly name: string; readonly facts: ImageFacts },
  { project, host }: VerifyRequest,
  io: Io,
): Promise<Finding[]> {
  const examined = examineImage(node, image.facts);
  const { text } = await openEngine(project, io, { engine: 'docker', secrets: 'make' });
  const isHere = host.kind === 'unix';
  const ports = isHere ? node.endpoints.filter(({ protocol }) => protocol !== 'udp').map(({ port }) => port) : [];
  const { entrypoint, command, user } = node;
  try {
    await using trial = await startTrial(host, {
      ...{ image: image.name, entrypoint, command, user, ports },
      env: node.env.map(({ name, value }) => `${name}=${text(value)}`),
    });
    const options = { clock: systemClock, signal: io.signal, text, host: '127.0.0.1' };
    const seen = await examineTrial(node, trial, options);
    const lines = seen.some(({ verdict }) => verdict === 'wrong') ? await trial.lastLines() : [];
    const last = lines.at(-1);
    const said =
      last === undefined ? [] : [{ what: 'start', verdict: 'not checked', text: `it said: ${last}` } as const];
    // What its process shows counts for more than what the image says.
    const isUserSeen = seen.some(({ what, verdict }) => what === 'user' && verdict !== 'not checked');
    return [...examined.filter(({ what }) => what !== 'user' || !isUserSeen), ...seen, ...said];
  } catch (error) {
    if (!(error instanceof MeshError) || error.code !== 'MESH2006') throw error;
    return [...examined, { what: 'start', verdict: 'wrong', text: error.message }];
  }
}
