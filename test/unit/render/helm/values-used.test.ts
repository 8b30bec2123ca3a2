import { afterAll, describe, expect, it } from 'vitest';
import { createChart } from '../../../../src/render/helm/chart.ts';
import { chartValues } from '../../../../src/render/helm/chart-values.ts';
import { leavesOf, type Plain, type ValueLeaf } from '../../../../src/render/helm/value-tree.ts';
import { chartOnDisk, inBatches } from '../../../support/helm-chart.ts';
import { merged, TOSKAMESH } from './meshes.ts';

const meshes = TOSKAMESH();
const chart = chartOnDisk(meshes);
afterAll(() => chart[Symbol.dispose]());

const leaves = leavesOf(chartValues(createChart(meshes)));

/** What is on while a value is looked for: some are used only where others are off. */
const SWITCHED = {
  ...Object.fromEntries(
    ['ingress', 'podDisruptionBudget', 'networkPolicies', 'serviceMonitor', 'waitFor', 'migrations'].map((key) => [
      key,
      { enabled: true },
    ]),
  ),
  ...Object.fromEntries(createChart(meshes).services.map(({ key }) => [key, { autoscaling: { enabled: true } }])),
};
const BASES: Readonly<Record<string, object>> = {
  plain: {},
  outside: { ...SWITCHED, externalSecrets: { enabled: true, storeName: 'store' } },
  inside: { ...SWITCHED, infrastructure: { enabled: true, redis: { enabled: true }, grafana: { enabled: true } } },
};

/** Values in whose presence others are not used. */
const HIDING = /existingSecret$|^fullnameOverride$/;

/** Several values are changed in one run, each to a text or number that is nowhere else; switches and choices one by one. */
describe('every value of the chart', () => {
  it('has a comment, and a place in the schema', () => {
    for (const [path, { comment, schema }] of leaves) {
      expect(comment, path.join('.')).not.toBe('');
      expect(Object.keys(schema), path.join('.')).not.toEqual([]);
    }
  });

  it('is named by a template', () => {
    const templates = [...chart.files]
      .filter(([file]) => file.startsWith('templates/'))
      .map(([, text]) => text)
      .join('\n');
    const unnamed = leaves.filter(([path]) => {
      const whole = `.Values.${path.join('.')}`;
      // Fields of an image are handed to a template as one.
      const parent = `.Values.${path.slice(0, -1).join('.')}`;
      const isNamed = (text: string) => new RegExp(`${text.replaceAll('.', '\\.')}(?![A-Za-z0-9.])`).test(templates);
      return !isNamed(whole) && !isNamed(parent);
    });
    expect(unnamed.map(([path]) => path.join('.'))).toEqual([]);
  });

  it('shows in what is rendered, where it is a text or a number', async () => {
    const marked = leaves.flatMap(([path, leaf], index) => {
      const mark = markOf(leaf, index);
      return mark === undefined ? [] : [{ path, ...mark }];
    });
    const visible = marked.filter(({ path }) => !HIDING.test(path.join('.')));
    const all = [visible, marked].map((some) => merged(...some.map(({ path, value }) => nested(path, value))));
    const runs = await inBatches(
      all.flatMap((values) => Object.values(BASES).map((base) => merged(base, values))),
      async (values) => {
        const { stdout, stderr } = await chart.template(values);
        expect(stderr).toBe('');
        return stdout;
      },
    );
    const rendered = runs.join('\n');
    expect(marked.filter(({ text }) => !rendered.includes(text)).map(({ path }) => path.join('.'))).toEqual([]);
    expect(marked.length).toBeGreaterThan(150);
  });

  it('changes what is rendered, where it is a switch or a choice', async () => {
    const choices = leaves.flatMap(([path, leaf]) => {
      const other = otherChoice(leaf);
      return other === undefined ? [] : [{ path, other }];
    });
    const before = new Map<string, string>();
    for (const [name, base] of Object.entries(BASES)) before.set(name, (await chart.template(base)).stdout);
    const unused = await inBatches(choices, async ({ path, other }) => {
      for (const [name, base] of basesFor(path)) {
        const { stdout } = await chart.template(merged(base, nested(path, other(at(base, path)))));
        if (stdout !== before.get(name)) return undefined;
      }
      return path.join('.');
    });
    expect(unused.filter((path) => path !== undefined)).toEqual([]);
  });
});

/** Those in which a value is likely to be used come first. */
function basesFor(path: readonly string[]): [string, object][] {
  const likely = path[0] === 'infrastructure' ? 'inside' : Object.hasOwn(SWITCHED, path[0] ?? '') ? 'outside' : 'plain';
  return Object.entries(BASES).toSorted(([a], [b]) => Number(b === likely) - Number(a === likely));
}

interface Mark {
  readonly value: Plain;
  /** What must be found. */
  readonly text: string;
}

function markOf({ schema, dev }: ValueLeaf, index: number): Mark | undefined {
  const word = `mark${index}x`;
  const number = 20_000 + index;
  switch (typeof dev) {
    case 'string':
      return schema.enum === undefined ? { value: word, text: word } : undefined;
    case 'number':
      return schema.maximum === undefined && index > 1e6 ? undefined : { value: number, text: String(number) };
    case 'object': {
      if (schema.type === 'array') {
        const items = schema.items as { readonly type?: string };
        return items.type === 'string' ? { value: [word], text: word } : undefined;
      }
      const fields = schema.properties as Readonly<Record<string, unknown>> | undefined;
      return fields === undefined
        ? { value: { key: word }, text: word }
        : { value: { limits: { cpu: word } }, text: word };
    }
    default:
      return undefined;
  }
}

function otherChoice({ schema, dev }: ValueLeaf): ((now: unknown) => Plain) | undefined {
  if (typeof dev === 'boolean') return (now) => !(now ?? dev);
  const choices = schema.enum as readonly Plain[] | undefined;
  if (choices !== undefined) return (now) => choices.find((choice) => choice !== (now ?? dev)) ?? dev;
  return undefined;
}

function nested(path: readonly string[], value: Plain): object {
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as object;
}

function at(values: object, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], values);
}
