export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

export interface MetricsText {
  readonly samples: readonly Sample[];
  /** The type of each family, as its `# TYPE` line has it. */
  readonly types: ReadonlyMap<string, string>;
}

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\\n]|\\.)*)"[ \t]*(,|(?=\}))/y;
const LABELS_BEGIN = /[ \t]*\{/y;
const LABELS_END = /[ \t]*\}/y;
/** A value, and perhaps the time at which it was measured. */
const VALUE = /[ \t]+([^ \t]+)(?:[ \t]+-?\d+)?[ \t]*$/y;
const TYPE_LINE = /^#[ \t]+TYPE[ \t]+([a-zA-Z_:][a-zA-Z0-9_:]*)[ \t]+([a-z]+)[ \t]*$/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/**
 * Prometheus' text format, version 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/
 *
 * @throws Error that names the line that is no such text: half of an answer would be a wrong one
 */
export function parseMetrics(text: string): MetricsText {
  const samples: Sample[] = [];
  const types = new Map<string, string>();
  for (const [at, line] of text.split('\n').entries()) {
    const type = TYPE_LINE.exec(line);
    if (type?.[1] !== undefined && type[2] !== undefined) {
      types.set(type[1], type[2]);
    } else if (line.trim() !== '' && !line.startsWith('#')) {
      const sample = parseSample(line.trim());
      if (sample === undefined) {
        throw new Error(`line ${at + 1} is no metric in Prometheus' text format`);
      }
      samples.push(sample);
    }
  }
  return { samples, types };
}

/** Whether samples of this name only ever grow, until their process restarts. */
export function isCounter(name: string, types: ReadonlyMap<string, string>): boolean {
  const type = types.get(name) ?? types.get(name.replace(/_(?:bucket|sum|count)$/, ''));
  return type === 'counter' || type === 'histogram';
}

function parseSample(line: string): Sample | undefined {
  const name = matchAt(NAME, line, 0)?.[0];
  if (name === undefined) {
    return undefined;
  }
  const open = matchAt(LABELS_BEGIN, line, name.length)?.[0];
  const labelled = open === undefined ? { labels: {}, end: name.length } : parseLabels(line, name.length + open.length);
  const text = labelled === undefined ? undefined : matchAt(VALUE, line, labelled.end)?.[1];
  const value = text === undefined ? undefined : parseValue(text);
  return labelled === undefined || value === undefined ? undefined : { name, labels: labelled.labels, value };
}

function parseLabels(line: string, from: number): { readonly labels: Labels; readonly end: number } | undefined {
  const found: [string, string][] = [];
  let at = from;
  for (let label = matchAt(LABEL, line, at); label !== undefined; label = matchAt(LABEL, line, at)) {
    found.push([label[1] ?? '', unescaped(label[2] ?? '')]);
    at += label[0].length;
  }
  const end = matchAt(LABELS_END, line, at);
  return end === undefined ? undefined : { labels: Object.fromEntries(found), end: at + end[0].length };
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
}

function parseValue(text: string): number | undefined {
  const special = /^([+-]?)(inf|nan)$/i.exec(text);
  if (special !== null) {
    return special[2]?.toLowerCase() === 'nan' ? Number.NaN : special[1] === '-' ? -Infinity : Infinity;
  }
  return NUMBER.test(text) ? Number(text) : undefined;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}
