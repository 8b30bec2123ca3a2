import { type Instruction, parseDockerfile } from './dockerfile-instructions.ts';

/** What a Dockerfile takes from outside itself, up to the stage that is built. */
export interface DockerfileReads {
  /** Patterns of the build context, as COPY names them; `.` is all of it. */
  readonly paths: readonly string[];
  /** The images that its stages begin with, or copy from. */
  readonly images: readonly string[];
  /** Whether it fetches something of which nobody can tell from here whether it changed. */
  readonly remote: boolean;
}

interface Stage {
  readonly name: string | undefined;
  /** An image, or a stage. */
  readonly base: string;
  readonly instructions: Instruction[];
}

/**
 * Reads a Dockerfile for what can change its image. What cannot be told, such as a variable in a path, counts as the
 * whole context: a build too many is better than one too few.
 */
export function readsOfDockerfile(
  dockerfile: string,
  target: string | undefined,
  args: Readonly<Record<string, string>>,
): DockerfileReads {
  const { stages, variables } = stagesOf(parseDockerfile(dockerfile), args);
  const paths = new Set<string>();
  const images = new Set<string>();
  let remote = false;
  const visited = new Set<Stage>();
  const stageNamed = (name: string): Stage | undefined =>
    /^\d+$/.test(name)
      ? stages[Number(name)]
      : stages.findLast((stage) => stage.name?.toLowerCase() === name.toLowerCase());
  const visit = (name: string) => {
    const from = expand(name, variables);
    const stage = stageNamed(from);
    if (stage !== undefined) visitStage(stage);
    else if (from !== 'scratch') images.add(from);
  };
  const visitStage = (stage: Stage) => {
    if (visited.has(stage)) return;
    visited.add(stage);
    visit(stage.base);
    for (const instruction of stage.instructions) {
      const reads = readsOf(instruction);
      for (const path of reads.paths) paths.add(path);
      for (const from of reads.from) visit(from);
      remote ||= reads.remote;
    }
  };
  const last = target === undefined ? stages.at(-1) : stageNamed(target);
  if (last !== undefined) visitStage(last);
  return { paths: [...paths], images: [...images], remote };
}

/** Arguments before the first FROM have values that FROM lines use. */
function stagesOf(
  instructions: readonly Instruction[],
  args: Readonly<Record<string, string>>,
): { stages: readonly Stage[]; variables: Readonly<Record<string, string>> } {
  const stages: Stage[] = [];
  const variables: Record<string, string> = {};
  for (const instruction of instructions) {
    if (instruction.keyword === 'FROM') {
      const words = wordsOf(instruction.text).filter((word) => !word.startsWith('--'));
      const name = words[1]?.toLowerCase() === 'as' ? words[2] : undefined;
      stages.push({ name, base: words[0] ?? '', instructions: [] });
    } else if (stages.length > 0) stages.at(-1)?.instructions.push(instruction);
    else if (instruction.keyword === 'ARG') {
      const [, name = '', value = ''] = /^([^=\s]+)(?:=(.*))?$/.exec(instruction.text) ?? [];
      variables[name] = args[name] ?? value.replace(/^(["'])(.*)\1$/, '$2');
    }
  }
  return { stages, variables };
}

interface InstructionReads {
  readonly paths: readonly string[];
  readonly from: readonly string[];
  readonly remote: boolean;
}

const NOTHING: InstructionReads = { paths: [], from: [], remote: false };

function readsOf({ keyword, text }: Instruction): InstructionReads {
  if (keyword === 'COPY' || keyword === 'ADD') return readsOfCopy(text);
  if (keyword === 'RUN') return readsOfMounts(text);
  // Its COPY runs in the builds of others that begin with this image.
  return NOTHING;
}

function readsOfCopy(text: string): InstructionReads {
  const flags = /^(?:--\S+\s+)*/.exec(text)?.[0] ?? '';
  const from = /--from=(\S+)/.exec(flags)?.[1];
  if (from !== undefined) return { ...NOTHING, from: [from] };
  const rest = text.slice(flags.length).trim();
  const sources = (jsonWords(rest) ?? wordsOf(rest)).slice(0, -1).filter((word) => !word.startsWith('<<'));
  const remote = sources.some((source) => /^(https?:\/\/|git@|git:\/\/|ssh:\/\/)/.test(source));
  const local = sources.filter((source) => !/^\w+:\/\/|^git@/.test(source));
  return { paths: local.map(contextPath), from: [], remote };
}

function readsOfMounts(text: string): InstructionReads {
  const paths: string[] = [];
  const from: string[] = [];
  for (const [, mount = ''] of text.matchAll(/(?:^|\s)--mount=(\S+)/g)) {
    const fields = new Map(mount.split(',').map((field) => field.split('=', 2) as [string, string | undefined]));
    const type = fields.get('type') ?? 'bind';
    const source = fields.get('from');
    if (source !== undefined) from.push(source);
    else if (type === 'bind') paths.push(contextPath(fields.get('source') ?? fields.get('src') ?? '.'));
  }
  return { paths, from, remote: false };
}

function contextPath(source: string): string {
  if (source.includes('$')) return '.';
  return source.replace(/^\.?\/+/, '').replace(/\/+$/, '') || '.';
}

function jsonWords(text: string): string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const words: unknown = JSON.parse(text);
    return Array.isArray(words) ? words.map(String) : undefined;
  } catch {
    return undefined;
  }
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** `$NAME`, `${NAME}` and `${NAME:-default}`, the forms that FROM lines use. */
function expand(text: string, variables: Readonly<Record<string, string>>): string {
  return text
    .replace(/\$\{(\w+)(?::-([^}]*))?\}/g, (_, name: string, fallback = '') => variables[name] || fallback)
    .replace(/\$(\w+)/g, (_, name: string) => variables[name] ?? '');
}
