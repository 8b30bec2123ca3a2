import type { ImageFacts } from '../engine/docker/image-store.ts';
import type { TrialContainer } from '../engine/docker/trial-container.ts';
import type { MeshNode } from '../mesh/mesh.ts';
import type { Value } from '../mesh/value.ts';
import { resolveCheckTarget } from '../probe/check-target.ts';
import { probeOnce } from '../probe/probe-once.ts';
import { waitUntilReady } from '../probe/wait-until-ready.ts';
import type { Clock } from '../time/clock.ts';

/** One thing that was looked at. */
export interface Finding {
  readonly what: 'user' | 'ports' | 'entrypoint' | 'start' | 'ready';
  readonly verdict: 'ok' | 'wrong' | 'not checked';
  readonly text: string;
}

/** What can be seen of an image without starting it. */
export function examineImage(node: MeshNode, image: ImageFacts): Finding[] {
  return [examineUser(node.user ?? image.user), examinePorts(node, image), examineEntrypoint(node, image)];
}

function examineUser(user: string): Finding {
  const name = user.split(':')[0] ?? '';
  const isRoot = name === '' || name === 'root' || /^0+$/.test(name);
  return isRoot
    ? { what: 'user', verdict: 'wrong', text: 'it runs as root' }
    : { what: 'user', verdict: 'ok', text: `user ${user}` };
}

function examinePorts(node: MeshNode, image: ImageFacts): Finding {
  const wanted = node.endpoints.map(({ port, protocol }) => `${port}/${protocol === 'udp' ? 'udp' : 'tcp'}`);
  const missing = [...new Set(wanted)].filter((port) => !image.exposed.includes(port));
  if (missing.length > 0)
    return { what: 'ports', verdict: 'wrong', text: `the image does not expose ${missing.join(', ')}` };
  return {
    what: 'ports',
    verdict: 'ok',
    text: wanted.length === 0 ? 'no ports' : `exposes ${[...new Set(wanted)].join(', ')}`,
  };
}

/** The shell form runs `/bin/sh -c`, and a shell keeps the request to stop from the program. */
function examineEntrypoint(node: MeshNode, image: ImageFacts): Finding {
  const argv = [...(node.entrypoint ?? image.entrypoint), ...(node.command ?? image.command)];
  if (argv.length === 0) return { what: 'entrypoint', verdict: 'wrong', text: 'the image says nothing to run' };
  const isShell = /(^|\/)(ba)?sh$/.test(argv[0] ?? '') && argv[1] === '-c' && !/^\s*exec\s/.test(argv[2] ?? '');
  return isShell
    ? { what: 'entrypoint', verdict: 'wrong', text: `a shell stands before the program: ${argv.join(' ')}` }
    : { what: 'entrypoint', verdict: 'ok', text: `runs ${argv.join(' ')}` };
}

export interface TrialOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly text: (value: Value) => string;
  /** Where published ports are reached from here. */
  readonly host: string;
}

/** How long a process that needs others may take to show as whom it runs. Milliseconds. */
const SHOW_MS = 300;

/** What can be seen of a running container: its user, and readiness where nothing else is needed for it. */
export async function examineTrial(node: MeshNode, trial: TrialContainer, options: TrialOptions): Promise<Finding[]> {
  const ready = await examineReadiness(node, trial, options);
  const users = await trial.users();
  const user: Finding = users.includes('0')
    ? { what: 'user', verdict: 'wrong', text: 'a process of it runs as root' }
    : users.length === 0
      ? { what: 'user', verdict: 'not checked', text: 'its process ended before its user could be seen' }
      : { what: 'user', verdict: 'ok', text: `runs as ${users.join(', ')}` };
  return [user, ready];
}

async function examineReadiness(node: MeshNode, trial: TrialContainer, options: TrialOptions): Promise<Finding> {
  const { clock, signal, text, host } = options;
  const unchecked = (why: string): Finding => ({ what: 'ready', verdict: 'not checked', text: why });
  if (node.needs.length > 0) {
    await clock.sleep(SHOW_MS, signal);
    return unchecked(`readiness: it needs ${node.needs.map((need) => need.node).join(', ')}`);
  }
  if (node.files.length > 0) return unchecked('readiness: it needs files that mesh puts into its container');
  const target = resolveCheckTarget({
    ...{ node, check: node.health.ready, host, text },
    hostPort: (name) => {
      const endpoint = node.endpoints.find((candidate) => candidate.name === name);
      return endpoint === undefined ? undefined : trial.hostPort(endpoint.port);
    },
  });
  if (target === undefined || target === 'unpublished')
    return unchecked(`readiness: a check of the kind ${node.health.ready.kind}`);
  const result = await waitUntilReady(
    async (probeSignal) => {
      const exitCode = await trial.exitCode();
      if (exitCode !== undefined) return { ok: true, answer: `exited with code ${exitCode}` };
      return probeOnce(target, { timeoutMs: 2_000, signal: probeSignal });
    },
    { clock, signal, withinMs: node.health.withinMs },
  );
  if (!result.ok || result.answer.startsWith('exited'))
    return { what: 'ready', verdict: 'wrong', text: `not ready: ${result.answer}` };
  return { what: 'ready', verdict: 'ok', text: `ready: ${result.answer}` };
}
