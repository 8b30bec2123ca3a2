/** The part of BuildKit's `rawjson` progress that is read here. */
interface Progress {
  readonly vertexes?: readonly Vertex[];
  readonly logs?: readonly { readonly vertex: string; readonly data: string }[];
}

interface Vertex {
  readonly digest: string;
  readonly name: string;
  readonly inputs?: readonly string[];
  readonly started?: string;
  readonly completed?: string;
  readonly cached?: boolean;
  readonly error?: string;
}

/** A step of a Dockerfile as BuildKit names it: `[gateway build 3/5] RUN npm ci`. */
export interface BuildStep {
  /** The target; empty when bake builds only one. */
  readonly target: string;
  readonly stage: string;
  /** Such as `3/5`. */
  readonly position: string;
  readonly text: string;
}

export interface FailedStep extends BuildStep {
  /** Those that it is a step of, directly or through others that need it. */
  readonly targets: readonly string[];
  /** As BuildKit names the instruction, flags included. */
  readonly instruction: string;
  readonly error: string;
  /** All that it printed, up to a bound. */
  readonly logs: readonly string[];
}

/** What a line of the progress tells. */
export interface ProgressNews {
  /** The step that begins with it. */
  readonly step?: BuildStep | undefined;
  /** The target whose image is there with it; empty when bake builds only one. */
  readonly exported?: string | undefined;
}

export interface BakeProgress {
  readonly push: (line: string) => ProgressNews;
  /** The steps that failed by themselves; none that were cancelled because of another one. */
  readonly failures: () => readonly FailedStep[];
  /** Whether all steps of the target came from the cache. */
  readonly cached: (target: string) => boolean;
  /** Lines that are no progress: what bake says at the end, with the place in the Dockerfile. */
  readonly words: () => readonly string[];
}

/** Of the output of one step, in characters: enough for whoever reads it, and bounded for whoever keeps it. */
const MAX_LOG = 1_000_000;

interface Known extends Vertex {
  /** Steps that targets share come once under the name of each. */
  readonly names: ReadonlySet<string>;
}

/** @param targets how many the call of bake has: with one, BuildKit leaves its name out of those of the steps */
export function createBakeProgress(targets: number): BakeProgress {
  const parsed = (name: string) => parseName(name, targets > 1);
  const vertexes = new Map<string, Known>();
  const logs = new Map<string, string>();
  const words: string[] = [];

  const pushVertex = (vertex: Vertex): ProgressNews => {
    const before = vertexes.get(vertex.digest);
    const names = new Set([...(before?.names ?? []), vertex.name]);
    vertexes.set(vertex.digest, { ...before, ...vertex, names });
    if (vertex.completed !== undefined && before?.completed === undefined && vertex.error === undefined) {
      const done = parsed(vertex.name);
      if (done !== undefined && EXPORT.test(done.text)) return { exported: done.target };
    }
    const begins = vertex.started !== undefined && before?.started === undefined && vertex.completed === undefined;
    return begins ? { step: stepOf(parsed(vertex.name)) } : {};
  };

  return {
    push: (line) => {
      const progress = parse(line);
      if (progress === undefined) {
        if (line.trim() !== '') words.push(line);
        return {};
      }
      for (const { vertex, data } of progress.logs ?? []) {
        logs.set(vertex, `${logs.get(vertex) ?? ''}${Buffer.from(data, 'base64').toString('utf8')}`.slice(-MAX_LOG));
      }
      let news: ProgressNews = {};
      for (const vertex of progress.vertexes ?? []) news = { ...news, ...withoutEmpty(pushVertex(vertex)) };
      return news;
    },
    failures: () => {
      const failed = [...vertexes.values()].filter(({ error }) => error !== undefined && !isCancelled(error));
      return failed.map((vertex) => {
        const lines = (logs.get(vertex.digest) ?? '').split(/\r?\n/).filter((line) => line.trim() !== '');
        const name = parsed(vertex.name);
        const step = stepOf(name) ?? { target: '', stage: '', position: '', text: vertex.name };
        const instruction = name?.text ?? vertex.name;
        const own = [...after(vertex, vertexes)].flatMap((known) =>
          [...known.names].flatMap((one) => parsed(one) ?? []),
        );
        return {
          ...step,
          targets: [...new Set(own.map(({ target }) => target))],
          instruction,
          error: vertex.error ?? '',
          logs: lines,
        };
      });
    },
    cached: (target) => {
      const steps = [...vertexes.values()].filter(({ names }) =>
        [...names]
          .map((name) => stepOf(parsed(name)))
          .some((step) => step?.target === target && !step.text.startsWith('FROM ')),
      );
      // A step that never began was not needed: another of the same content took its place, or what follows was cached.
      return steps.every(({ cached, started, completed }) => cached === true || (started ?? completed) === undefined);
    },
    words: () => words,
  };
}

function withoutEmpty(news: ProgressNews): ProgressNews {
  return {
    ...(news.step === undefined ? {} : { step: news.step }),
    ...(news.exported === undefined ? {} : { exported: news.exported }),
  };
}

function isCancelled(error: string | undefined): boolean {
  return /context canceled|CANCELED/i.test(error ?? '');
}

/** A step and all that come after it. */
function after(vertex: Known, vertexes: ReadonlyMap<string, Known>): ReadonlySet<Known> {
  const next = new Map<string, Known[]>();
  for (const known of vertexes.values()) {
    for (const input of known.inputs ?? []) next.set(input, [...(next.get(input) ?? []), known]);
  }
  const seen = new Set<Known>();
  const visit = (known: Known) => {
    if (seen.has(known)) return;
    seen.add(known);
    for (const one of next.get(known.digest) ?? []) visit(one);
  };
  visit(vertex);
  return seen;
}

function parse(line: string): Progress | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Progress;
  } catch {
    return undefined;
  }
}

const NAME = /^\[([^\]]*)\] ([\s\S]*)$/;
const EXPORT = /^exporting to \S+/;

interface ParsedName {
  readonly target: string;
  readonly step?: { readonly stage: string; readonly position: string } | undefined;
  readonly text: string;
}

/**
 * `[stage 3/5] RUN …`, or `[3/5] RUN …` where there is only one stage; the platform in front of it where there are
 * several; and before all that the target where there are several.
 */
function parseName(name: string, hasTargets: boolean): ParsedName | undefined {
  const [, inside = '', text = ''] = NAME.exec(name) ?? [];
  if (inside === '') return hasTargets ? undefined : { target: '', text: name };
  const words = inside.split(/ +/);
  const target = hasTargets ? (words.shift() ?? '') : '';
  const position = /^\d+\/\d+$/.test(words.at(-1) ?? '') ? words.pop() : undefined;
  if (position === undefined) return { target, text };
  const stage = words.filter((word) => !word.includes('/')).join(' ');
  return { target, step: { stage, position }, text };
}

function stepOf(parsed: ParsedName | undefined): BuildStep | undefined {
  if (parsed?.step === undefined) return undefined;
  return { target: parsed.target, ...parsed.step, text: shortStep(parsed.text) };
}

/** `RUN --mount=… --mount=… a && b` → `RUN a && b`: what is done, without how the step reaches its caches. */
function shortStep(text: string): string {
  return (
    text
      .replace(/--(mount|network|security|link|chown|chmod|from)(=\S+)? +/g, '')
      .replace(/\s+/g, ' ')
      // The line in front of every step of a generated Dockerfile that reads from a registry.
      .replace('if [ -f /run/secrets/ca.pem ]; then export ', '')
      .replace(/^RUN \w+=\/run\/secrets\/ca\.pem; fi && /, 'RUN ')
      .trim()
  );
}
