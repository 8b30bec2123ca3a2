import path from 'node:path/posix';
import type { BuildOutcome, BuildPlace } from '../execute/run-context.ts';
import { type Mesh, nodeOf } from '../mesh/mesh.ts';
import { dockerfilePath } from '../render/dockerfile/dockerfile-path.ts';
import { readFileIfThere } from '../workspace/state-folder.ts';
import type { BakeProgress, FailedStep } from './bake-progress.ts';
import { parseDockerfile } from './dockerfile-instructions.ts';

type FailedBuild = Extract<BuildOutcome, { ok: false }>;

/** Why the image of a node was not built. Without a step, what bake said is the reason. */
export function describeFailedBuild(
  mesh: Mesh,
  node: string,
  step: FailedStep | undefined,
  progress: BakeProgress,
): FailedBuild {
  const words = progress.words();
  const last = words.at(-1)?.replace(/^ERROR: (target \S+: )?(failed to solve: )?/, '') ?? '';
  const place = placeOf(mesh, node, step, words);
  const at = place === undefined ? '' : ` at ${place.file}:${place.line}`;
  const reason = `its build failed${at}${step === undefined ? '' : `: ${shorten(step.text, 120)}`}`;
  const why = step?.error ?? last;
  return {
    ok: false,
    reason,
    hint: why === '' ? 'run it by hand to see more: docker buildx bake' : shorten(why, 200),
    logs: step === undefined || step.logs.length === 0 ? words.slice(-20) : step.logs,
    place,
  };
}

/** BuildKit tells the line of the target that failed first; in the Dockerfiles of others the instruction is looked for. */
function placeOf(
  mesh: Mesh,
  node: string,
  step: FailedStep | undefined,
  words: readonly string[],
): BuildPlace | undefined {
  const { build } = nodeOf(mesh, node);
  if (build === undefined) return undefined;
  const file = dockerfilePath(node, build);
  const dockerfile = readFileIfThere(path.join(mesh.root, file));
  if (dockerfile === undefined) return undefined;
  const lines = dockerfile.split(/\r?\n/);
  const wanted = step === undefined ? '' : flat(step.instruction);
  const found = parseDockerfile(dockerfile).find(({ keyword, text }) => flat(`${keyword} ${text}`) === wanted);
  const line = found?.line ?? (isAbout(node, words) ? lineOf(words) : undefined);
  return line === undefined ? undefined : { file, line, text: (lines[line - 1] ?? '').trim() };
}

function flat(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** `ERROR: target gateway: …`; a build of one target does not name it. */
function isAbout(node: string, words: readonly string[]): boolean {
  const target = words.map((word) => /^ERROR: target (\S+):/.exec(word)?.[1]).find((name) => name !== undefined);
  return target === undefined || target === node;
}

function lineOf(words: readonly string[]): number | undefined {
  const place = words.map((word) => /^\S*Dockerfile\S*:(\d+)$/i.exec(word)?.[1]).find((found) => found !== undefined);
  return place === undefined ? undefined : Number(place);
}

function shorten(text: string, most: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}
