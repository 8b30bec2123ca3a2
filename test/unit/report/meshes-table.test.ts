import { expect, test } from 'vitest';
import { type ListedMesh, renderMeshesTable } from '../../../src/report/meshes-table.ts';
import { createStyles } from '../../../src/report/styles.ts';
import { widthOf } from '../../../src/report/text-width.ts';

function listed(fields: Partial<ListedMesh>): ListedMesh {
  return {
    ...{ project: 'shop', mesh: 'shop', root: '/home/me/src/shop', isThere: true, engine: 'docker' },
    ...{ running: 3, nodes: 3, offset: 0, ports: [5000, 5432], listed: true },
    ...fields,
  };
}

function render(meshes: readonly ListedMesh[], columns = 120): string {
  return renderMeshesTable(meshes, { columns, styles: createStyles({ color: false }), home: '/home/me' });
}

const MESHES = [
  listed({}),
  listed({ project: 'shop-x', instance: 'x', root: '/tmp/x', isThere: false, running: 1, ports: [1, 2, 3, 4, 5, 6] }),
  listed({ project: 'idle', mesh: 'idle', engine: 'process', running: 0, nodes: 0, ports: [] }),
  listed({ project: 'far', mesh: 'far', root: '/home/me', running: undefined, nodes: undefined }),
  listed({ project: 'lost', mesh: 'lost', root: '/gone/lost', isThere: false, listed: false }),
];

test('says where each is, what runs of it, and what to do where the folder is gone', () => {
  expect(render(MESHES)).toMatchInlineSnapshot(`
    "MESH   INSTANCE   ENGINE    RUNNING   FOLDER              PORTS
    shop   –          docker     3 of 3   ~/src/shop          5000 5432
    shop   x          docker     1 of 3   /tmp/x (gone)       1 2 3 4 and 2 more
    idle   –          process         0   ~/src/shop
    far    –          docker          ?   ~                   5000 5432
    lost   –          docker     3 of 3   /gone/lost (gone)   5000 5432
    next: mesh dev prune --dry-run (lists what is left where a folder is gone)
    lost is not in the list of this machine; to remove it: docker compose -p lost down
    "
  `);
});

test('wraps nothing in a narrow terminal', () => {
  const lines = render(MESHES, 60).split('\n');
  expect(lines.every((line) => widthOf(line) <= 60)).toBe(true);
});

test('says how to begin when there is none', () => {
  expect(render([])).toBe('no mesh was brought up on this machine; begin with: mesh dev up\n');
});
