import { beforeAll, describe, expect, it } from 'vitest';
import type { ChartEnvironment } from '../../../src/audit/expect/helm-style.ts';
import { createRandom } from '../random.ts';
import { linesOf, meshOf } from './audit-bench.ts';
import { type ReleasedChart, releaseChart } from './chart-bench.ts';
import { mutationTable } from './mutation-table.ts';
import { OBJECT_MUTATIONS, POLICY_MUTATIONS } from './mutations.ts';
import { randomManifest } from './random-manifest.ts';

const SEEDS = Array.from({ length: 8 }, (_, index) => index + 1);
const TIMEOUT_MS = 120_000;

let charts: readonly ReleasedChart[] = [];

beforeAll(async () => {
  const released: ReleasedChart[] = [];
  // One after the other: each runs Helm three times at once.
  for (const seed of SEEDS) {
    const manifest = randomManifest(createRandom(seed));
    released.push(await releaseChart({ dev: meshOf(manifest), prod: meshOf(manifest, 'prod') }));
  }
  charts = released;
}, TIMEOUT_MS);

describe('a chart that mesh generates', () => {
  it.each(SEEDS)('says what the manifest says, in both environments: manifest %i', (seed) => {
    const chart = charts[seed - 1];
    if (chart === undefined) throw new Error('no such chart');
    expect(linesOf(chart.audit('dev', chart.dev))).toEqual([]);
    expect(linesOf(chart.audit('prod', chart.prod))).toEqual([]);
  });

  it.each(SEEDS)('holds together with all switched on, and uses all of its values: manifest %i', (seed) => {
    const chart = charts[seed - 1];
    if (chart === undefined) throw new Error('no such chart');
    expect(linesOf(chart.auditSwitchedOn(chart.switchedOn))).toEqual([]);
    expect(linesOf(chart.auditValues())).toEqual([]);
  });

  it('works without an environment for production', async () => {
    const text = randomManifest(createRandom(1)).replace(/environments:[\s\S]*/, '');
    const chart = await releaseChart({ dev: meshOf(text) });
    expect(linesOf(chart.audit('prod', chart.prod))).toEqual([]);
  });
});

describe('every change to what Helm renders is found', () => {
  it.each<ChartEnvironment>(['dev', 'prod'])(
    'with the values of %s',
    (environment) => {
      const texts = charts.map((chart) => ({
        text: chart[environment],
        audit: (text: string) => chart.audit(environment, text),
      }));
      const table = mutationTable(OBJECT_MUTATIONS, texts);
      expect(table.filter(({ line, missed }) => missed.length > 0 || line.startsWith('0 of'))).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'in network policies',
    () => {
      const texts = charts.map((chart) => ({ text: chart.switchedOn, audit: chart.auditSwitchedOn }));
      expect(mutationTable(POLICY_MUTATIONS, texts).map(({ line }) => line)).toMatchInlineSnapshot(`
        [
          "4 of 4  objects: block all that comes in",
          "4 of 4  objects: block all that goes out",
          "4 of 4  objects: admit another port",
          "4 of 4  objects: admit every service",
          "4 of 4  objects: scale what is not there",
          "4 of 4  objects: protect what is not there",
        ]
      `);
    },
    TIMEOUT_MS,
  );
});
