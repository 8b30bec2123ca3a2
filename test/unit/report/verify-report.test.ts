import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/audit/finding.ts';
import { createStyles } from '../../../src/report/styles.ts';
import { renderVerification, type Verification, verificationJson } from '../../../src/report/verify-report.ts';

const at = (file: string, line: number) => ({ file, line, column: 3, endLine: line, endColumn: 4 });

const FINDING: Finding = {
  code: 'MESH4102',
  target: 'k8s',
  service: 'gateway',
  fact: 'variable URLS',
  message: 'gateway: variable URLS is "http://+:81" in k8s, and should be "http://+:80"',
  places: [
    { what: 'manifest', at: at('mesh.yaml', 2) },
    { what: 'k8s', at: at('k8s/gateway/configmap.yaml', 1) },
  ],
  expected: 'http://+:80',
  found: 'http://+:81',
  hint: 'run: mesh generate',
};

function verification(...findings: readonly Finding[]): Verification {
  const targets = [
    { name: 'compose', comparisons: 10, findings: 0 },
    { name: 'k8s', comparisons: 10, findings: 1 },
  ];
  return { targets, findings, comparisons: 20, notes: ['helm was not compared'] };
}

const sources = new Map([
  ['mesh.yaml', { file: 'mesh.yaml', text: 'services:\n  URLS: http://+:80' }],
  ['k8s/gateway/configmap.yaml', { file: 'k8s/gateway/configmap.yaml', text: '  URLS: http://+:81\u001b[31m' }],
]);

function render(shown: Verification, columns = Number.POSITIVE_INFINITY): string {
  return renderVerification(shown, { styles: createStyles({ color: false }), columns, sources });
}

describe('a verification', () => {
  it('is one line where all say the same', () => {
    expect(render(verification())).toBe(
      '✔ compose · k8s say the same in 20 of 20 comparisons\nhelm was not compared\n',
    );
  });

  it('groups findings by service, with the lines of both places', () => {
    const chart = { ...FINDING, service: '', message: 'value a is used by no template', places: [] };
    expect(render(verification(FINDING, chart))).toMatchInlineSnapshot(`
      "gateway
        ✘ variable URLS is "http://+:81" in k8s, and should be "http://+:80" (MESH4102)
           manifest  mesh.yaml:2:3   URLS: http://+:80
           k8s       k8s/gateway/configmap.yaml:1:3   URLS: http://+:81
           do        run: mesh generate

      all services
        ✘ value a is used by no template (MESH4102)
           do  run: mesh generate

      ✘ 2 findings: compose · k8s say the same in 18 of 20 comparisons
      helm was not compared
      "
    `);
  });

  it('shows no line that may hold a secret', () => {
    expect(render(verification({ ...FINDING, hidden: true }))).not.toContain('URLS: http');
  });

  it('fits a narrow terminal', () => {
    const text = render(verification(FINDING), 60);
    expect(text.split('\n').every((line) => line.length <= 60)).toBe(true);
    expect(text).toMatchInlineSnapshot(`
      "gateway
        ✘ variable URLS is "http://+:81" in k8s, and should be
          "http://+:80" (MESH4102)
           manifest  mesh.yaml:2:3   URLS: http://+:80
           k8s       k8s/gateway/configmap.yaml:1:3   URLS: http:…
           do        run: mesh generate

      ✘ 1 finding: compose · k8s say the same in 19 of 20
        comparisons
      helm was not compared
      "
    `);
  });

  it('is one document for scripts, without what only the report needs', () => {
    const document = JSON.parse(verificationJson(verification({ ...FINDING, hidden: true }))) as object;
    expect(document).toMatchObject({ v: 1, ok: false, comparisons: 20, same: 19, notes: ['helm was not compared'] });
    expect(JSON.stringify(document)).not.toContain('hidden');
  });
});
