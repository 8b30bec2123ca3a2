import { examineImage, examineTrial, type Finding } from '../build/verify-image.ts';
import { MeshError } from '../diagnostics/mesh-error.ts';
import type { DockerHost } from '../engine/docker/docker-host.ts';
import type { ImageFacts, ImageStore } from '../engine/docker/image-store.ts';
import { startTrial } from '../engine/docker/trial-container.ts';
import type { Emit } from '../execute/emit.ts';
import { type MeshNode, nodeOf } from '../mesh/mesh.ts';
import type { Value } from '../mesh/value.ts';
import type { VerifiedRow } from '../report/verify-table.ts';
import { systemClock } from '../time/clock.ts';
import type { Io } from './io.ts';
import { openEngine } from './open-engine.ts';
import type { Project } from './project.ts';

export interface VerifyRequest {
  readonly project: Project;
  readonly host: DockerHost;
  readonly images: ImageStore;
  /** Node → the name of its image. */
  readonly names: ReadonlyMap<string, string>;
  readonly emit: Emit;
}

/** Starts each image and tells whether it does what the manifest says. One after the other: each takes what there is. */
export async function verifyBuilds(request: VerifyRequest, io: Io): Promise<readonly VerifiedRow[]> {
  const { project, images, names, emit } = request;
  const found = await images.inspect([...names.values()]);
  const { text, redact } = await openEngine(project, io, { engine: 'docker', secrets: 'make' });
  const rows: VerifiedRow[] = [];
  for (const [name, image] of names) {
    const facts = found.get(image);
    const node = nodeOf(project.mesh, name);
    const all: readonly Finding[] =
      facts === undefined
        ? [{ what: 'start', verdict: 'wrong', text: 'there is no image of it' }]
        : await findingsOf({ node, image, facts, text, host: request.host, signal: io.signal });
    // A service may say its settings, secrets included, when it cannot start.
    const findings = all.map((finding) => ({ ...finding, text: redact(finding.text) }));
    const row = { node: name, ok: findings.every(({ verdict }) => verdict !== 'wrong'), findings };
    emit({ type: 'node:verified', ...row });
    rows.push(row);
  }
  return rows;
}

interface Subject {
  readonly node: MeshNode;
  readonly image: string;
  readonly facts: ImageFacts;
  readonly text: (value: Value) => string;
  readonly host: DockerHost;
  readonly signal: AbortSignal;
}

async function findingsOf({ node, image, facts, text, host, signal }: Subject): Promise<Finding[]> {
  const examined = examineImage(node, facts);
  // An engine on another machine publishes where no probe gets from here.
  const reachable = host.kind === 'unix' ? node.endpoints.filter(({ protocol }) => protocol !== 'udp') : [];
  const { entrypoint, command, user } = node;
  try {
    await using trial = await startTrial(host, {
      ...{ image, entrypoint, command, user, ports: reachable.map(({ port }) => port) },
      env: node.env.map(({ name, value }) => `${name}=${text(value)}`),
    });
    const seen = await examineTrial(node, trial, { clock: systemClock, signal, text, host: '127.0.0.1' });
    const isWrong = seen.some(({ verdict }) => verdict === 'wrong');
    const last = isWrong ? (await trial.lastLines()).at(-1) : undefined;
    const said: Finding[] =
      last === undefined ? [] : [{ what: 'start', verdict: 'not checked', text: `it said: ${last}` }];
    // What its process shows counts for more than what the image says.
    const isUserSeen = seen.some(({ what, verdict }) => what === 'user' && verdict !== 'not checked');
    return [...examined.filter(({ what }) => what !== 'user' || !isUserSeen), ...seen, ...said];
  } catch (error) {
    if (!(error instanceof MeshError) || error.code !== 'MESH2006') throw error;
    return [...examined, { what: 'start', verdict: 'wrong', text: error.message }];
  }
}
