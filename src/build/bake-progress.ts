/** The part of BuildKit's `rawjson` progress that is read here. */
interface Progress {
  readonly vertexes?: readonly Vertex[];
  readonly logs?: readonly { readonly vertex: string; readonly data: string }[];
}

interface Vertex {
  readonly digest: string;
  readonly name: string;
  readonly started?: string;
  readonly completed?: string;
  readonly cached?: boolean;
  readonly error?: string;
}

/** A step of a Dockerfile as BuildKit names it: `[gateway build 3/5] RUN npm ci`. */
export interface BuildStep {
  /** The target; empty when bake builds only one. */
  readonly target: string;
  readonly text: string;
}

export interface FailedStep extends BuildStep {
  readonly error: string;
  /** Its last output lines. */
  readonly logs: readonly string[];
}

export interface BakeProgress {
  /** One line of the progress output. Returns the step that begins with it, if one does. */
  readonly push: (line: string) => BuildStep | undefined;
  readonly failed: () => FailedStep | undefined;
  /** Whether all steps of the target came from the cache. */
  readonly cached: (target: string) => boolean;
  /** Lines that are no progress: what bake says at the end, with the place in the Dockerfile. */
  readonly words: () => readonly string[];
}

const MAX_LOG_LINES = 20;

export function createBakeProgress(): BakeProgress {
  const vertexes = new Map<string, Vertex>();
  const logs = new Map<string, string>();
  const words: string[] = [];

  const pushVertex = (vertex: Vertex): BuildStep | undefined => {
    const before = vertexes.get(vertex.digest);
    vertexes.set(vertex.digest, { ...before, ...vertex });
    const begins = vertex.started !== undefined && before?.started === undefined && vertex.completed === undefined;
    return begins ? stepOf(vertex.name) : undefined;
  };

  return {
    push: (line) => {
      const progress = parse(line);
      if (progress === undefined) {
        if (line.trim() !== '') words.push(line);
        return undefined;
      }
      for (const { vertex, data } of progress.logs ?? []) {
        logs.set(vertex, `${logs.get(vertex) ?? ''}${Buffer.from(data, 'base64').toString('utf8')}`.slice(-20_000));
      }
      let step: BuildStep | undefined;
      for (const vertex of progress.vertexes ?? []) step = pushVertex(vertex) ?? step;
      return step;
    },
    failed: () => {
      const all = [...vertexes.values()].filter((vertex) => vertex.error !== undefined);
      // The others were cancelled because of it.
      const vertex = all.find((candidate) => !/context canceled|CANCELED/i.test(candidate.error ?? '')) ?? all[0];
      if (vertex === undefined) return undefined;
      const lines = (logs.get(vertex.digest) ?? '').split(/\r?\n/).filter((line) => line.trim() !== '');
      const step = stepOf(vertex.name) ?? { target: '', text: vertex.name };
      return { ...step, error: vertex.error ?? '', logs: lines.slice(-MAX_LOG_LINES) };
    },
    cached: (target) => {
      const steps = [...vertexes.values()].filter((vertex) => {
        const step = stepOf(vertex.name);
        return step !== undefined && step.target === target && !step.text.startsWith('FROM ');
      });
      return steps.every((vertex) => vertex.cached === true);
    },
    words: () => words,
  };
}

function parse(line: string): Progress | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Progress;
  } catch {
    return undefined;
  }
}

const STEP = /^\[(?:(\S+) )?(?:\S+) +\d+\/\d+\] ([\s\S]*)$/;

function stepOf(name: string): BuildStep | undefined {
  const match = STEP.exec(name);
  return match === null ? undefined : { target: match[1] ?? '', text: shortStep(match[2] ?? '') };
}

/** `RUN --mount=… --mount=… a && b` → `RUN a && b`: what is done, without how the step reaches its caches. */
function shortStep(text: string): string {
  return text
    .replace(/--(mount|network|security|link|chown|chmod|from)(=\S+)? +/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}
