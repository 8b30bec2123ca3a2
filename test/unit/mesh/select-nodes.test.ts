import { describe, expect, it } from 'vitest';
import { selectNodes } from '../../../src/mesh/select-nodes.ts';
import { meshWith, need, nodeWith } from '../render/mesh-builder.ts';

const mesh = meshWith({
  nodes: [
    nodeWith({ name: 'dashboards', profiles: ['debug', 'demo'], needs: [need('metrics')] }),
    nodeWith({ name: 'metrics', profiles: ['debug', 'demo'] }),
    nodeWith({ name: 'web', needs: [need('api')] }),
    nodeWith({ name: 'api', needs: [need('db')] }),
    nodeWith({ name: 'db' }),
    nodeWith({ name: 'job', needs: [need('db', 'started')] }),
  ],
});

const select = (names: readonly string[], profiles: readonly string[] = []) => selectNodes(mesh, { names, profiles });

describe('selectNodes', () => {
  it('takes all that is on, needs first', () => {
    expect(select([])).toEqual({ value: ['db', 'api', 'job', 'web'], diagnostics: [] });
  });

  it('takes what is named with all that it needs', () => {
    expect(select(['web']).value).toEqual(['db', 'api', 'web']);
    expect(select(['db', 'job', 'db']).value).toEqual(['db', 'job']);
  });

  it('turns on a profile, and a node that is named without one', () => {
    expect(select([], ['demo']).value).toEqual(['metrics', 'db', 'dashboards', 'api', 'job', 'web']);
    expect(select(['dashboards']).value).toEqual(['metrics', 'dashboards']);
  });

  it('reports every name and profile that is not there', () => {
    const { value, diagnostics } = select(['wbe', 'nothing-like-it'], ['debgu', 'x']);
    expect(value).toBeUndefined();
    expect(diagnostics.map(({ code, message, hint }) => [code, message, hint])).toEqual([
      ['MESH1209', 'there is no service "wbe"', 'did you mean "web"?'],
      ['MESH1209', 'there is no service "nothing-like-it"', 'there are: dashboards, metrics, web, api, db, job'],
      ['MESH1210', 'there is no profile "debgu"', 'did you mean "debug"?'],
      ['MESH1210', 'there is no profile "x"', 'there are: debug, demo'],
    ]);
  });
});
