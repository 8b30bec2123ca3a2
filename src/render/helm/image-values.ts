import type { Chart, ChartNode } from './chart.ts';
import { FILLED_TEXT, PULL_POLICY, TEXT } from './value-schemas.ts';
import { branch, leaf, type ValueTree } from './value-tree.ts';

/** `registry:5000/shop/api:1.2` → its two parts; a digest is a tag that holds a colon. */
export function splitImage(image: string): { readonly repository: string; readonly tag: string | undefined } {
  const [name = '', digest] = image.split('@');
  const [, repository = name, tag] = /^(.*?)(?::([^:/]*))?$/.exec(name) ?? [];
  return { repository, tag: digest ?? tag };
}

/** The image of a node. What is built here is the latest in development, and the version of the mesh in production. */
export function imageValues(chart: Chart, { dev, prod, node }: ChartNode): ValueTree {
  const before = splitImage((dev ?? node).image);
  const after = splitImage((prod ?? node).image);
  const isBuilt = node.build !== undefined;
  return branch('Its image.', {
    repository: leaf({
      comment: isBuilt ? 'Its name, without imageRegistry.' : 'Its name.',
      schema: FILLED_TEXT,
      dev: before.repository,
      prod: after.repository,
    }),
    tag: leaf({
      comment: 'The tag, or a digest (sha256:…). Empty: the version of the mesh.',
      schema: TEXT,
      dev: before.tag ?? 'latest',
      prod: after.tag ?? (isBuilt ? chart.appVersion.replaceAll(/[^\w.-]+/g, '-') : 'latest'),
    }),
    pullPolicy: leaf({
      comment: 'When it is pulled.',
      schema: PULL_POLICY,
      dev: 'IfNotPresent',
      prod: node.kind === 'service' ? 'Always' : 'IfNotPresent',
    }),
  });
}
