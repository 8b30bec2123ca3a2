import stripAnsi from 'strip-ansi';
import { expect, test } from 'vitest';
import { type PortRow, renderPortsTable } from '../../../src/report/ports-table.ts';
import { createStyles } from '../../../src/report/styles.ts';

const ROWS: readonly PortRow[] = [
  {
    hostPort: 5000,
    node: 'gateway',
    endpoint: 'http',
    containerPort: 80,
    protocol: 'http',
    note: 'as the manifest asks',
    location: 'mesh.yaml:31:9',
  },
  {
    hostPort: 5010,
    node: 'discovery',
    endpoint: 'http',
    containerPort: 80,
    protocol: 'http',
    note: "remapped: preset asks 5001, which is auth-service's",
    location: 'mesh.yaml:40:9',
  },
  {
    hostPort: 18600,
    node: 'consul',
    endpoint: 'dns',
    containerPort: 8600,
    protocol: 'udp',
    note: '',
    location: 'toskamesh (preset):12:7',
  },
  {
    node: 'core',
    endpoint: 'tcp',
    containerPort: 8080,
    protocol: 'tcp',
    note: 'not published',
    location: 'mesh.yaml:9:5',
  },
];

function render(columns?: number, color = false): string {
  return renderPortsTable(ROWS, createStyles({ color }), columns);
}

test('every port, what is behind it, why it is that one, and who says so', () => {
  expect(render(120)).toMatchInlineSnapshot(`
    " 5000   gateway http → 80       as the manifest asks                                  mesh.yaml:31:9
     5010   discovery http → 80     remapped: preset asks 5001, which is auth-service's   mesh.yaml:40:9
    18600   consul dns → 8600/udp                                                         toskamesh (preset):12:7
        –   core tcp → 8080         not published                                         mesh.yaml:9:5
    "
  `);
  expect(render()).toBe(render(120));
});

test('at 80 columns without the place, which a script can still read with --json', () => {
  expect(render(80)).toMatchInlineSnapshot(`
    " 5000   gateway http → 80       as the manifest asks
     5010   discovery http → 80     remapped: preset asks 5001, which is auth-servi…
    18600   consul dns → 8600/udp
        –   core tcp → 8080         not published
    "
  `);
});

test('at 40 columns', () => {
  expect(render(40)).toMatchInlineSnapshot(`
    " 5000   gateway http → 80       as the …
     5010   discovery http → 80     remappe…
    18600   consul dns → 8600/udp
        –   core tcp → 8080         not pub…
    "
  `);
});

test('colour only adds', () => {
  const coloured = render(80, true);
  expect(coloured).not.toBe(stripAnsi(coloured));
  expect(stripAnsi(coloured)).toBe(render(80));
});
