import { expect, test } from 'vitest';
import { type PrunedMesh, renderPruneTable } from '../../../src/report/prune-table.ts';
import { createStyles } from '../../../src/report/styles.ts';

function pruned(fields: Partial<PrunedMesh>): PrunedMesh {
  return {
    ...{ project: 'shop-x', mesh: 'shop', instance: 'x', root: '/src/x', engine: 'docker' },
    ...{ containers: [], networks: [], volumes: [], images: [], processes: [], folders: [] },
    ...fields,
  };
}

function render(meshes: readonly PrunedMesh[], dryRun: boolean): string {
  return renderPruneTable(meshes, { styles: createStyles({ color: false }), dryRun });
}

const MESHES = [
  pruned({ containers: ['shop-x-web-1', 'shop-x-db-1'], networks: ['shop-x_default'], volumes: ['shop-x_rows'] }),
  pruned({ project: 'hosted', root: '/src/hosted', processes: [612], folders: ['/var/lib/mesh/1'] }),
  pruned({ project: 'empty', root: '/src/empty' }),
  pruned({ project: 'far', root: '/src/far', skipped: 'it ran on another engine' }),
];

test('lists everything by name', () => {
  expect(render(MESHES, false)).toMatchInlineSnapshot(`
    "removed shop-x: /src/x is gone
      containers shop-x-web-1, shop-x-db-1
      network shop-x_default
      volume shop-x_rows
    removed hosted: /src/hosted is gone
      process 612
      folder /var/lib/mesh/1
    removed empty: /src/empty is gone
      nothing but its entry in the list of meshes
    kept far: /src/far is gone
      it ran on another engine
    "
  `);
});

test('says what would be done', () => {
  expect(render(MESHES.slice(0, 1), true)).toMatch(/^would remove shop-x: \/src\/x is gone\n/);
});

test('says when there is nothing to do', () => {
  expect(render([], false)).toBe('nothing to remove: the folder of every mesh is there\n');
});
